"""Nothing a caller says or keys raises, breaks out of the TwiML, or reaches a log."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.call.engine import advance
from ivr.call.events import Act, Input, Keyed, Said
from ivr.call.flow import FLOW
from ivr.call.nodes import Ask, Menu
from ivr.call.prompts import Prompts
from ivr.call.session import Session
from ivr.call.turn import Line
from ivr.carrier.twiml import Documents
from ivr.carrier.urls import Urls
from ivr.clinics.definition import read_clinic
from tests.call.conftest import DEMO

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
VERBS = {"Record",
    "Response", "Say", "Gather", "Redirect", "Dial", "Number", "Hangup", "Pause", "Enqueue",
    "prosody",
}  # fmt: skip
"""Everything the line has to say to the carrier."""

MARK = "zqxj"
"""In whatever the caller says; never in anything that is logged."""

_WORDS = (
    *("next", "tuesday", "mañana", "the", "fifth", "del", "lunes", "a", "y", "de", "en", "ocho"),
    *("no", "yes", "repeat", "slower", "wait", "go", "back", "español", "english", "second"),
    *("later", "sooner", "none", "hours", "refill", "cancel", "appointment", "message", "another"),
    *("double", "five", "oh", "nine", "hundred", "thousand", "may", "march", "2026", "31", "12/40"),
    *("first", "name", "apellido", "<Hangup/>", "&", '"', "'", "]]>", "{clinic}", "%s", "$", "+"),
)

anything = st.one_of(
    st.text(max_size=120),
    st.lists(st.sampled_from(_WORDS), max_size=12).map(" ".join),
)
events: st.SearchStrategy[Input] = st.one_of(
    st.builds(Said, anything.map(lambda words: f"{words} {MARK}"), st.floats(0, 1)),
    st.builds(Said, anything, st.floats(0, 1)),
    st.builds(Keyed, st.text(alphabet="0123456789*", max_size=12)),
)
places = st.sampled_from([node for node in FLOW.nodes if isinstance(node, Menu | Ask)])

FACTS = {
    "phone": "+15125550142",
    "date_of_birth": "1940-03-04",
    "name": "Ann Lee",
    "ticket_id": "t",
    "ticket_number": "7",
    "callback_by": "2026-11-24T20:00:00+00:00",
    "day_1": "2026-11-27",
    "day_2": "2026-12-04",
    "meant_says": "main.hours",
    "meant": '{"goto": "hours", "facts": {}}',
}


@pytest.fixture(scope="module")
def documents(prompts: Prompts) -> Documents:
    """What renders turns for the demo clinic."""
    clinic = read_clinic(DEMO / "clinic.toml")
    base = "https://example.test"
    return Documents(Line(clinic, FLOW, prompts, base), Urls(base))


@settings(max_examples=250, deadline=None)
@given(places, st.sampled_from(["en", "es"]), events)
def test_nothing_a_caller_says_or_keys_breaks_a_turn(
    documents: Documents, node: Menu | Ask, language: str, event: Input
) -> None:
    session = Session("demo", "CA1", None, language=language, turn=3, facts=FACTS)
    session = replace(session, node=node.name, stood_at=node.name)
    with structlog.testing.capture_logs() as logged:
        turn = advance(FLOW, documents.line.prompts, session, event, NOW)
        if isinstance(turn.then, Act):
            return
        document = documents.turn(turn)
    root = ET.fromstring(document)  # noqa: S314 - we wrote it ourselves
    assert {element.tag for element in root.iter()} <= VERBS
    assert MARK not in str(logged)
    assert Session.from_json(turn.session.to_json()) == turn.session


@pytest.mark.parametrize("said", ["<Hangup/>", "</Say><Dial>9005550142</Dial>", "Ann & Bo]]>"])
def test_a_name_with_markup_in_it_is_only_ever_read_out(documents: Documents, said: str) -> None:
    session = Session("demo", "CA1", None, node="ask_name", stood_at="ask_name", turn=3)
    turn = advance(FLOW, documents.line.prompts, session, Said(said, 0.9), NOW)
    root = ET.fromstring(documents.turn(turn))  # noqa: S314 - we wrote it ourselves
    assert {element.tag for element in root.iter()} <= VERBS - {"Dial", "Hangup"}
