"""What stands in the way of making two records one: then nothing changes at all."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from scheduling import directory, visits
from scheduling.database import Database
from scheduling.errors import MergeConflict, UnknownPatient
from scheduling.tables import (
    Patient,
    Visit,
)
from tests.scheduling.old_book import everything
from tests.scheduling.sample import (
    CLINIC,
    DEFINITION,
    NOW,
    at,
    by_desk,
    patient,
)
from tests.scheduling.stored_time import stray_granules
from tests.scheduling.two_records import (
    TWO_PROVIDERS,
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


def test_visits_of_both_at_the_same_time_are_named_by_the_clinics_clock_and_nothing_changes(
    database: Database, ann: Patient, double: Patient
) -> None:
    database.write(lambda session: directory.load_clinic(session, TWO_PROVIDERS))
    database.write(partial(visit_of, who=ann, start=at(9), provider="adams"))
    clashing = database.write(partial(visit_of, who=double, start=at(9), provider="baker"))
    database.write(partial(visit_of, who=double, start=at(11), provider="baker"))
    before = everything(database)
    with pytest.raises(MergeConflict, match="visit at 2026-12-01 09:00: cancel"):
        database.write(partial(merge, keep=ann, gone=double))
    assert everything(database) == before

    def settling(session: Session) -> Patient:
        step(session, visits.cancel, clashing, by_desk("off"), reason="booked twice")
        return merge(session, ann, double)

    assert database.write(settling).id == ann.id


def test_what_the_caller_of_a_refused_merge_did_before_stands(
    database: Database, ann: Patient, double: Patient
) -> None:
    """The refusal takes back no more than its own work: a unit of work may go on after it."""
    database.write(lambda session: directory.load_clinic(session, TWO_PROVIDERS))
    database.write(partial(visit_of, who=ann, start=at(9), provider="adams"))

    def work(session: Session) -> None:
        visit_of(session, double, at(9), "baker")
        with pytest.raises(MergeConflict):
            merge(session, ann, double)

    database.write(work)
    owners = database.read(lambda session: session.scalars(select(Visit.patient_id)).all())
    assert sorted(owners) == sorted([ann.id, double.id])
    assert database.read(stray_granules) == []


def test_a_record_is_not_merged_into_itself_or_into_one_that_is_gone(
    database: Database, ann: Patient, double: Patient
) -> None:
    third = database.write(partial(patient, phone="+15125550113"))
    with pytest.raises(MergeConflict, match="itself"):
        database.write(partial(merge, keep=ann, gone=ann))
    database.write(partial(merge, keep=ann, gone=double))
    for keep, gone in ((double, third), (third, double)):
        with pytest.raises(MergeConflict, match=f"into {ann.id}"):
            database.write(partial(merge, keep=keep, gone=gone, key="another"))


def test_records_of_two_clinics_are_not_merged(
    database: Database, ann: Patient, double: Patient
) -> None:
    other = replace(DEFINITION, id="other", phone_number="+15125550142")
    database.write(lambda session: directory.load_clinic(session, other))
    theirs = database.write(partial(patient, clinic_id="other"))
    for keep, gone in ((ann, theirs), (theirs, ann)):
        with pytest.raises(UnknownPatient):
            database.write(partial(merge, keep=keep, gone=gone))


def test_a_record_that_is_to_be_deleted_is_left_apart(
    database: Database, ann: Patient, double: Patient
) -> None:
    def marked(session: Session) -> None:
        session.get_one(Patient, (CLINIC, double.id)).deletion_requested_at = NOW

    database.write(marked)
    for keep, gone in ((ann, double), (double, ann)):
        with pytest.raises(MergeConflict, match="deleted"):
            database.write(partial(merge, keep=keep, gone=gone))
