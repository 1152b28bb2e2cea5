"""Reads TwiML as strictly as Twilio does, and more loudly.

Where Twilio would log a warning and carry on (an unknown attribute), this company refuses the
document: a warning in somebody's debugger is seen by no test.
"""

import re
from collections.abc import Callable
from typing import TypeVar, cast
from xml.etree import ElementTree

from ivr.simulator.attributes import NOT_OBEYED, Value, read_attributes
from ivr.simulator.document import read_xml
from ivr.simulator.faults import TwimlRefusedError
from ivr.simulator.verbs import (
    Dial,
    Enqueue,
    Gather,
    Hangup,
    Leave,
    Message,
    Number,
    Pause,
    Play,
    Prompt,
    Queue,
    Record,
    Redirect,
    Say,
    Verb,
)

MAX_SAY = 4096
MAX_SAY_POLLY = 3000
"""Characters in one <Say>. Twilio, TwiML <Say>: 4096 with basic voices, 3000 with Polly."""
MAX_NUMBERS = 10
"""Numbers in one <Dial>. Twilio, TwiML <Number>."""
MAX_QUEUE_NAME = 64
"""Characters. Twilio, TwiML <Enqueue>."""

_SSML = frozenset(
    {"break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"}
)
_T = TypeVar("_T")


def parse_voice(body: bytes, content_type: str) -> tuple[Verb, ...]:
    """The verbs of an answer to a voice webhook. Raises TwimlRefusedError, saying why."""
    return tuple(_voice_verb(element) for element in _verbs(body, content_type))


def parse_messaging(body: bytes, content_type: str) -> tuple[Message, ...]:
    """The replies in an answer to a message webhook. Raises TwimlRefusedError, saying why.

    An empty body (with status 204 or 200) is no reply, as with Twilio.
    """
    if not body.strip():
        return ()
    return tuple(_message(element) for element in _verbs(body, content_type))


def _verbs(body: bytes, content_type: str) -> list[ElementTree.Element]:
    root = read_xml(body, content_type)
    if root.tag != "Response":
        raise TwimlRefusedError(12102, f"The document starts with <{root.tag}>.")
    read_attributes("Response", root.attrib)
    _no_text(root)
    return list(root)


def _voice_verb(element: ElementTree.Element) -> Verb:
    reader = _VERBS.get(element.tag)
    if reader is None:
        raise _unknown(element.tag, "Response")
    return reader(element)


def _unknown(tag: str, parent: str, code: int = 12200) -> TwimlRefusedError:
    if tag in _VERBS:
        return TwimlRefusedError(code, f"<{tag}> may not stand inside <{parent}>.")
    if tag in NOT_OBEYED:
        return TwimlRefusedError(
            code,
            f"Twilio knows <{tag}>, but this phone company does not obey it inside <{parent}>"
            " yet: use another verb, or teach ivr/simulator to do it.",
        )
    return TwimlRefusedError(code, f"Twilio knows no <{tag}> inside <{parent}>.")


def _no_text(element: ElementTree.Element) -> None:
    texts = [element.text, *(child.tail for child in element)]
    stray = " ".join(text.strip() for text in texts if text and text.strip())
    if stray:
        raise TwimlRefusedError(
            12200, f"Text may not stand directly inside <{element.tag}>: {stray[:60]!r}."
        )


def _no_children(element: ElementTree.Element) -> None:
    for child in element:
        raise _unknown(child.tag, element.tag)


def _text(element: ElementTree.Element) -> str:
    return (element.text or "").strip()


_FIELDS = {
    "finishOnKey": "finish_on_key",
    "numDigits": "num_digits",
    "speechTimeout": "speech_timeout",
    "bargeIn": "barge_in",
    "actionOnEmptyResult": "action_on_empty_result",
    "callerId": "caller_id",
    "answerOnBridge": "answer_on_bridge",
    "hangupOnStar": "hangup_on_star",
    "timeLimit": "time_limit",
    "statusCallback": "status_callback",
    "statusCallbackMethod": "status_callback_method",
    "statusCallbackEvent": "status_callback_events",
    "waitUrl": "wait_url",
    "waitUrlMethod": "wait_url_method",
    "maxLength": "max_length",
    "playBeep": "play_beep",
    "recordingStatusCallback": "recording_status_callback",
    "recordingStatusCallbackMethod": "recording_status_callback_method",
    "transcribeCallback": "transcribe_callback",
}
_ADVICE = frozenset({"speechModel", "enhanced", "profanityFilter"})


def _build(kind: Callable[..., _T], element: ElementTree.Element, **fields: object) -> _T:
    values: dict[str, object] = {
        _FIELDS.get(name, name): value
        for name, value in read_attributes(element.tag, element.attrib).items()
        if name not in _ADVICE
    }
    return kind(**{**values, **fields})


def _say(element: ElementTree.Element) -> Say:
    for child in element.iter():
        if child is not element and child.tag not in _SSML:
            raise _unknown(child.tag, "Say")
    text = " ".join("".join(element.itertext()).split())
    say = _build(Say, element, text=text)
    if not text:
        raise TwimlRefusedError(13520, "There is nothing to say in <Say>.")
    longest = MAX_SAY_POLLY if say.voice.startswith("Polly.") else MAX_SAY
    if len(text) > longest:
        raise TwimlRefusedError(
            13521,
            f"<Say> has {len(text)} characters; with the voice {say.voice} at most {longest}"
            " are allowed.",
        )
    return say


def _play(element: ElementTree.Element) -> Play:
    _no_children(element)
    play = _build(Play, element, url=_text(element))
    if bool(play.url) == bool(play.digits):
        raise TwimlRefusedError(12200, "<Play> needs either the URL of a recording or digits.")
    return play


def _pause(element: ElementTree.Element) -> Pause:
    _no_children(element)
    _no_text(element)
    return _build(Pause, element)


def _gather(element: ElementTree.Element) -> Gather:
    _no_text(element)
    prompts = tuple(_prompt(child) for child in element)
    values = read_attributes("Gather", element.attrib)
    heard: Value = values.get("input", "dtmf")
    return _build(Gather, element, prompts=prompts, input=tuple(str(heard).split()))


def _prompt(element: ElementTree.Element) -> Prompt:
    reader = _PROMPTS.get(element.tag)
    if reader is None:
        raise _unknown(element.tag, "Gather", code=13320)
    return reader(element)


def _redirect(element: ElementTree.Element) -> Redirect:
    _no_children(element)
    return _build(Redirect, element, url=_text(element))


def _dial(element: ElementTree.Element) -> Dial:
    children = list(element)
    for child in children:
        if child.tag not in {"Number", "Queue"}:
            raise _unknown(child.tag, "Dial", code=13215)
    if any(child.tag == "Queue" for child in children):
        _no_text(element)
        return _build(Dial, element, queue=_queue(children))
    if children:
        _no_text(element)
        numbers = tuple(_number(child) for child in children)
    else:
        numbers = (Number(_written_number(_text(element))),)
    if len(numbers) > MAX_NUMBERS:
        raise TwimlRefusedError(
            13215, f"<Dial> has {len(numbers)} numbers; at most {MAX_NUMBERS} are allowed."
        )
    return _build(Dial, element, numbers=numbers)


def _number(element: ElementTree.Element) -> Number:
    _no_children(element)
    return _build(Number, element, number=_written_number(_text(element)))


def _written_number(text: str) -> str:
    """A number to dial as Twilio reads it: E.164, or a US number with or without punctuation."""
    digits = re.sub(r"[ ().-]", "", text)
    if re.fullmatch(r"\+[0-9]{1,15}", digits):
        return digits
    if re.fullmatch(r"1?[0-9]{10}", digits):
        return f"+1{digits[-10:]}"
    raise TwimlRefusedError(
        13223, f"{text!r} is not a phone number to dial: write it like +15125550100 (E.164)."
    )


def _queue(nouns: list[ElementTree.Element]) -> Queue:
    if len(nouns) > 1:
        raise TwimlRefusedError(13215, "A <Queue> must stand alone inside <Dial>.")
    _no_children(nouns[0])
    return _build(Queue, nouns[0], name=_queue_name(nouns[0], too_short=14212, too_long=14213))


def _enqueue(element: ElementTree.Element) -> Enqueue:
    _no_children(element)
    return _build(Enqueue, element, name=_queue_name(element, too_short=14204, too_long=14205))


def _queue_name(element: ElementTree.Element, *, too_short: int, too_long: int) -> str:
    name = _text(element)
    if not name:
        raise TwimlRefusedError(too_short, f"Write the queue's name inside <{element.tag}>.")
    if len(name) > MAX_QUEUE_NAME:
        raise TwimlRefusedError(
            too_long,
            f"The queue's name in <{element.tag}> has {len(name)} characters; at most"
            f" {MAX_QUEUE_NAME} are allowed.",
        )
    return name


def _leave(element: ElementTree.Element) -> Leave:
    _no_children(element)
    _no_text(element)
    return _build(Leave, element)


def _record(element: ElementTree.Element) -> Record:
    _no_children(element)
    _no_text(element)
    return _build(Record, element)


def _hangup(element: ElementTree.Element) -> Hangup:
    _no_children(element)
    _no_text(element)
    return _build(Hangup, element)


def _message(element: ElementTree.Element) -> Message:
    if element.tag != "Message":
        raise TwimlRefusedError(
            12200,
            f"<{element.tag}> in an answer to a message: this phone company obeys only <Message>.",
        )
    bodies = list(element)
    for child in bodies:
        if child.tag != "Body":
            raise _unknown(child.tag, "Message")
        read_attributes("Body", child.attrib)
    text = "".join(_text(body) for body in bodies) or _text(element)
    return _build(Message, element, body=text)


_PROMPTS: dict[str, Callable[[ElementTree.Element], Prompt]] = {
    "Say": _say,
    "Play": _play,
    "Pause": _pause,
}
_VERBS: dict[str, Callable[[ElementTree.Element], Verb]] = {
    **cast("dict[str, Callable[[ElementTree.Element], Verb]]", _PROMPTS),
    "Gather": _gather,
    "Redirect": _redirect,
    "Dial": _dial,
    "Enqueue": _enqueue,
    "Leave": _leave,
    "Record": _record,
    "Hangup": _hangup,
}
