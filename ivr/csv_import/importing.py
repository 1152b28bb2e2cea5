"""One file: read in full, checked in full, then stored in one transaction or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from pydantic import ValidationError

from ivr.csv_import.columns import Columns, PatientColumns, VisitColumns
from ivr.csv_import.faults import CsvFileError, faults_of_row
from ivr.csv_import.sheet import read_sheet
from scheduling.errors import ImportRefused, InvalidInput
from scheduling.importing.patients import import_patients
from scheduling.importing.rows import Remark
from scheduling.importing.visits import import_visits
from scheduling.requests import Request
from scheduling.states import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from ivr.csv_import.sheet import Sheet
    from scheduling.database import Database
    from scheduling.importing.rows import Report

ColumnsT = TypeVar("ColumnsT", bound=Columns)
RowT = TypeVar("RowT")
RowT_contra = TypeVar("RowT_contra", contravariant=True)

ACTOR = "operator"
"""Who imports: the front desk has log-ins of its own, a terminal has none."""


class ImportFile(Protocol):
    """import_patients_file or import_visits_file."""

    def __call__(
        self, database: Database, path: Path, *, clinic_id: str, now: datetime, dry_run: bool
    ) -> Report:
        """Store what a file says."""


class _Store(Protocol[RowT_contra]):
    def __call__(
        self, session: Session, *, clinic_id: str, rows: Sequence[RowT_contra], request: Request
    ) -> Report:
        """Store rows of one kind."""


class _Undone(Exception):
    """Takes back all that has been stored; it brings the report along."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


def import_patients_file(
    database: Database, path: Path, *, clinic_id: str, now: datetime, dry_run: bool
) -> Report:
    """Store the patients of a file. dry_run: do all of it, then take it back.

    Raises CsvFileError with every fault of the file; nothing is stored then. Raises UnknownClinic.
    """
    sheet = read_sheet(path, required=PatientColumns.required(), optional=PatientColumns.optional())
    rows = rows_of(sheet, PatientColumns, PatientColumns.to_row)
    return _store(database, path, sheet, rows, import_patients, clinic_id, now, dry_run=dry_run)


def import_visits_file(
    database: Database, path: Path, *, clinic_id: str, now: datetime, dry_run: bool
) -> Report:
    """The same for visits."""
    sheet = read_sheet(path, required=VisitColumns.required(), optional=VisitColumns.optional())
    rows = rows_of(sheet, VisitColumns, VisitColumns.to_row)
    return _store(database, path, sheet, rows, import_visits, clinic_id, now, dry_run=dry_run)


def rows_of(
    sheet: Sheet, columns: type[ColumnsT], to_row: Callable[[ColumnsT, int], RowT]
) -> list[RowT]:
    """The rows without a fault; the faults of the others are added to the sheet's."""
    rows = []
    for record in sheet.records:
        try:
            rows.append(to_row(columns.model_validate(record.cells), record.line))
        except ValidationError as error:
            sheet.faults.extend(faults_of_row(record.line, error))
        except InvalidInput as error:
            sheet.faults.append(Remark(record.line, "", str(error)))
    return rows


def _store(
    database: Database,
    path: Path,
    sheet: Sheet,
    rows: Sequence[RowT],
    store: _Store[RowT],
    clinic_id: str,
    now: datetime,
    *,
    dry_run: bool,
) -> Report:
    request = Request(ACTOR, Channel.IMPORT, now, "import")
    faults = list(sheet.faults)

    def work(session: Session) -> Report:
        report = store(session, clinic_id=clinic_id, rows=rows, request=request)
        if dry_run or faults:
            # With faults it runs for the sake of what it finds in the other rows.
            raise _Undone(report)
        return report

    try:
        report = database.write(work)
    except _Undone as undone:
        report = undone.report
    except ImportRefused as refused:
        raise CsvFileError(path, sorted([*faults, *refused.faults])) from None
    if faults:
        raise CsvFileError(path, sorted(faults))
    return report
