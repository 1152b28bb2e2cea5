"""CSV files for tests, and what is said about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.csv_import.columns import PatientColumns, VisitColumns
from ivr.csv_import.faults import CsvFileError
from ivr.csv_import.importing import rows_of
from ivr.csv_import.sheet import Sheet, read_sheet
from scheduling.importing.rows import PatientRow, VisitRow

PATIENTS = "name,date_of_birth,phone"
ANN = "Ann Lee,1948-02-29,512-555-0111"


def csv_file(folder: Path, *lines: str, name: str = "book.csv") -> Path:
    """A file of these lines."""
    path = folder / name
    path.write_bytes("\n".join(lines).encode())
    return path


def patients_sheet(path: Path) -> Sheet:
    """A file of patients, split into records."""
    return read_sheet(path, required=PatientColumns.required(), optional=PatientColumns.optional())


def patient_rows(path: Path) -> tuple[list[PatientRow], list[str]]:
    """The rows of a file of patients, and the faults of the others."""
    sheet = patients_sheet(path)
    rows = rows_of(sheet, PatientColumns, PatientColumns.to_row)
    return rows, [str(fault) for fault in sorted(sheet.faults)]


def visit_rows(path: Path) -> tuple[list[VisitRow], list[str]]:
    """The same of a file of visits."""
    sheet = read_sheet(path, required=VisitColumns.required(), optional=VisitColumns.optional())
    rows = rows_of(sheet, VisitColumns, VisitColumns.to_row)
    return rows, [str(fault) for fault in sorted(sheet.faults)]


def refusal_of(path: Path) -> list[str]:
    """What is wrong with a file of patients that cannot even be split."""
    with pytest.raises(CsvFileError) as caught:
        patients_sheet(path)
    return caught.value.faults
