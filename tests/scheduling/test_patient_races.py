"""Eight processes at one patient's record: registered once, merged once, no visit left behind."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from scheduling import merging
from scheduling.database import Database
from scheduling.errors import MergeConflict
from scheduling.patient_records import current
from scheduling.tables import Patient, Visit
from tests.scheduling.racers import PROCESSES, Racers
from tests.scheduling.sample import (
    CLINIC,
    at,
    book,
    by_desk,
    hold,
    offered,
    patient,
    request,
)
from tests.scheduling.stored_time import stray_granules

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sqlalchemy.orm import Session

pytestmark = [pytest.mark.storm, pytest.mark.xdist_group("races")]


def call_for_the_first_time(database: Database, phone: str, key: str) -> str:
    """What one line of eight does for a caller nobody knows."""
    who = database.write(lambda session: patient(session, phone=phone, request=request(key)))
    return str(who.id)


def test_eight_calls_of_one_new_caller_register_one_patient(
    racers: Racers,
    database: Database,
    database_url: str,
    size: Callable[[int, int], int],
    tally: Callable[[str, int], None],
) -> None:
    rounds = size(3, 150)
    for number in range(rounds):
        phone = f"+1512555{1000 + number}"
        outcomes = racers.race(
            database_url,
            call_for_the_first_time,
            [(phone, f"{number} {racer}") for racer in range(PROCESSES)],
        )
        assert len(set(outcomes)) == 1, outcomes
    assert database.read(lambda session: session.scalar(select(func.count(Patient.id)))) == rounds
    tally("registrations", rounds * PROCESSES)
    tally("patients", rounds)


def merge_or_call(database: Database, what: str, *given: Any) -> str:
    """What one of eight processes does: the desk merges, or a caller registers and books."""

    def merging_them(session: Session) -> str:
        merging.merge(
            session,
            clinic_id=CLINIC,
            keep_id=given[0],
            merge_id=given[1],
            request=by_desk(f"{given[0]}"),
        )
        return "merged"

    def calling(session: Session) -> str:
        slot, born, phone = given
        kept = hold(session, slot, holder=f"{slot.starts_at} {phone}")
        who = patient(session, date_of_birth=born, phone=phone)
        book(session, kept, who)
        return "booked"

    try:
        return database.write(merging_them if what == "merge" else calling)
    except MergeConflict:
        return "refused"


def owners_among(session: Session, patient_ids: list[UUID]) -> list[UUID]:
    """Whose the visits of these records are, once for each visit."""
    return list(session.scalars(select(Visit.patient_id).where(Visit.patient_id.in_(patient_ids))))


def test_calls_during_a_merge_leave_every_visit_with_the_one_record(
    racers: Racers,
    database: Database,
    database_url: str,
    size: Callable[[int, int], int],
    tally: Callable[[str, int], None],
) -> None:
    """Two at the desk merge the same two records, each into the other; six callers book."""
    rounds = size(2, 40)
    slots = database.read(lambda session: offered(session, after=at(0), limit=6 * rounds))
    booked = 0
    for number in range(rounds):
        born = date(1960, 1, 1) + timedelta(days=number)
        phones = [f"+1512555{2000 + 2 * number + one}" for one in (0, 1)]
        pair = [
            database.write(partial(patient, date_of_birth=born, phone=phone)).id for phone in phones
        ]
        calls = [
            ("call", slot, born, phones[index % 2])
            for index, slot in enumerate(slots[6 * number : 6 * number + 6])
        ]
        outcomes = racers.race(
            database_url, merge_or_call, [("merge", *pair), ("merge", *reversed(pair)), *calls]
        )
        assert sorted(outcomes) == ["booked"] * 6 + ["merged", "refused"], outcomes
        booked += outcomes.count("booked")
        kept = database.read(partial(current, clinic_id=CLINIC, patient_id=pair[0]))
        assert database.read(partial(owners_among, patient_ids=pair)) == [kept.id] * 6
    assert database.read(stray_granules) == []
    tally("merges", rounds)
    tally("visits booked meanwhile", booked)
