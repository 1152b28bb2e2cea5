"""Two visits cannot overlap because the database cannot store it, whoever writes to it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from scheduling.occupancy import granules
from scheduling.tables import Occupancy
from tests.scheduling.sample import CLINIC, at, book_first_free

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from scheduling.database import Database
    from scheduling.tables import Visit


@pytest.fixture
def visit(database: Database) -> Visit:
    """A visit at 8:00 on Tuesday."""
    return database.write(lambda session: book_first_free(session, after=at(0)))


def inserting(visit: Visit, **changed: object) -> Callable[[Session], object]:
    """Insert one granule past all of our code: the visit's fourth, changed."""
    row = {
        "clinic_id": CLINIC,
        "resource": f"provider:{visit.provider_id}",
        "granule_start": granules((visit.starts_at, visit.ends_at))[3],
        "hold_id": None,
        "visit_id": visit.id,
        **changed,
    }
    return lambda session: session.execute(insert(Occupancy).values(row))


def test_a_direct_insert_into_a_taken_granule_is_refused(database: Database, visit: Visit) -> None:
    with pytest.raises(IntegrityError):
        database.write(inserting(visit))


def test_a_direct_insert_for_a_busy_patient_is_refused(database: Database, visit: Visit) -> None:
    with pytest.raises(IntegrityError):
        database.write(inserting(visit, resource=f"patient:{visit.patient_id}"))


def test_a_granule_between_the_granules_cannot_be_stored(database: Database, visit: Visit) -> None:
    between = granules((visit.starts_at, visit.ends_at))[3] + 60
    with pytest.raises(IntegrityError):
        database.write(inserting(visit, granule_start=between))


def test_a_granule_without_an_owner_cannot_be_stored(database: Database, visit: Visit) -> None:
    with pytest.raises(IntegrityError):
        database.write(inserting(visit, resource="room:x", visit_id=None))


def test_a_granule_of_another_clinics_visit_cannot_be_stored(
    database: Database, visit: Visit
) -> None:
    with pytest.raises(IntegrityError):
        database.write(inserting(visit, clinic_id="other"))


def test_the_next_granule_is_free(database: Database, visit: Visit) -> None:
    after = granules((visit.starts_at, visit.ends_at)).stop
    database.write(inserting(visit, granule_start=after))
    stored = database.read(
        lambda session: session.scalars(
            select(Occupancy.granule_start).where(Occupancy.granule_start == after)
        ).all()
    )
    assert stored == [after]


def test_granules_cover_every_second_of_a_time_that_fits_no_grid() -> None:
    start, end = at(8) + timedelta(minutes=7), at(8) + timedelta(minutes=16, seconds=1)
    assert [second - int(at(8).timestamp()) for second in granules((start, end))] == [
        300,
        600,
        900,
    ]
