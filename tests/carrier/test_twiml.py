"""Every document the line can emit, in both languages, held against the carrier's rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ivr.app import lines_of
from ivr.call.engine import advance
from ivr.call.events import (
    Capture,
    Connect,
    Dial,
    Dialled,
    Done,
    Enqueue,
    Keyed,
    Recorded,
    Silent,
    Turn,
    Wait,
    Waited,
)
from ivr.call.flow import FLOW
from ivr.call.nodes import Ask, Do, Fetch, Hangup, Menu, Node, Queue, Record, Transfer
from ivr.call.prompts import LANGUAGES
from ivr.call.session import Session
from ivr.carrier.twiml import Documents
from ivr.carrier.urls import Urls
from tests.carrier.xml_of import Element, parsed
from tests.product import BASE, LINE, NURSE, demo_clinic, settings_for

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
SLOT = '{"visit_type_key":"refill","starts_at":"2026-12-02T19:30:00+00:00"}'
FACTS = {
    "name": "María de los Ángeles Gonzalez-Fernandez",
    "date_of_birth": "1944-02-29",
    "phone": "+15125550142",
    "ticket_id": "00000000-0000-0000-0000-000000000001",
    "ticket_number": "1234",
    "dial": NURSE,
    "dial_person": "ana",
    "slot": SLOT,
    "slot_1": SLOT,
    "slot_2": SLOT,
    "slot_3": SLOT,
    "provider": "Dr. Fura",
    "chosen": "1",
    "callback_by": "2026-12-02T19:30:00+00:00",
    "visit_at": "2026-12-02T19:30:00+00:00",
    "visit_kind": "refill",
    "visit_provider": "Dr. Fura",
    "visit_status": "booked",
    "visit_today": "yes",
    "due_on": "2026-12-02",
    "refill_from": "2026-12-02",
    "late": "30",
    "proxy": "yes",
    "desk": "closed later 2026-12-02T14:30:00+00:00",
}
ALLOWED = {
    "Response": set(),
    "Say": {"voice", "language"},
    "Gather": {
        "input", "numDigits", "finishOnKey", "timeout", "speechTimeout", "action", "method",
        "actionOnEmptyResult", "bargeIn", "language", "hints",
    },
    "Redirect": {"method"},
    "Dial": {"action", "method", "timeout", "answerOnBridge", "callerId"},
    "Number": {"url", "method"},
    "Queue": set(),
    "Pause": {"length"},
    "Enqueue": {"action", "method", "waitUrl", "waitUrlMethod"},
    "Record": {
        "action", "method", "maxLength", "timeout", "finishOnKey", "playBeep",
        "recordingStatusCallback", "recordingStatusCallbackMethod", "transcribe",
        "transcribeCallback",
    },
    "Hangup": set(),
}  # fmt: skip
Event = Keyed | Silent | Dialled | Waited | Recorded | Done
WORDS_A_MINUTE = 150
LONGEST_PROMPT_SECONDS = 20


@pytest.fixture(scope="module")
def documents() -> Documents:
    clinic = demo_clinic()
    settings = settings_for("sqlite:///never-opened.db")
    return Documents(lines_of({clinic.id: clinic}, settings, BASE)[LINE], Urls(BASE))


def events_at(node: Node) -> list[Event]:
    """What can happen at a node; nothing more where the call ends."""
    match node:
        case Menu() | Ask():
            keys = [Keyed(key) for key in ("7777", "*", "0", *"123456789")]
            return [Silent(), *keys]
        case Transfer():
            return [Dialled(outcome) for outcome in node.outcomes]
        case Do():
            return [Done(outcome) for outcome in node.outcomes]
        case Queue():
            return [Waited(outcome) for outcome in node.outcomes]
        case Fetch():
            return [Dialled("answered"), Dialled("no_answer"), Silent()]
        case Record():
            return [Recorded("RE1", 12), Silent()]
        case Hangup():
            return []


def every_turn(documents: Documents) -> Iterator[tuple[str, Turn]]:
    """Each node entered, and each input node after silence and after nonsense."""
    prompts = documents.line.prompts
    for language in LANGUAGES:
        base = Session("demo", "CA1", "+15125550142", language=language, turn=3, facts=FACTS)
        for node in FLOW.nodes:
            at = replace(base, node=node.name, stood_at=node.name)
            events = events_at(node)
            for tries in (0, 1, 2):
                for event in events:
                    turn = advance(FLOW, prompts, replace(at, tries=tries), event, NOW)
                    yield f"{node.name} {language} try {tries} {event}", turn


def spoken(root: Element) -> str:
    return " ".join(say.text or "" for say in root.iter("Say"))


def test_every_document_keeps_to_the_carriers_rules(documents: Documents) -> None:
    seen = 0
    for label, turn in every_turn(documents):
        text = documents.turn(turn)
        root = parsed(text)
        assert len(text.encode()) <= 64_000, label
        for element in root.iter():
            assert set(element.attrib) <= ALLOWED[element.tag], label
        for say in root.iter("Say"):
            assert 0 < len(say.text or "") <= 3000, label
            assert (say.get("voice") or "").startswith("Polly."), label
        for gather in root.iter("Gather"):
            assert gather.get("actionOnEmptyResult") == "true", label
            assert gather.get("input") == "dtmf speech", label
            assert (gather.get("action") or "").startswith(f"{BASE}/voice/turn/"), label
        for queue in root.iter("Enqueue"):
            assert queue.get("waitUrl") == f"{BASE}/voice/wait/{turn.session.language}/60", label
            assert (queue.get("action") or "").startswith(f"{BASE}/voice/turn/"), label
        for dial in root.iter("Dial"):
            waits_for_a_caller = dial.find("Queue") is not None
            assert waits_for_a_caller or dial.get("callerId") == LINE, label
            assert len(list(dial)) == 1, f"{label}: never several numbers in one Dial"
        seen += 1
    assert seen > 1000


def test_a_document_always_goes_on_or_says_goodbye(documents: Documents) -> None:
    for label, turn in every_turn(documents):
        root = parsed(documents.turn(turn))
        tags = [element.tag for element in root]
        if isinstance(turn.then, Wait):
            assert tags[-2:] == ["Gather", "Redirect"], label
            assert spoken(root), label
        elif isinstance(turn.then, Dial | Connect):
            assert tags[-1] == "Dial", label
        elif isinstance(turn.then, Enqueue):
            assert tags[-1] == "Enqueue", label
        elif isinstance(turn.then, Capture):
            assert tags == ["Say", "Record", "Redirect"], label
        elif turn.session.node and isinstance(FLOW[turn.session.node], Hangup):
            assert tags[-1] == "Hangup", label
            assert spoken(root), label


def test_every_prompt_fits_twenty_seconds_at_150_words_a_minute(documents: Documents) -> None:
    """The sentence that only the first menu adds, and the other language's, are exempt."""
    longest: list[tuple[float, str, str]] = []
    for language in LANGUAGES:
        for node in FLOW.nodes:
            if not isinstance(node, Menu | Ask):
                continue
            session = Session("demo", "CA1", None, language=language, turn=3, facts=FACTS)
            turn = advance(
                FLOW,
                documents.line.prompts,
                replace(session, node=node.name, stood_at=node.name),
                Keyed("*") if isinstance(node, Menu) else Silent(),
                NOW,
            )
            if turn.session.node != node.name:
                continue
            says = [line for line in turn.says if line.language == language]
            root = parsed(documents.turn(replace(turn, says=tuple(says))))
            words = len(spoken(root).split())
            longest.append((words * 60 / WORDS_A_MINUTE, node.name, language))
    too_long = [entry for entry in sorted(longest, reverse=True) if entry[0] > 20]
    assert too_long == []


def test_the_911_sentence_takes_six_seconds_at_most_and_two_in_spanish(
    documents: Documents,
) -> None:
    prompts = documents.line.prompts
    english = len(prompts.text("emergency", "en").split()) * 60 / WORDS_A_MINUTE
    spanish = len(prompts.text("emergency", "es").split()) * 60 / WORDS_A_MINUTE
    assert english <= 6
    assert spanish <= 2


def test_what_a_caller_says_cannot_break_out_of_the_document(documents: Documents) -> None:
    session = Session(
        "demo",
        "CA1",
        None,
        node="confirm_name",
        turn=3,
        facts={"name": "</Say><Dial>+19005550100</Dial><Say>&amp; \"'"},
    )
    turn = advance(FLOW, documents.line.prompts, session, Keyed("*"), NOW)
    root = parsed(documents.turn(turn))
    assert [element.tag for element in root] == ["Gather", "Redirect"]
    assert "<Dial>" in spoken(root)


def test_the_urgent_911_sentence_cannot_be_cut_short_by_a_key(documents: Documents) -> None:
    prompts = documents.line.prompts
    session = Session("demo", "CA1", None, node="main", turn=1, facts=FACTS)
    opened = advance(FLOW, prompts, session, Keyed("1"), NOW)
    waiting = advance(
        FLOW, prompts, replace(opened.session, node="urgent_next"), Done("nobody"), NOW
    )
    both = replace(waiting, says=(*opened.says, *waiting.says))
    root = parsed(documents.turn(both))
    assert [element.tag for element in root] == ["Say", "Gather", "Redirect"]
    assert "dial 9 1 1" in (root[0].text or "")
