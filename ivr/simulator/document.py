"""Reads the XML of an answer, refusing what Twilio refuses before it looks at any verb."""

from xml.etree import ElementTree

from ivr.simulator.faults import TwimlRefusedError

MAX_BYTES = 64 * 1024
"""Twilio, error 11750: a TwiML response may be at most 64 kB."""
_CONTENT_TYPES = ("text/xml", "application/xml", "text/html")


def read_xml(body: bytes, content_type: str) -> ElementTree.Element:
    """The root element of an answer. Raises TwimlRefusedError, saying why."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in _CONTENT_TYPES:
        raise TwimlRefusedError(
            12300,
            f"The answer's Content-Type is {kind or 'missing'}: answer with text/xml.",
        )
    if len(body) > MAX_BYTES:
        raise TwimlRefusedError(
            11750, f"The document has {len(body)} bytes; at most {MAX_BYTES} are allowed."
        )
    if not body.strip():
        raise TwimlRefusedError(11770, "Answer with a <Response>, empty if need be.")
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise TwimlRefusedError(12100, "A TwiML document must not declare a type or entities.")
    try:
        return ElementTree.fromstring(body)  # noqa: S314  # entities were refused just above
    except ElementTree.ParseError as error:
        raise TwimlRefusedError(12100, f"It is not XML: {error}.") from error
