"""Why a message did not arrive stands on the desk's pages in the reader's own language."""

from __future__ import annotations

import html
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ivr.carrier.answers import TROUBLES
from ivr.frontdesk.catalogue import sentences
from ivr.frontdesk.tables import StaffUser
from ivr.messages import given_up
from ivr.messages.backoff import PATIENCE
from ivr.messages.outbox import Kind
from ivr.messages.outcome_words import (
    ABOUT,
    NEXT,
    NOT_FOR_A_PERSON_NEXT,
    OUTCOME,
    STAFF_NEXT,
    THEN,
    TRIAL_NEXT,
)
from ivr.messages.outcomes import NEEDS_SOMEBODY, OF_CODE
from ivr.messages.tables import OutboxMessage
from tests.frontdesk.lists import TODAY, text_of
from tests.frontdesk.office import Office
from tests.frontdesk.told import told


def fail(office: Office, code: int) -> None:
    """A reminder by text fails with this code, and is given up."""
    trouble = TROUBLES[code].value
    told(office, "Joe Roe", TODAY + timedelta(days=2), state="failed", error=trouble, code=code)

    def give_up(session: Session) -> None:
        (message,) = session.scalars(select(OutboxMessage))
        given_up.tell_desk(session, message, error=trouble, error_code=code, now=office.clock())

    office.database.write(give_up)


def read(office: Office, language: str) -> list[str]:
    """The board, the messages and the reminders, as somebody of this language reads them."""
    office.database.write(lambda s: s.execute(update(StaffUser).values(language=language)))
    client = office.signed_in()
    paths = ("", "/tasks", "/reminders")
    return [html.unescape(text_of(client.get(f"/frontdesk{path}").text)) for path in paths]


@pytest.mark.parametrize("code", TROUBLES)
def test_each_error_has_words_of_its_own_in_english_and_in_spanish(
    office: Office, code: int
) -> None:
    fail(office, code)
    outcome = OF_CODE[code].value
    english = (OUTCOME[outcome], NEXT[outcome])
    spanish = tuple(one for word in english for one in sentences("es")[word])
    for language, ours, others in (("en", english, spanish), ("es", spanish, english)):
        for page in read(office, language):
            assert all(word in page for word in ours)
            assert not any(word in page for word in others)


def test_the_reference_has_each_error_as_it_is() -> None:
    page = Path("docs/reference/carrier-errors.md").read_text()
    rows = [
        f"| {code} | {PATIENCE[trouble].attempts if code < 30000 else 'reported'} "
        f"| {OUTCOME[OF_CODE[code]]} | {NEXT[OF_CODE[code]]} |"
        for code, trouble in TROUBLES.items()
    ]
    assert [line for line in page.splitlines() if line[2:7].isdigit()] == rows


def test_no_two_reasons_are_worded_alike_in_either_language() -> None:
    in_spanish = [sentences("es")[word] for word in OUTCOME.values()]
    assert len(set(OUTCOME.values())) == len(OUTCOME)
    assert len(set(in_spanish)) == len(OUTCOME)


def test_every_reason_for_a_person_and_every_kind_of_message_has_its_words() -> None:
    assert set(NEXT) == {one.value for one in NEEDS_SOMEBODY}
    assert set(ABOUT) == {*get_args(Kind), "unreminded"}
    assert set(STAFF_NEXT) == {"number", "opted_out", "operator", "other"}
    for words in (OUTCOME, NEXT, ABOUT, THEN, STAFF_NEXT, TRIAL_NEXT, NOT_FOR_A_PERSON_NEXT):
        assert set(words.values()) <= set(sentences("es"))
