"""Two records of one patient become one: all that was the one's is the other's."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import select

from scheduling import agenda, directory, patients, pumps, visits
from scheduling.contact import ConsentKind, add_phone, consent_of, phones_of, record_consent
from scheduling.database import Database
from scheduling.errors import KeyReused
from scheduling.patient_records import current
from scheduling.tables import (
    Patient,
    PatientConsent,
    PatientEvent,
    Pump,
    Recall,
    Visit,
    VisitType,
    WaitlistEntry,
)
from tests.scheduling.sample import (
    CLINIC,
    NOW,
    WITH_REFILLS,
    at,
    by_desk,
    patient,
)
from tests.scheduling.stored_time import stray_granules
from tests.scheduling.two_records import (
    SECOND_PHONE,
    merge,
    second_record,
    step,
    visit_of,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@pytest.fixture
def ann(database: Database) -> Patient:
    """The record to keep."""
    return database.write(patient)


@pytest.fixture
def double(database: Database) -> Patient:
    """The one to make part of it."""
    return database.write(second_record)


def pump_of(session: Session, who: Patient) -> Pump:
    """Somebody has a pump, and with it a recall."""
    return pumps.register_pump(
        session,
        clinic_id=CLINIC,
        patient_id=who.id,
        alarm_on=date(2027, 1, 20),
        stable_until=None,
        filled_on=None,
        label=None,
        request=by_desk(f"pump of {who.id}"),
    )


def entry_of(session: Session, who: Patient) -> WaitlistEntry:
    """Somebody waits for a consultation."""
    entry = WaitlistEntry(
        clinic_id=CLINIC,
        patient_id=who.id,
        visit_type_id=session.scalars(
            select(VisitType.id).where(VisitType.key == "consultation")
        ).one(),
        from_on=date(2026, 12, 1),
        until_on=date(2026, 12, 31),
        joined_at=NOW,
        idempotency_key=f"wait {who.id}",
    )
    session.add(entry)
    session.flush()
    return entry


# What moves


def test_no_visit_is_lost_whatever_its_state(
    database: Database, ann: Patient, double: Patient
) -> None:
    def booking(session: Session) -> list[UUID]:
        ours = visit_of(session, ann, at(8))
        theirs = [visit_of(session, double, at(hour)) for hour in (9, 10, 11)]
        step(session, visits.check_in, theirs[0], by_desk("in", now=at(9)))
        step(session, visits.complete, theirs[0], by_desk("done", now=at(10)))
        step(session, visits.cancel, theirs[1], by_desk("off"), reason="asked to")
        return [ours.id, *(visit.id for visit in theirs)]

    booked = database.write(booking)
    board = database.read(lambda session: agenda.version(session, CLINIC))
    database.write(partial(merge, keep=ann, gone=double))
    stored = database.read(lambda session: session.scalars(select(Visit)).all())
    assert sorted(visit.id for visit in stored) == sorted(booked)
    assert {visit.patient_id for visit in stored} == {ann.id}
    assert sorted(visit.status for visit in stored) == [
        "booked",
        "booked",
        "cancelled",
        "completed",
    ]
    assert database.read(stray_granules) == []
    assert database.read(lambda session: agenda.version(session, CLINIC)) == board + 1


def test_pumps_recalls_and_places_in_the_queue_move(
    database: Database, ann: Patient, double: Patient
) -> None:
    database.write(lambda session: directory.load_clinic(session, WITH_REFILLS))
    for who in (ann, double):
        database.write(partial(pump_of, who=who))
        database.write(partial(entry_of, who=who))
    database.write(partial(merge, keep=ann, gone=double))

    def owners(session: Session) -> list[list[UUID]]:
        tables = (Pump, Recall, WaitlistEntry)
        return [list(session.scalars(select(table.patient_id))) for table in tables]

    assert database.read(owners) == [[ann.id] * 2] * 3


def test_the_kept_record_has_both_numbers_once(
    database: Database, ann: Patient, double: Patient
) -> None:
    database.write(
        partial(
            add_phone,
            clinic_id=CLINIC,
            patient_id=double.id,
            number="+15125550111",
            request=by_desk(),
        )
    )
    database.write(partial(merge, keep=ann, gone=double))
    numbers = database.read(lambda session: phones_of(session, CLINIC, ann.id))
    assert numbers == ["+15125550111", SECOND_PHONE]
    found = database.read(lambda session: patients.find_by_phone(session, CLINIC, SECOND_PHONE))
    assert [one.id for one in found] == [ann.id]


def test_the_latest_word_of_either_record_is_the_consent_that_counts(
    database: Database, ann: Patient, double: Patient
) -> None:
    def say(session: Session, who: Patient, kind: str, *, granted: bool, day: int) -> None:
        record_consent(
            session,
            clinic_id=CLINIC,
            patient_id=who.id,
            kind=ConsentKind(kind),
            granted=granted,
            source="desk",
            request=by_desk(f"{who.id} {kind} {day}", now=at(9, day=day)),
        )

    database.write(partial(say, who=ann, kind="sms", granted=True, day=1))
    database.write(partial(say, who=double, kind="sms", granted=False, day=2))
    database.write(partial(say, who=double, kind="call", granted=False, day=1))
    database.write(partial(say, who=ann, kind="call", granted=True, day=2))
    database.write(partial(merge, keep=ann, gone=double))
    agreed = database.read(
        lambda session: [consent_of(session, CLINIC, double.id, kind) for kind in ConsentKind]
    )
    assert agreed == [False, True]
    # What was said to the other record is still there too, word for word.
    rows = database.read(lambda session: session.scalars(select(PatientConsent)).all())
    assert len(rows) == 6
    assert {row.at for row in rows} == {at(9), at(9, day=2)}


def test_the_kept_record_takes_over_what_it_lacks_and_nothing_else(database: Database) -> None:
    nameless = database.write(partial(patient, name=None))
    other = database.write(partial(patient, phone=SECOND_PHONE, language="es"))
    database.write(
        lambda session: patients.update_patient(
            session,
            clinic_id=CLINIC,
            patient_id=other.id,
            request=by_desk(),
            preferred_name="Annie",
            interpreter_language="Quechua",
        )
    )
    kept = database.write(partial(merge, keep=nameless, gone=other))
    assert (kept.name, kept.preferred_name) == ("Ann Lee", "Annie")
    assert (kept.interpreter_language, kept.language) == ("Quechua", "en")


def test_the_merged_record_stays_and_both_histories_name_what_moved(
    database: Database, ann: Patient, double: Patient
) -> None:
    visit = database.write(partial(visit_of, who=double, start=at(9)))
    database.write(partial(merge, keep=ann, gone=double))
    gone = database.read(lambda session: session.get_one(Patient, (CLINIC, double.id)))
    assert (gone.merged_into_id, gone.name) == (ann.id, "Lee Ann")
    log = database.read(
        lambda session: session.scalars(
            select(PatientEvent).where(PatientEvent.kind.startswith("merged"))
        ).all()
    )
    assert {(event.patient_id, event.kind) for event in log} == {
        (ann.id, "merged_in"),
        (double.id, "merged_away"),
    }
    for event in log:
        assert (event.actor, event.channel) == ("ana", "desk")
        assert event.detail == {
            "kept_id": str(ann.id),
            "merged_id": str(double.id),
            "visits": [str(visit.id)],
            "pumps": [],
            "recalls": [],
            "waitlist_entries": [],
            "phones": 1,
            "consents": [],
            "fields": [],
        }


# Who is meant afterwards


def test_a_caller_known_by_a_merged_record_is_the_one_it_went_into(
    database: Database, ann: Patient, double: Patient
) -> None:
    third = database.write(partial(patient, name="A. Lee", phone="+15125550113"))
    database.write(partial(merge, keep=ann, gone=double, key="1"))
    database.write(partial(merge, keep=third, gone=ann, key="2"))

    def calling(session: Session) -> list[UUID]:
        by_each = [
            patient(session),
            patient(session, date_of_birth=date(1950, 3, 2), phone=SECOND_PHONE),
            patient(session, phone=SECOND_PHONE),
            current(session, CLINIC, double.id),
        ]
        return [one.id for one in by_each]

    assert database.write(calling) == [third.id] * 4
    # The same birth date alone does not make somebody else this patient.
    born = date(1950, 3, 2)
    stranger = database.write(partial(patient, date_of_birth=born, phone="+15125550119"))
    assert stranger.id not in (ann.id, double.id, third.id)


def test_the_same_merge_again_is_done_once(
    database: Database, ann: Patient, double: Patient
) -> None:
    first = database.write(partial(merge, keep=ann, gone=double))
    again = database.write(partial(merge, keep=ann, gone=double))
    assert (again.id, again.version) == (first.id, first.version)
    third = database.write(partial(patient, phone="+15125550113"))
    with pytest.raises(KeyReused):
        database.write(partial(merge, keep=ann, gone=third))
