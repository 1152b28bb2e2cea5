"""Clinics by id, number and definition; patients by birth date and phone; bad input by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from scheduling import booking, directory
from scheduling.definition import (
    ClinicDefinition,
    ClosureDefinition,
    ProviderDefinition,
    VisitTypeDefinition,
    WeeklyHoursDefinition,
)
from scheduling.errors import (
    EndBeforeStart,
    InvalidDefinition,
    InvalidInput,
    NaiveTime,
    UnknownClinic,
    UnknownRegion,
    UnknownZone,
    UnsuitablePhone,
    UnsuitableText,
)
from scheduling.tables import Closure, Patient, Provider, VisitType, WeeklyHours
from tests.scheduling.sample import (
    CLINIC,
    DEFINITION,
    MORNINGS,
    NOW,
    TTL,
    at,
    book,
    book_first_free,
    hold,
    offered,
    patient,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from scheduling.database import Database

NAIVE = datetime(2026, 12, 1, 8)  # noqa: DTZ001  # the mistake under test

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


@pytest.mark.parametrize("name", INTACT)
def test_a_name_in_any_script_is_stored_as_it_was_given(database: Database, name: str) -> None:
    who = database.write(lambda session: patient(session, name=name))
    stored = database.read(lambda session: session.scalar(select(Patient.name)))
    assert stored == who.name == name


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"name": "x" * 10_000}, UnsuitableText),
        ({"name": "x" * 201}, UnsuitableText),
        ({"name": ""}, UnsuitableText),
        ({"name": " \u00a0 "}, UnsuitableText),
        ({"name": "Ann\0Lee"}, UnsuitableText),
        ({"name": "Ann\nLee"}, UnsuitableText),
        ({"name": "half a pair \ud83d"}, UnsuitableText),
        ({"phone": "512 555 0111"}, UnsuitablePhone),
        ({"phone": "+1512555011" + "1" * 10_000}, UnsuitablePhone),
        ({"phone": "+١٥١٢٥٥٥٠١١١"}, UnsuitablePhone),
        ({"date_of_birth": date(2026, 12, 2)}, InvalidInput),
        ({"date_of_birth": date(1890, 1, 1)}, InvalidInput),
        ({"language": "tlh"}, InvalidInput),
        ({"now": NAIVE}, NaiveTime),
        ({"clinic_id": "nowhere"}, UnknownClinic),
    ],
)
def test_an_unusable_patient_is_refused_by_name_and_nothing_is_stored(
    database: Database, changed: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        database.write(lambda session: patient(session, **changed))
    assert database.read(lambda session: session.scalar(select(func.count(Patient.id)))) == 0


def test_a_leap_day_is_a_birthday(database: Database) -> None:
    who = database.write(lambda session: patient(session, date_of_birth=date(1948, 2, 29)))
    assert who.date_of_birth == date(1948, 2, 29)


def test_somebody_born_today_where_it_is_still_today_is_accepted(database: Database) -> None:
    """At 5:00 UTC on 1 December it is still 30 November in Chicago."""
    night = NOW + timedelta(hours=13)
    with pytest.raises(InvalidInput, match="future"):
        database.write(lambda session: patient(session, date_of_birth=date(2026, 12, 1), now=night))


def test_the_same_birth_date_and_phone_are_the_same_patient(database: Database) -> None:
    first = database.write(lambda session: patient(session, name=None))
    again = database.write(lambda session: patient(session, name="Ann Lee"))
    third = database.write(lambda session: patient(session, name="Anne Li"))
    assert first.id == again.id == third.id
    assert database.read(lambda session: session.scalar(select(Patient.name))) == "Ann Lee"


@pytest.mark.parametrize(
    "changed", [{"phone": "+15125550112"}, {"date_of_birth": date(1950, 2, 27)}]
)
def test_one_matching_identifier_is_not_enough(database: Database, changed: dict[str, Any]) -> None:
    first = database.write(patient)
    other = database.write(lambda session: patient(session, **changed))
    assert first.id != other.id


def test_the_number_called_picks_the_clinic(database: Database) -> None:
    def found(number: str) -> str | None:
        clinic = database.read(lambda session: directory.find_clinic_by_number(session, number))
        return clinic.id if clinic else None

    assert (found("+15125550100"), found("+15125550101")) == (CLINIC, None)


def test_loading_a_clinic_twice_changes_nothing(database: Database) -> None:
    def rows(session: Session) -> list[Any]:
        tables = (Provider, VisitType, WeeklyHours, Closure)
        return [sorted(session.scalars(select(table.id))) for table in tables]

    definition = replace(DEFINITION, closures=(ClosureDefinition(at(8), at(9), "training"),))
    database.write(lambda session: directory.load_clinic(session, definition))
    before = database.read(rows)
    database.write(lambda session: directory.load_clinic(session, definition))
    assert database.read(rows) == before


def test_whatever_a_new_definition_drops_is_no_longer_offered_but_visits_stand(
    database: Database,
) -> None:
    visit = database.write(lambda session: book_first_free(session, after=at(0)))
    successor = replace(
        DEFINITION, providers=(ProviderDefinition("gray", "Doctor Gray", MORNINGS[:1]),)
    )
    database.write(lambda session: directory.load_clinic(session, successor))
    slots = database.read(lambda session: offered(session, after=at(0)))
    assert {slot.provider_name for slot in slots} == {"Doctor Gray"}
    assert {slot.starts_at.weekday() for slot in slots} == {0}
    provider = database.read(lambda session: session.get_one(Provider, (CLINIC, visit.provider_id)))
    assert (provider.name, provider.active) == ("Doctor Fura", False)


@pytest.mark.parametrize(
    ("build", "error"),
    [
        (lambda: replace(DEFINITION, timezone="Mars/Base"), UnknownZone),
        (lambda: replace(DEFINITION, holidays_region="US-ZZ"), UnknownRegion),
        (lambda: replace(DEFINITION, phone_number="5550100"), UnsuitablePhone),
        (lambda: replace(DEFINITION, name="x" * 10_000), UnsuitableText),
        (lambda: replace(DEFINITION, id=""), UnsuitableText),
        (lambda: replace(DEFINITION, providers=DEFINITION.providers * 2), InvalidDefinition),
        (lambda: replace(DEFINITION, visit_types=DEFINITION.visit_types * 2), InvalidDefinition),
        (lambda: ClosureDefinition(NAIVE, at(9), "x"), NaiveTime),
        (lambda: ClosureDefinition(at(9), at(8), "x"), EndBeforeStart),
        (
            lambda: replace(
                DEFINITION, closures=(ClosureDefinition(at(8), at(9), "x", provider_key="nobody"),)
            ),
            InvalidDefinition,
        ),
        (lambda: WeeklyHoursDefinition(7, time(8), time(9)), InvalidDefinition),
        (
            lambda: WeeklyHoursDefinition(
                0, time(8), time(9), date(2026, 12, 2), date(2026, 12, 1)
            ),
            InvalidDefinition,
        ),
        (lambda: VisitTypeDefinition("x", duration_minutes=0), InvalidDefinition),
        (lambda: VisitTypeDefinition("x", 30, buffer_after_minutes=-1), InvalidDefinition),
        (lambda: VisitTypeDefinition("x", 30, notice_minutes=-1), InvalidDefinition),
        (lambda: VisitTypeDefinition("x", 30, horizon_days=10_000), InvalidDefinition),
        (lambda: VisitTypeDefinition("x", 30, booked_by="dogs"), InvalidDefinition),  # type: ignore[arg-type]  # the mistake under test
    ],
)
def test_a_contradictory_definition_is_refused_by_name(
    build: Callable[[], ClinicDefinition], error: type[Exception]
) -> None:
    with pytest.raises(error):
        build()


@pytest.mark.parametrize(
    ("attempt", "error"),
    [
        (lambda session: offered(session, now=NAIVE), NaiveTime),
        (lambda session: offered(session, after=NAIVE), NaiveTime),
        (lambda session: replace(offered(session)[0], starts_at=NAIVE), NaiveTime),
        (
            lambda session: replace(offered(session)[0], ends_at=at(0, day=1, month=11)),
            EndBeforeStart,
        ),
        (lambda session: hold(session, offered(session)[0], now=NAIVE), NaiveTime),
        (lambda session: hold(session, offered(session)[0], holder="x" * 10_000), UnsuitableText),
        (lambda session: hold(session, offered(session)[0], holder=""), UnsuitableText),
        (lambda session: booked(session, callback_number="911"), UnsuitablePhone),
        (lambda session: booked(session, actor=""), UnsuitableText),
        (lambda session: booked(session, idempotency_key="x" * 10_000), UnsuitableText),
        (lambda session: booked(session, channel="pigeon"), InvalidInput),
        (lambda session: booked(session, now=NAIVE), NaiveTime),
    ],
)
def test_senseless_requests_are_refused_by_name(
    database: Database, attempt: Callable[[Session], object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        database.write(attempt)


def booked(session: Session, **changed: Any) -> object:
    """Book the first free slot with something wrong."""
    return book(session, hold(session, offered(session)[0]), patient(session), **changed)


def test_a_hold_must_last(database: Database) -> None:
    slot = database.read(offered)[0]
    for ttl in (timedelta(0), -TTL):
        with pytest.raises(InvalidInput, match="longer"):
            database.write(partial(booking.hold, slot=slot, holder="CA1", now=NOW, ttl=ttl))
