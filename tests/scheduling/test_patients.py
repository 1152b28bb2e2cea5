"""Patients' records: registered once, corrected with care, found by number and birth date."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from scheduling import agenda, patients
from scheduling.database import Database
from scheduling.errors import InvalidInput, KeyReused, StaleVersion, UnknownPatient
from scheduling.patient_records import current
from scheduling.tables import Patient, PatientEvent
from tests.scheduling.sample import CLINIC, NOW, by_desk, patient

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

INTACT = [
    "Zoë Müller-Øst",
    "Zoe\u0308 Mu\u0308ller",  # the same letters, combined by accents that follow them
    "שרה כהן",
    "عبد الرحمن",
    "\u202bשרה (Sarah)\u202c",  # with marks that turn the direction of writing
    "张伟",
    "नमस्ते",
    "🧑🏽‍⚕️ Kim",
    "O'Brien; DROP TABLE visit",
    "e" + "\u0301" * 199,
]


def update(session: Session, who: Patient, key: str = "a click", **changed: Any) -> Patient:
    """Correct a record at the desk."""
    given = {"request": by_desk(key), **changed}
    return patients.update_patient(session, clinic_id=CLINIC, patient_id=who.id, **given)


def events(session: Session) -> list[tuple[str, list[str]]]:
    """What the log of all patients tells: kind and fields, in order."""
    rows = session.scalars(select(PatientEvent).order_by(PatientEvent.at, PatientEvent.kind))
    return [(row.kind, row.detail["fields"]) for row in rows]


# Registering


def test_a_name_in_any_script_is_stored_as_it_was_given(database: Database) -> None:
    def register_all(session: Session) -> None:
        for number, name in enumerate(INTACT):
            patient(session, name=name, phone=f"+1512555{2000 + number}")

    database.write(register_all)
    stored = database.read(lambda session: session.scalars(select(Patient.name)).all())
    assert sorted(map(str, stored)) == sorted(INTACT)


def test_a_leap_day_is_a_birthday(database: Database) -> None:
    who = database.write(lambda session: patient(session, date_of_birth=date(1948, 2, 29)))
    assert who.date_of_birth == date(1948, 2, 29)


def test_somebody_born_today_where_it_is_still_today_is_accepted(database: Database) -> None:
    """At 5:00 UTC on 1 December it is still 30 November in Chicago."""
    night = NOW + timedelta(hours=13)
    with pytest.raises(InvalidInput, match="future"):
        database.write(lambda session: patient(session, date_of_birth=date(2026, 12, 1), now=night))
    born = date(2026, 11, 30)
    who = database.write(lambda session: patient(session, date_of_birth=born, now=night))
    assert who.date_of_birth == born


def test_the_same_birth_date_and_phone_are_the_same_patient(database: Database) -> None:
    first = database.write(lambda session: patient(session, name=None))
    again = database.write(lambda session: patient(session, name="Ann Lee"))
    third = database.write(lambda session: patient(session, name="Anne Li"))
    assert first.id == again.id == third.id
    assert (third.name, third.version) == ("Ann Lee", 2)
    assert database.read(events) == [
        ("registered", ["date_of_birth", "language", "phone"]),
        ("updated", ["name"]),
    ]


@pytest.mark.parametrize(
    "changed", [{"phone": "+15125550112"}, {"date_of_birth": date(1950, 2, 27)}]
)
def test_one_matching_identifier_is_not_enough(database: Database, changed: dict[str, Any]) -> None:
    first = database.write(patient)
    other = database.write(lambda session: patient(session, **changed))
    assert first.id != other.id


# Correcting


def test_a_correction_changes_what_it_names_and_logs_the_fields_without_their_values(
    database: Database,
) -> None:
    who = database.write(patient)
    board = database.read(lambda session: agenda.version(session, CLINIC))
    changed = database.write(
        lambda session: update(
            session,
            who,
            version=1,
            name="Ann Leigh",
            preferred_name="Annie",
            date_of_birth=date(1950, 2, 27),
            language="es",
            interpreter_language="Quechua",
            deceased_on=None,
        )
    )
    assert (changed.name, changed.preferred_name) == ("Ann Leigh", "Annie")
    assert changed.date_of_birth == date(1950, 2, 27)
    assert (changed.language, changed.interpreter_language) == ("es", "Quechua")
    assert (changed.deceased_on, changed.version) == (None, 2)
    log = database.read(lambda session: session.scalars(select(PatientEvent)).all())
    corrected = next(event for event in log if event.kind == "updated")
    assert (corrected.actor, corrected.channel) == ("ana", "desk")
    fields = ["date_of_birth", "interpreter_language", "language", "name", "preferred_name"]
    assert corrected.detail == {"fields": fields}
    # An open board shows the new name.
    assert database.read(lambda session: agenda.version(session, CLINIC)) == board + 1


def test_an_optional_field_can_be_taken_away_again(database: Database) -> None:
    who = database.write(lambda session: update(session, patient(session), preferred_name="Annie"))
    changed = database.write(lambda session: update(session, who, "two", preferred_name=None))
    assert changed.preferred_name is None


def test_a_correction_of_what_somebody_changed_meanwhile_is_refused(database: Database) -> None:
    who = database.write(patient)
    database.write(lambda session: update(session, who, "first", version=1, name="Ann Leigh"))
    with pytest.raises(StaleVersion):
        database.write(lambda session: update(session, who, "second", version=1, name="Ann Lea"))
    stored = database.read(lambda session: current(session, CLINIC, who.id))
    assert (stored.name, stored.version) == ("Ann Leigh", 2)


def test_the_same_correction_again_is_done_once(database: Database) -> None:
    who = database.write(patient)
    versions = [
        database.write(lambda session: update(session, who, version=1, name="Ann Leigh")).version
        for _ in range(2)
    ]
    assert versions == [2, 2]


def test_a_correction_that_changes_nothing_leaves_no_trace(database: Database) -> None:
    who = database.write(patient)
    before = database.read(events)
    assert database.write(lambda session: update(session, who, name="Ann Lee")).version == 1
    assert database.read(events) == before


def test_a_key_of_another_patients_correction_is_refused(database: Database) -> None:
    first = database.write(patient)
    second = database.write(lambda session: patient(session, phone="+15125550112"))
    database.write(lambda session: update(session, first, name="Ann Leigh"))
    with pytest.raises(KeyReused):
        database.write(lambda session: update(session, second, name="Ann Leigh"))


@pytest.mark.parametrize("died", [date(2026, 12, 1), date(1950, 2, 27)])
def test_nobody_dies_before_their_birth_or_after_today(database: Database, died: date) -> None:
    who = database.write(patient)
    with pytest.raises(InvalidInput, match="death"):
        database.write(lambda session: update(session, who, deceased_on=died))
    # Neither may a birth date be moved behind a death on file.
    database.write(lambda session: update(session, who, deceased_on=date(2026, 11, 30)))
    with pytest.raises(InvalidInput, match="future"):
        database.write(lambda session: update(session, who, "late", date_of_birth=date(2027, 1, 1)))


# Finding


def test_patients_are_found_by_number_and_by_birth_date(database: Database) -> None:
    ann = database.write(patient)
    bob = database.write(lambda session: patient(session, date_of_birth=date(1951, 1, 1)))
    eve = database.write(lambda session: patient(session, name="Eve", phone="+15125550112"))

    def found(session: Session) -> tuple[list[Patient], list[Patient]]:
        return (
            patients.find_by_phone(session, CLINIC, "+15125550111"),
            patients.find_by_birth_date(session, CLINIC, date(1950, 2, 28)),
        )

    by_phone, by_birth_date = database.read(found)
    assert [one.id for one in by_phone] == [ann.id, bob.id]
    assert [one.id for one in by_birth_date] == [ann.id, eve.id]


def test_another_clinics_patient_is_unknown(database: Database) -> None:
    who = database.write(patient)
    for clinic_id, patient_id in (("other", who.id), (CLINIC, uuid4())):
        with pytest.raises(UnknownPatient):
            database.read(partial(current, clinic_id=clinic_id, patient_id=patient_id))
