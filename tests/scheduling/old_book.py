"""Short ways to write rows of an old book, and to import them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from scheduling import contact, directory
from scheduling.database import Base
from scheduling.errors import ImportRefused
from scheduling.importing.patients import import_patients
from scheduling.importing.rows import PatientRow, PumpRow, VisitRow
from scheduling.importing.visits import import_visits
from scheduling.requests import Request
from scheduling.states import Channel
from scheduling.tables import Patient, Visit
from tests.scheduling.sample import CLINIC, NOW, WITH_REFILLS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from scheduling.database import Database
    from scheduling.definition import ClinicDefinition
    from scheduling.importing.rows import Remark, Report

BORN = date(1950, 2, 28)
ANN = PatientRow(2, "Ann Lee", BORN, ("+15125550111",))
BETH = PatientRow(3, "Beth Moreno", date(1961, 3, 1), ("+15125550112",))
PUMP = PumpRow(date(2026, 12, 20), filled_on=date(2026, 9, 20))
"""Due on 13 December 2026: a margin of 7 days."""


def wall(hour: int, minute: int = 0, *, day: int = 1, month: int = 12) -> datetime:
    """A time of 2026 as the clinic's clock shows it; without a zone, as in a file."""
    return datetime(2026, month, day, hour, minute)  # noqa: DTZ001  # wall time


def visit_of(patient: PatientRow, line: int, starts: datetime, **changed: Any) -> VisitRow:
    """A consultation with Doctor Fura."""
    row = VisitRow(
        line,
        patient.date_of_birth,
        "consultation",
        "fura",
        starts,
        name=patient.name,
        phone=patient.phones[0],
    )
    return replace(row, **changed)


def load(database: Database, definition: ClinicDefinition = WITH_REFILLS) -> None:
    """Store a clinic other than the sample's simplest."""
    database.write(lambda session: directory.load_clinic(session, definition))


def imports(database: Database, *rows: PatientRow, later: timedelta = timedelta(0)) -> Report:
    """Import patients. later: so long after the sample's now."""
    return database.write(
        lambda session: import_patients(
            session, clinic_id=CLINIC, rows=rows, request=_request(later)
        )
    )


def imports_visits(database: Database, *rows: VisitRow, later: timedelta = timedelta(0)) -> Report:
    """Import visits."""
    return database.write(
        lambda session: import_visits(session, clinic_id=CLINIC, rows=rows, request=_request(later))
    )


def everything(database: Database) -> dict[str, list[Any]]:
    """Every row of every table of scheduling."""
    return database.read(
        lambda session: {
            table.name: sorted(session.execute(select(table)).all(), key=repr)
            for table in Base.metadata.sorted_tables
        }
    )


def stored_visits(database: Database) -> list[tuple[datetime, str]]:
    """Start and status of every visit, by start."""
    return database.read(
        lambda session: [
            (one.starts_at, one.status)
            for one in session.scalars(select(Visit).order_by(Visit.starts_at))
        ]
    )


def faults_of(database: Database, *rows: VisitRow) -> list[str]:
    """Why these visits are refused; nothing of them is stored."""
    before = everything(database)
    with pytest.raises(ImportRefused) as caught:
        imports_visits(database, *rows)
    assert everything(database) == before
    return [str(fault) for fault in caught.value.faults]


def _request(later: timedelta) -> Request:
    return Request("operator", Channel.IMPORT, NOW + later, "import")


LATER = timedelta(minutes=5)


def names(database: Database) -> list[str | None]:
    """Of all patients who have not been merged."""
    return sorted(
        database.read(
            lambda session: session.scalars(
                select(Patient.name).where(Patient.merged_into_id.is_(None))
            ).all()
        ),
        key=str,
    )


def the_patient(session: Session) -> Patient:
    """The only one there is."""
    return session.scalars(select(Patient).where(Patient.merged_into_id.is_(None))).one()


def phones(database: Database) -> list[str]:
    """Of the only patient."""
    return database.read(
        lambda session: contact.phones_of(session, CLINIC, the_patient(session).id)
    )


def columns_of(report_warnings: Sequence[Remark]) -> list[tuple[int, str]]:
    """Where there is something to look at."""
    return [(one.line, one.column) for one in report_warnings]
