"""The booking guarantee holds for imported visits, and what overlaps is named."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from scheduling.errors import ImportRefused, SlotTaken
from scheduling.states import VisitStatus
from tests.scheduling.old_book import (
    ANN,
    BETH,
    faults_of,
    imports,
    imports_visits,
    load,
    stored_visits,
    visit_of,
    wall,
)
from tests.scheduling.sample import (
    TWO_PROVIDERS_ONE_ROOM,
    at,
    book,
    hold,
    offered,
    patient,
)
from tests.scheduling.stored_time import stray_granules

if TYPE_CHECKING:
    from scheduling.database import Database
    from scheduling.importing.rows import PatientRow


LATER = timedelta(minutes=5)
COMPLETED = VisitStatus.COMPLETED
CANCELLED = VisitStatus.CANCELLED


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({}, "the provider has another visit then"),
        ({"provider": "baker"}, "the room has another visit then"),
    ],
    ids=["provider", "room"],
)
def test_an_overlap_in_the_file_is_a_fault_that_names_both_lines(
    other: dict[str, str], why: str, database: Database
) -> None:
    with_buffers = replace(TWO_PROVIDERS_ONE_ROOM.visit_types[0], buffer_after_minutes=15)
    load(database, replace(TWO_PROVIDERS_ONE_ROOM, visit_types=(with_buffers,)))
    imports(database, ANN, BETH)
    first = {"provider": "adams", "room": "one"}

    assert faults_of(
        database,
        visit_of(ANN, 2, wall(9, 10), **first),
        visit_of(BETH, 7, wall(8), **first | other),
    ) == [f"line 7, starts: overlaps line 2, buffers included ({why}): correct one of the two"]


def test_a_patient_is_not_in_two_places_at_once(database: Database) -> None:
    load(database, TWO_PROVIDERS_ONE_ROOM)
    imports(database, ANN)

    faults = faults_of(
        database,
        visit_of(ANN, 2, wall(8), provider="adams"),
        visit_of(ANN, 3, wall(8, 30), provider="baker"),
    )

    (fault,) = faults
    assert fault.startswith("line 3, starts: overlaps line 2, buffers included (the patient")


def test_visits_that_touch_but_do_not_overlap_are_all_stored(database: Database) -> None:
    imports(database, ANN, BETH)

    imports_visits(
        database,
        visit_of(ANN, 2, wall(8)),
        visit_of(BETH, 3, wall(9)),
        visit_of(ANN, 4, wall(10), status=CANCELLED),
        visit_of(BETH, 5, wall(10)),
    )

    assert len(stored_visits(database)) == 4


def test_time_taken_in_the_book_or_kept_for_a_caller_is_a_fault(database: Database) -> None:
    imports(database, ANN, BETH)

    def on_the_phone(session: Any) -> None:
        first, second = offered(session, after=at(7), limit=2)
        book(session, hold(session, first, "CA1"), patient(session, phone="+15125550119"))
        hold(session, second, "CA2")

    database.write(on_the_phone)

    faults = faults_of(database, visit_of(ANN, 2, wall(8, 30)), visit_of(BETH, 3, wall(9, 45)))

    assert [fault.partition(",")[0] for fault in faults] == ["line 2", "line 3"]
    assert all("is taken in the book" in fault for fault in faults)


def test_a_hold_that_has_run_out_is_in_nobodys_way(database: Database) -> None:
    imports(database, ANN)
    database.write(lambda session: hold(session, offered(session, after=at(7), limit=1)[0]))

    report = imports_visits(database, visit_of(ANN, 2, wall(8)), later=LATER)

    assert report.done == {"booked visits added": 1}


def test_nobody_can_book_what_has_been_imported(database: Database) -> None:
    imports(database, ANN)
    slot = database.read(lambda session: offered(session, after=at(7), limit=1)[0])
    imports_visits(database, visit_of(ANN, 2, wall(8, 30)))

    with pytest.raises(SlotTaken):
        database.write(partial(hold, slot=slot))


def test_a_visit_under_way_keeps_its_time(database: Database) -> None:
    imports(database, ANN)

    imports_visits(database, visit_of(ANN, 2, wall(9, 30, day=30, month=11), status=COMPLETED))

    assert database.read(stray_granules) == []
    assert len(stored_visits(database)) == 1


def test_of_imports_that_want_the_same_time_at_once_one_gets_it(database: Database) -> None:
    people = [
        replace(ANN, line=n, name=f"Person {n}", phones=(f"+1512555012{n}",)) for n in range(4)
    ]
    imports(database, *people)
    together = threading.Barrier(len(people))

    def import_one(one: PatientRow) -> str:
        together.wait()
        try:
            imports_visits(database, visit_of(one, 2, wall(8, 15 * one.line)))
        except ImportRefused as refused:
            return refused.faults[0].text.partition(",")[0]
        return "stored"

    with ThreadPoolExecutor(len(people)) as pool:
        outcomes = sorted(pool.map(import_one, people))

    assert outcomes == [*["is taken in the book"] * 3, "stored"]
    assert len(stored_visits(database)) == 1
    assert database.read(stray_granules) == []
