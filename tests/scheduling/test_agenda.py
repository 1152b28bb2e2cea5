"""What the desk reads: the book of a day, whether it has changed, whether anyone is in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from scheduling import agenda, directory
from scheduling.definition import ClosureDefinition
from scheduling.errors import EndBeforeStart, NaiveTime, UnknownClinic
from tests.scheduling.sample import (
    CLINIC,
    DEFINITION,
    NOW,
    TWO_PROVIDERS_ONE_ROOM,
    at,
    book,
    book_first_free,
    hold,
    offered,
    patient,
    starts_of,
)

if TYPE_CHECKING:
    from scheduling.database import Database


def test_a_booked_visit_stands_in_the_book_with_all_the_desk_needs(database: Database) -> None:
    database.write(lambda session: directory.load_clinic(session, TWO_PROVIDERS_ONE_ROOM))
    visit = database.write(lambda session: book_first_free(session, after=at(0)))
    (listed,) = database.read(lambda session: agenda.visits_between(session, CLINIC, at(0), at(23)))
    assert (listed.id, listed.patient_name, listed.date_of_birth, listed.phone) == (
        visit.id,
        "Ann Lee",
        date(1950, 2, 28),
        "+15125550111",
    )
    assert (listed.visit_type_key, listed.provider_name, listed.room_name) == (
        "consultation",
        "Doctor Adams",
        "Room One",
    )
    assert (listed.starts_at, listed.ends_at) == (at(8), at(9))
    assert (listed.status, listed.version, listed.booked_channel, listed.created_at) == (
        "booked",
        1,
        "phone",
        NOW,
    )


def test_a_withheld_callback_number_shows_the_one_on_file(database: Database) -> None:
    slot = database.read(offered)[0]
    kept = database.write(lambda session: hold(session, slot))
    database.write(lambda session: book(session, kept, patient(session), callback_number=None))
    (listed,) = database.read(lambda session: agenda.visits_between(session, CLINIC, NOW, at(23)))
    assert listed.phone == "+15125550111"


def test_the_book_is_in_order_and_ends_where_it_is_asked_to(database: Database) -> None:
    for _ in range(4):
        database.write(lambda session: book_first_free(session, after=at(0)))
    listed = database.read(lambda session: agenda.visits_between(session, CLINIC, at(9), at(11)))
    assert [visit.starts_at for visit in listed] == [at(9), at(10)]


@pytest.mark.parametrize(
    ("start", "end", "error"),
    [
        (at(9), at(9), EndBeforeStart),
        (at(9), at(8), EndBeforeStart),
        (datetime(2026, 12, 1), at(9), NaiveTime),  # noqa: DTZ001  # the mistake under test
    ],
)
def test_a_senseless_span_is_refused_by_name(
    database: Database, start: datetime, end: datetime, error: type[Exception]
) -> None:
    with pytest.raises(error):
        database.read(lambda session: agenda.visits_between(session, CLINIC, start, end))


def test_the_agendas_version_grows_with_bookings_and_not_with_holds(database: Database) -> None:
    versions = [database.read(lambda session: agenda.version(session, CLINIC))]
    slot = database.read(offered)[0]
    kept = database.write(lambda session: hold(session, slot))
    versions.append(database.read(lambda session: agenda.version(session, CLINIC)))
    database.write(lambda session: book(session, kept, patient(session)))
    versions.append(database.read(lambda session: agenda.version(session, CLINIC)))
    assert versions == [0, 0, 1]


def test_a_change_to_a_clinic_that_was_never_loaded_is_refused(database: Database) -> None:
    with pytest.raises(UnknownClinic, match="load its definition"):
        database.write(lambda session: agenda.record_change(session, "nowhere"))


def test_a_patients_open_visits_are_those_not_over_yet(database: Database) -> None:
    first = database.write(book_first_free)
    second = database.write(book_first_free)
    asked = [NOW, first.ends_at - timedelta(minutes=1), first.ends_at, second.ends_at]
    ahead = [
        database.read(
            partial(agenda.open_visits_of, clinic_id=CLINIC, patient_id=first.patient_id, now=now)
        )
        for now in asked
    ]
    assert [[visit.id for visit in visits] for visits in ahead] == [
        [first.id, second.id],
        [first.id, second.id],
        [second.id],
        [],
    ]


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (at(7, 59), False),
        (at(8), True),
        (at(11, 59), True),
        (at(12), False),
        (at(8, day=5), False),  # Saturday
        (datetime(2026, 12, 25, 15, tzinfo=UTC), False),  # Christmas, a Friday
        (at(10, day=3), False),  # closed
    ],
)
def test_the_desk_is_there_in_its_hours(
    database: Database, moment: datetime, is_open: bool
) -> None:
    definition = replace(
        DEFINITION,
        holidays_region="US",
        closures=(ClosureDefinition(at(9, day=3), at(11, day=3), "training"),),
    )
    database.write(lambda session: directory.load_clinic(session, definition))
    assert database.read(lambda session: agenda.is_clinic_open(session, CLINIC, moment)) is is_open


def test_a_clinic_that_observes_no_holidays_is_open_on_them(database: Database) -> None:
    definition = replace(DEFINITION, holidays_region="US", observes_holidays=False)
    database.write(lambda session: directory.load_clinic(session, definition))
    christmas = datetime(2026, 12, 25, 15, tzinfo=UTC)
    assert database.read(lambda session: agenda.is_clinic_open(session, CLINIC, christmas))


def test_starts_are_listed_in_utc(database: Database) -> None:
    assert {start.tzinfo for start in starts_of(database.read(offered))} == {UTC}
