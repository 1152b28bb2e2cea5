"""Our signatures agree with those of Twilio's own Node.js package, to the byte."""

from __future__ import annotations

import string
from collections.abc import Sequence
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from ivr.carrier.signature import SignatureCheck
from ivr.simulator.signature import sign
from tests.carrier_contract.node_twilio import NodeTwilio

pytestmark = pytest.mark.xdist_group("carrier_contract")

TOKEN = "0123456789abcdef0123456789abcdef"
OLD_TOKEN = "fedcba9876543210fedcba9876543210"
ANOTHER_TOKEN = "00000000000000000000000000000000"

Params = list[tuple[str, str]]

BASES = (
    "https://line.example.com",
    "https://line.example.com:8443",
    "http://127.0.0.1:8000",
    "https://example.com/behind/a/prefix",
)
PATHS = (
    "/voice/incoming",
    "/voice/turn?turn=3",
    "/voice/turn?turn=3&lang=es&note=",
    "/voice/turn?a=1&a=2&a=1",
    "/voice/turn?who=O%27Brien&plus=a%2Bb&space=a%20b&utf=%C3%B1",
    "/voice/turn?quote='&colon=a:b&at=@",
)
FORMS: tuple[Params, ...] = (
    [],
    [("CallSid", "CA" + "1" * 32), ("From", "+15125550101"), ("To", "+15125550100")],
    [("Digits", ""), ("SpeechResult", ""), ("CallSid", "CA" + "1" * 32)],
    [("b", "2"), ("a", "1"), ("B", "3"), ("_", "4")],
    [("MediaUrl", "two"), ("MediaUrl", "one"), ("MediaUrl", "two")],
    [("Same", ""), ("Same", "x")],
    [("SpeechResult", "el próximo miércoles, ¿sí?"), ("City", "Peñón"), ("Note", "☎ 👍")],
    [("Body", "a=b&c=d"), ("Sign", "+ %2B %"), ("Lines", "one\r\ntwo\n")],
)


def accepts(base: str, path: str, params: Params, signature: str) -> bool:
    """Whether the product takes it for genuine."""
    return SignatureCheck(base, [TOKEN, OLD_TOKEN]).accepts(path, MultiDict(params), signature)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("base", BASES)
def test_what_twilio_signs_we_accept_and_the_simulator_signs_alike(
    node_twilio: NodeTwilio, base: str, path: str, form: Params
) -> None:
    for token in (TOKEN, OLD_TOKEN):
        signature = node_twilio.sign(token, base + path, form)
        assert sign(token, base + path, form) == signature
        assert accepts(base, path, form, signature)


@pytest.mark.parametrize("form", FORMS)
def test_what_somebody_else_signs_neither_of_us_accepts(
    node_twilio: NodeTwilio, form: Params
) -> None:
    url = BASES[0] + PATHS[1]
    forged = node_twilio.sign(ANOTHER_TOKEN, url, form)
    assert not node_twilio.validates(TOKEN, url, form, forged)
    assert not accepts(BASES[0], PATHS[1], form, forged)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/voice/turn?turn=4", FORMS[1]),
        ("/voice/turn", FORMS[1]),
        ("/voice/other?turn=3", FORMS[1]),
        ("/voice/turn?turn=3", FORMS[1][:-1]),
        ("/voice/turn?turn=3", [*FORMS[1], ("Digits", "")]),
        ("/voice/turn?turn=3", [*FORMS[1], ("Digits", "1")]),
        ("/voice/turn?turn=3", [*FORMS[1][:-1], ("To", "+15125550199")]),
        ("/voice/turn?turn=3", [*FORMS[1], ("To", "+15125550199")]),
    ],
)
def test_what_was_altered_on_the_way_neither_of_us_accepts(
    node_twilio: NodeTwilio, path: str, form: Params
) -> None:
    signature = node_twilio.sign(TOKEN, BASES[0] + "/voice/turn?turn=3", FORMS[1])
    assert not node_twilio.validates(TOKEN, BASES[0] + path, form, signature)
    assert not accepts(BASES[0], path, form, signature)


@pytest.mark.parametrize("body", ["{}", '{"callSid": "CA1", "note": "sí ☎"}', ""])
def test_a_json_body_is_bound_to_the_signature_by_its_hash(
    node_twilio: NodeTwilio, body: str
) -> None:
    path = f"/voice/status?bodySHA256={node_twilio.body_hash(body)}"
    signature = node_twilio.sign(TOKEN, BASES[0] + path, [])
    check = SignatureCheck(BASES[0], [TOKEN])
    for sent in (body, body + " ", '{"callSid": "CA2"}'):
        genuine = sent == body
        assert check.accepts(path, sent, signature) is genuine
        assert node_twilio.validates_body(TOKEN, BASES[0] + path, sent, signature) is genuine


# JavaScript sorts by UTF-16 units and Python by code points. They part ways only between the end
# of the basic plane and emoji in one and the same repeated field, which no field of Twilio's is.
TEXT = st.text(st.characters(max_codepoint=0xD7FF) | st.sampled_from("☎👍"), max_size=12)
NAME = st.text(string.ascii_letters + "_", min_size=1, max_size=6)
FORM = st.lists(st.tuples(NAME, TEXT), max_size=6)
QUERY = st.lists(st.tuples(NAME, TEXT), max_size=3).map(urlencode)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(query=QUERY, signed=FORM, sent=FORM, base=st.sampled_from(BASES))
@example(query="", signed=[("a", "bc")], sent=[("ab", "c")], base=BASES[0])
def test_for_any_form_the_two_verdicts_are_the_same(
    node_twilio: NodeTwilio, query: str, signed: Params, sent: Params, base: str
) -> None:
    path = f"/voice/turn?{query}" if query else "/voice/turn"
    signature = node_twilio.sign(TOKEN, base + path, signed)
    assert sign(TOKEN, base + path, signed) == signature
    assert accepts(base, path, signed, signature)
    assert accepts(base, path, sent, signature) == node_twilio.validates(
        TOKEN, base + path, sent, signature
    )


def test_no_signature_and_an_empty_one_are_refused() -> None:
    forms: Sequence[Params] = ([], FORMS[1])
    assert not any(accepts(BASES[0], PATHS[0], form, "") for form in forms)
