"""What a text is answered with: neutral, in the cheap alphabet, and it says what to do next."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.messages.patients.desk_promise import Promise, promise
from ivr.messages.patients.reply_wording import Answered, Reply, desk_calls, reply_text
from ivr.messages.patients.wording import in_words
from ivr.simulator.messaging import _GSM, segments
from tests.messages.test_visit_wording import AUSTIN, CLINIC, PHONE, TELLING

NIGHT = datetime(2026, 12, 30, 18, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)

NOTHING_TO_DO = {Reply.OFFER_PASSED}
"""It is done, and nothing else changes."""


def every_reply(language: str, zone: ZoneInfo = AUSTIN) -> dict[Reply, str]:
    """Each answer at its longest."""
    start = in_words([NIGHT], language, zone, zone)
    both = in_words([NIGHT, NIGHT], language, zone, zone)
    listed = "; ".join(f"{place}: {start}" for place in (1, 2, 3))
    long = {
        **dict.fromkeys((Reply.SLOTS, Reply.NO_LATER), listed),
        **dict.fromkeys((Reply.WHICH_CONFIRMED, Reply.WHICH_CHANGED), f"A: {both}; B: {both}"),
    }
    return {
        reply: reply_text(
            Answered(
                reply,
                language,
                long.get(reply, both),
                ticket=1234,
                stands=start,
                desk_calls=desk_calls(language, start, start),
            ),
            clinic=CLINIC,
            phone=PHONE,
        )
        for reply in Reply
    }


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_answer_names_the_clinic_and_nothing_of_a_patient(language: str) -> None:
    for said in every_reply(language).values():
        assert said.startswith(CLINIC)
        assert not TELLING.search(said), said


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_answer_keeps_to_the_cheap_alphabet_and_two_segments(language: str) -> None:
    for said in every_reply(language).values():
        assert set(said) - _GSM == set(), said
        assert segments(said) <= 2, (len(said), said)


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_answer_says_what_to_do_next(language: str) -> None:
    for reply, said in every_reply(language).items():
        if reply not in NOTHING_TO_DO:
            assert PHONE in said or re.search(r"\b(Reply|Responda)\b", said), said


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "reply",
    [
        *(Reply.URGENT, Reply.URGENT_NO_RECORDS, Reply.NOT_RECEIVED, Reply.HELP, Reply.PERSON),
        *(Reply.RECEIVED, Reply.ENOUGH, Reply.NO_MORE_TEXTS),
    ],
)
def test_whoever_has_to_wait_for_somebody_reads_of_911(reply: Reply, language: str) -> None:
    assert "911" in every_reply(language)[reply]


def test_who_asks_between_two_sessions_is_called_in_the_next() -> None:
    opens, closes = NIGHT + HOUR, NIGHT + 5 * HOUR
    assert promise(NIGHT, []) is None
    assert promise(NIGHT, [(opens, closes)]) == Promise(opens, closes)
    assert promise(NIGHT, [(NIGHT - HOUR, NIGHT + HOUR / 3), (opens, closes)]) == Promise(
        opens, closes
    )
    assert promise(opens, [(opens, closes)]) == Promise(None, closes)
