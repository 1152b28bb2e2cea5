"""The carrier's rules for a document, and what may happen at each node of the flow."""

from __future__ import annotations

from datetime import UTC, datetime

from ivr.call.events import Dialled, Done, Keyed, Recorded, Silent, Turn, Waited
from ivr.call.nodes import Ask, Do, Fetch, Hangup, Menu, Node, Queue, Record, Transfer
from ivr.carrier.twiml import Documents
from tests.carrier.xml_of import Element, parsed
from tests.product import BASE, LINE, NURSE

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
    "text_about": "waitlist",
    "text_number": "+15125550142",
    "offer_at": "2026-12-02T19:30:00+00:00",
    "offer_kind": "refill",
    "offer_minutes": "15",
    "offer_instead_of": "2026-12-04T15:30:00+00:00",
    "name_that_alarms": "María del Socorro Gonzalez-Fernandez",
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
    "prosody": {"rate"},
}  # fmt: skip
Event = Keyed | Silent | Dialled | Waited | Recorded | Done
WORDS_A_MINUTE = 150
LONGEST_PROMPT_SECONDS = 20


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


def hold(documents: Documents, turn: Turn, label: str) -> Element:
    """Assert that the document of a turn keeps to the carrier's rules, and give it, parsed."""
    text = documents.turn(turn)
    root = parsed(text)
    assert len(text.encode()) <= 64_000, label
    for element in root.iter():
        assert set(element.attrib) <= ALLOWED[element.tag], label
    for say in root.iter("Say"):
        assert 0 < len("".join(say.itertext())) <= 3000, label
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
    return root


def spoken(root: Element) -> str:
    """All that a document says."""
    return " ".join("".join(say.itertext()) for say in root.iter("Say"))


def seconds(words: str) -> float:
    """How long it takes to say, at the pace that prompts are written for."""
    return len(words.split()) * 60 / WORDS_A_MINUTE
