"""How a patient can be reached: numbers added and taken away, consent given and withdrawn."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from scheduling import contact
from scheduling.contact import ConsentKind, consent_of, phones_of
from scheduling.errors import LastPhone
from scheduling.patient_records import current
from scheduling.tables import PatientConsent, PatientEvent
from tests.scheduling.sample import CLINIC, NOW, TTL, at, book_first_free, by_desk, patient

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.database import Database
    from scheduling.tables import Patient

FIRST, SECOND = "+15125550111", "+15125550112"


@pytest.fixture
def ann(database: Database) -> Patient:
    """Somebody with one number."""
    return database.write(patient)


def numbers(session: Session, who: Patient) -> list[str]:
    """What is on file."""
    return phones_of(session, CLINIC, who.id)


def add(session: Session, who: Patient, number: str = SECOND, key: str = "add") -> Patient:
    """At the desk."""
    return contact.add_phone(
        session, clinic_id=CLINIC, patient_id=who.id, number=number, request=by_desk(key)
    )


def remove(
    session: Session,
    who: Patient,
    number: str = FIRST,
    key: str = "remove",
    *,
    even_the_last: bool = False,
) -> Patient:
    """At the desk."""
    return contact.remove_phone(
        session,
        clinic_id=CLINIC,
        patient_id=who.id,
        number=number,
        request=by_desk(key),
        even_the_last=even_the_last,
    )


def say(
    session: Session, who: UUID, kind: ConsentKind, *, granted: bool, now: datetime = NOW
) -> None:
    """A patient gives or withdraws their consent."""
    contact.record_consent(
        session,
        clinic_id=CLINIC,
        patient_id=who,
        kind=kind,
        granted=granted,
        source="CA1",
        request=by_desk(f"{kind} {granted} {now}", now=now),
    )


# Numbers


def test_numbers_are_added_and_taken_away_and_the_log_does_not_repeat_them(
    database: Database, ann: Patient
) -> None:
    database.write(partial(add, who=ann))
    assert database.read(partial(numbers, who=ann)) == [FIRST, SECOND]
    changed = database.write(partial(remove, who=ann))
    assert database.read(partial(numbers, who=ann)) == [SECOND]
    assert changed.version == 3
    log = database.read(lambda session: session.scalars(select(PatientEvent)).all())
    assert sorted(event.kind for event in log) == ["phone_added", "phone_removed", "registered"]
    assert not any("555" in str(event.detail) for event in log)


def test_what_is_as_asked_already_changes_nothing(database: Database, ann: Patient) -> None:
    database.write(partial(add, who=ann, number=FIRST))
    database.write(partial(remove, who=ann, number=SECOND))
    stored = database.read(partial(current, clinic_id=CLINIC, patient_id=ann.id))
    assert stored.version == 1


def test_the_same_request_again_is_done_once(database: Database, ann: Patient) -> None:
    database.write(partial(add, who=ann))
    database.write(partial(remove, who=ann, number=SECOND))
    # The first request, sent again, does not bring the number back.
    database.write(partial(add, who=ann))
    assert database.read(partial(numbers, who=ann)) == [FIRST]


def test_somebody_with_a_visit_ahead_is_not_left_without_a_number_unnoticed(
    database: Database, ann: Patient
) -> None:
    database.write(partial(book_first_free, after=at(0)))
    with pytest.raises(LastPhone, match="add another one first"):
        database.write(partial(remove, who=ann))
    assert database.read(partial(numbers, who=ann)) == [FIRST]
    database.write(partial(remove, who=ann, even_the_last=True))
    assert database.read(partial(numbers, who=ann)) == []


def test_one_of_two_numbers_or_the_last_without_a_visit_ahead_may_go(
    database: Database, ann: Patient
) -> None:
    database.write(partial(remove, who=ann))
    database.write(partial(add, who=ann))
    database.write(partial(add, who=ann, number=FIRST, key="back"))
    database.write(partial(book_first_free, after=at(0)))
    database.write(partial(remove, who=ann, number=SECOND, key="second"))
    assert database.read(partial(numbers, who=ann)) == [FIRST]


# Consent


def test_nobody_has_agreed_who_was_not_asked(database: Database, ann: Patient) -> None:
    for kind in ConsentKind:
        assert not database.read(
            partial(consent_of, clinic_id=CLINIC, patient_id=ann.id, kind=kind)
        )


def test_the_latest_word_counts_for_its_kind(database: Database, ann: Patient) -> None:
    sms = partial(consent_of, clinic_id=CLINIC, patient_id=ann.id, kind=ConsentKind.SMS)
    call = partial(consent_of, clinic_id=CLINIC, patient_id=ann.id, kind=ConsentKind.CALL)
    database.write(partial(say, who=ann.id, kind=ConsentKind.SMS, granted=True))
    assert (database.read(sms), database.read(call)) == (True, False)
    database.write(partial(say, who=ann.id, kind=ConsentKind.SMS, granted=False, now=NOW + TTL))
    assert not database.read(sms)
    database.write(partial(say, who=ann.id, kind=ConsentKind.SMS, granted=True, now=NOW + 2 * TTL))
    assert database.read(sms)
    # What was said stays on file, with who wrote it down and where it was said.
    rows = database.read(lambda session: session.scalars(select(PatientConsent)).all())
    assert len(rows) == 3
    assert {(row.source, row.actor) for row in rows} == {("CA1", "ana")}


def test_of_two_words_at_the_same_instant_the_no_counts(database: Database, ann: Patient) -> None:
    for granted in (False, True):
        database.write(partial(say, who=ann.id, kind=ConsentKind.CALL, granted=granted))
    assert not database.read(
        partial(consent_of, clinic_id=CLINIC, patient_id=ann.id, kind=ConsentKind.CALL)
    )
