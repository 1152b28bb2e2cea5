"""What two transactions do to one patient's record, step by step, where they can meet.

On SQLite one writer runs after the other, so there is nothing to interleave.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from scheduling import directory, merging, visits
from scheduling.database import Database, new_id
from scheduling.tables import Provider, Visit
from tests.scheduling.sample import (
    CLINIC,
    DEFINITION,
    at,
    book,
    book_first_free,
    by_desk,
    hold,
    offered,
    patient,
)
from tests.scheduling.stored_time import stray_granules
from tests.scheduling.test_lock_order import Meanwhile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from scheduling.tables import Patient


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    """The sample clinic on PostgreSQL."""
    database = Database(postgresql_url, budget_seconds=30)
    database.write(lambda session: directory.load_clinic(session, DEFINITION))
    yield database
    database.dispose()


@pytest.fixture
def ann(database: Database) -> Patient:
    """The record to keep; book_first_free() and patient() give the other one."""
    return database.write(partial(patient, phone="+15125550112"))


def merge_into(session: Session, keep: Patient, gone: Patient) -> object:
    """Make `gone` part of `keep`."""
    return merging.merge(
        session, clinic_id=CLINIC, keep_id=keep.id, merge_id=gone.id, request=by_desk()
    )


def owners(session: Session) -> list[object]:
    """Whose the visits are."""
    return list(session.scalars(select(Visit.patient_id)))


def test_a_visit_that_takes_its_time_back_during_a_merge_takes_it_for_the_kept_record(
    database: Database, ann: Patient
) -> None:
    double = database.write(patient)
    visit = database.write(partial(book_first_free, after=at(0)))
    missed, late = by_desk("missed", now=at(8, 30)), by_desk("late", now=at(8, 40))
    database.write(partial(visits.miss, clinic_id=CLINIC, visit_id=visit.id, request=missed))
    merging_meanwhile = Meanwhile(database, partial(merge_into, keep=ann, gone=double))

    def coming_late(session: Session) -> None:
        visits.check_in(session, clinic_id=CLINIC, visit_id=visit.id, request=late)
        merging_meanwhile.start_and_block()

    database.write(coming_late)
    assert not merging_meanwhile.is_refused()
    assert database.read(owners) == [ann.id]
    assert database.read(stray_granules) == []


def test_a_caller_who_books_while_their_record_is_being_merged_keeps_the_visit(
    database: Database, ann: Patient
) -> None:
    database.write(patient)
    slot = database.read(lambda session: offered(session, after=at(0))[0])
    double = database.write(patient)
    merging_meanwhile = Meanwhile(database, partial(merge_into, keep=ann, gone=double))

    def calling(session: Session) -> None:
        who = patient(session)
        merging_meanwhile.start_and_block()
        book(session, hold(session, slot), who)

    database.write(calling)
    assert not merging_meanwhile.is_refused()
    assert database.read(owners) == [ann.id]
    assert database.read(stray_granules) == []


def test_a_visit_booked_for_a_record_that_is_just_being_merged_is_the_kept_ones(
    database: Database, ann: Patient
) -> None:
    double = database.write(patient)
    slot = database.read(lambda session: offered(session, after=at(0))[0])
    kept = database.write(partial(hold, slot=slot))
    booking_meanwhile = Meanwhile(database, partial(book, kept=kept, who=double))

    def merging_them(session: Session) -> None:
        merge_into(session, ann, double)
        booking_meanwhile.start_and_block()

    database.write(merging_them)
    assert not booking_meanwhile.is_refused()
    assert database.read(owners) == [ann.id]
    assert database.read(stray_granules) == []


def test_a_newcomer_keeps_neither_known_callers_nor_the_clinics_book_waiting(
    database: Database, ann: Patient
) -> None:
    """Registering a newcomer locks the clinic's row, but only against other newcomers."""
    provider = Provider(clinic_id=CLINIC, id=new_id(), key="new", name="Doctor New")

    def registering(session: Session) -> Patient:
        patient(session, phone="+15125550113")
        database.write(lambda beside: beside.add(provider))
        return database.write(partial(patient, phone="+15125550112", name="Somebody else"))

    assert database.write(registering).id == ann.id
