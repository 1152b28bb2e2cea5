"""What callers say in the appointments menu leads to what they want, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ivr.call.engine import advance
from ivr.call.events import Act, Done, Keyed, Said
from ivr.call.flow import FLOW
from ivr.call.prompts import Prompts
from ivr.call.session import Session
from ivr.call.speak import spoken_line

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
AT_THE_MENU = Session("demo", "CA1", "+15125550142", node="appointments", turn=2)


@pytest.mark.parametrize(
    ("language", "words", "wish"),
    [
        ("en", "I need a refill for my pump", "refill"),
        ("en", "when is my appointment", "hear"),
        ("en", "what time is my appointment please", "hear"),
        ("en", "I want to confirm my appointment", "confirm"),
        ("en", "I need to reschedule", "move"),
        ("en", "can I change my appointment to another day", "move"),
        ("en", "please cancel my appointment", "cancel"),
        ("en", "I'm running late for my appointment", "late"),
        ("en", "do you have anything sooner", "waitlist"),
        ("es", "necesito una recarga de la bomba", "refill"),
        ("es", "¿cuándo es mi cita?", "hear"),
        ("es", "¿a qué hora es mi cita?", "hear"),
        ("es", "quiero confirmar mi cita", "confirm"),
        ("es", "quisiera cambiar mi cita para otro día", "move"),
        ("es", "quiero cancelar mi cita", "cancel"),
        ("es", "no puedo ir a mi cita", "cancel"),
        ("es", "voy a llegar tarde a mi cita", "late"),
        ("es", "quiero una cita más pronto", "waitlist"),
    ],
)
def test_words_lead_to_the_wish_they_mean(
    prompts: Prompts, language: str, words: str, wish: str
) -> None:
    session = replace(AT_THE_MENU, language=language)
    turn = advance(FLOW, prompts, session, Said(words, 0.9), NOW)
    assert turn.then == Act("may_verify")
    assert turn.session.facts["wish"] == wish


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "I'd like to schedule a consultation"),
        ("en", "a new appointment"),
        ("es", "quiero reservar una consulta"),
    ],
)
def test_a_consultation_asks_for_no_record(prompts: Prompts, language: str, words: str) -> None:
    session = replace(AT_THE_MENU, language=language)
    turn = advance(FLOW, prompts, session, Said(words, 0.9), NOW)
    assert turn.session.node == "ask_name"


def test_what_only_words_lead_to_has_no_key_and_is_not_read_out(prompts: Prompts) -> None:
    begun = advance(FLOW, prompts, replace(AT_THE_MENU, node="main"), Keyed("2"), NOW)
    turn = advance(FLOW, prompts, begun.session, Done("none"), NOW)
    heard = " ".join(spoken_line(line, prompts, {}) for line in turn.says).strip()
    assert heard == (
        "To book a consultation, press 1. To book a pump refill, press 2. "
        "For a visit you have, press 3. For the main menu, press 4."
    )
    for digits in ("", "5", "9"):
        assert advance(FLOW, prompts, turn.session, Keyed(digits), NOW).session.node == (
            "appointments"
        )
