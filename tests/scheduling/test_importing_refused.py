"""Rows of visits that cannot be stored, and whose a visit is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduling.importing.rows import PatientRow
from scheduling.states import VisitStatus
from scheduling.tables import Patient, Visit
from tests.scheduling.old_book import (
    ANN,
    BETH,
    PUMP,
    faults_of,
    imports,
    imports_visits,
    load,
    stored_visits,
    visit_of,
    wall,
)

if TYPE_CHECKING:
    from scheduling.database import Database


LATER = timedelta(minutes=5)
COMPLETED = VisitStatus.COMPLETED
CANCELLED = VisitStatus.CANCELLED


def test_everything_that_is_wrong_with_the_rows_is_told_at_once(database: Database) -> None:
    imports(database, ANN)
    stranger = PatientRow(9, "Cleo", date(1970, 1, 1), ("+15125550113",))

    faults = faults_of(
        database,
        visit_of(ANN, 2, wall(8), visit_type="consultations", provider="Dr. Fura", room="one"),
        visit_of(stranger, 3, wall(8)),
        visit_of(ANN, 4, wall(8, day=2), status=COMPLETED),
        visit_of(ANN, 5, wall(8).replace(year=2062)),
        visit_of(ANN, 6, wall(8).replace(year=1926), status=COMPLETED),
        visit_of(ANN, 7, wall(9)),
        visit_of(ANN, 8, wall(9), status=CANCELLED),
        visit_of(ANN, 9, wall(10), pump_label="left"),
    )

    told = [
        "line 2, provider: is no key of the clinic's: did you mean fura?",
        "line 2, room: is no key of the clinic's: leave it empty, or add it to the",
        "line 2, visit_type: is no key of the clinic's: did you mean consultation?",
        "line 3, name: no patient on file has this birth date and phone or name: import",
        "line 4, status: the visit has not begun, so nobody has kept or missed it: write",
        "line 5, starts: is more than 732 days ahead: correct the year",
        "line 6, starts: is before the patient was born: correct the year",
        "line 8: is the same visit as line 7: remove one of the two",
        "line 9, pump_label: only a refill fills a pump: leave it empty",
    ]
    assert [fault[: len(start)] for fault, start in zip(faults, told, strict=True)] == told


def test_a_visit_is_nobodys_where_it_could_be_one_of_two(database: Database) -> None:
    twin = replace(ANN, line=3, name="Bea Lee")
    imports(database, ANN, twin)

    faults = faults_of(
        database,
        visit_of(ANN, 2, wall(8), name=None),
        visit_of(ANN, 3, wall(9), name="Roberto Lee"),
    )

    assert [fault.partition(": ")[0] for fault in faults] == ["line 2, phone", "line 3, name"]
    assert "several patients share this birth date" in faults[0]
    assert "the patient on file with this birth date and phone has another name" in faults[1]


def test_a_patient_is_found_by_phone_or_by_name_or_by_a_name_written_a_little_differently(
    database: Database,
) -> None:
    imports(database, ANN, BETH)

    imports_visits(
        database,
        visit_of(ANN, 2, wall(8), name=None),
        visit_of(ANN, 3, wall(9), phone=None, name="ann  LEE"),
        visit_of(ANN, 4, wall(10), name="Lee, Anne"),
        visit_of(ANN, 5, wall(11), phone="+15125550119"),
    )

    owners = database.read(
        lambda session: set(
            session.scalars(select(Patient.name).join(Visit, Visit.patient_id == Patient.id))
        )
    )
    assert owners == {"Ann Lee"}
    assert len(stored_visits(database)) == 4


def test_a_time_that_the_clock_skips_is_refused_and_one_it_shows_twice_is_the_first(
    database: Database,
) -> None:
    imports(database, ANN)
    # 14 March 2027: 02:00 becomes 03:00. 1 November 2026: 02:00 becomes 01:00.
    skipped = datetime(2027, 3, 14, 2, 30)  # noqa: DTZ001  # wall time

    (fault,) = faults_of(database, visit_of(ANN, 2, skipped))
    report = imports_visits(
        database, visit_of(ANN, 2, wall(1, 30, day=1, month=11), status=COMPLETED)
    )

    assert fault.startswith("line 2, starts: the clinic's clock skips this time on that day")
    (warning,) = report.warnings
    assert "shows this time twice on that day" in warning.text
    assert stored_visits(database) == [(datetime(2026, 11, 1, 6, 30, tzinfo=UTC), "completed")]


def test_a_refill_ahead_for_nobodys_pump_is_a_fault_and_a_past_one_is_not(
    database: Database,
) -> None:
    load(database)
    imports(database, ANN, replace(BETH, pump=replace(PUMP, label="left")))

    faults = faults_of(
        database,
        visit_of(ANN, 2, wall(8), visit_type="refill"),
        visit_of(BETH, 3, wall(9), visit_type="refill", pump_label="right"),
        visit_of(ANN, 4, wall(9, day=20, month=9), visit_type="refill", status=COMPLETED),
    )

    assert [fault.partition(": ")[0] for fault in faults] == [
        "line 2, visit_type",
        "line 3, pump_label",
    ]
    assert "no such active pump on file: import it with the patients first" in faults[0]
