"""`callnow import`: what an operator types, what is stored, and what is answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from scheduling.database import Base, Database
from scheduling.tables import Patient, Visit
from tests.cli.conftest import Callnow
from tests.clinics.files import clinic_file
from tests.csv_import.files import ANN, PATIENTS, csv_file
from tests.product import load_demo_clinic

TOMORROW = date.today() + timedelta(days=1)  # noqa: DTZ011  # any day ahead will do
VISITS = "date_of_birth,phone,visit_type,provider,starts"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with the demo clinic."""
    opened = Database(database_url, budget_seconds=None)
    opened.write(load_demo_clinic)
    yield opened
    opened.dispose()


def rows(database: Database) -> dict[str, int]:
    """Table → how many rows it has."""
    return database.read(
        lambda session: {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }
    )


def test_patients_and_their_visits_are_imported_and_the_second_time_nothing_changes(
    database: Database, database_url: str, callnow: Callnow, tmp_path: Path
) -> None:
    patients = csv_file(tmp_path, PATIENTS, ANN, name="patients.csv")
    visits = csv_file(
        tmp_path,
        VISITS,
        f"1948-02-29,5125550111,consultation,fura,{TOMORROW}T03:00",
        name="visits.csv",
    )

    first = callnow("import", "patients", str(patients), DATABASE_URL=database_url)
    second = callnow("import", "visits", str(visits), DATABASE_URL=database_url)

    assert first.output.splitlines() == [
        "patients.csv, clinic demo:",
        "  patients added: 1",
        "  phones added: 1",
        "  rows that change nothing: 0",
    ]
    assert second.output.splitlines() == [
        "visits.csv, clinic demo:",
        "  booked visits added: 1",
        "  rows that change nothing: 0",
        "2 to look at:",
        "  line 2, room: is empty, though this visit type needs one: no room is kept for it",
        "  line 2, starts: is outside the provider's hours: the visit stands",
    ]
    before = rows(database)
    for kind, path in (("patients", patients), ("visits", visits)):
        again = callnow("import", kind, str(path), DATABASE_URL=database_url)
        assert again.output.splitlines()[1:] == ["  rows that change nothing: 1"]
    assert rows(database) == before


def test_a_dry_run_says_what_would_change_and_stores_nothing(
    database: Database, database_url: str, callnow: Callnow, tmp_path: Path
) -> None:
    path = csv_file(tmp_path, PATIENTS, ANN, ANN.replace("Ann", "Bea"))
    before = rows(database)

    result = callnow("import", "patients", str(path), "--dry-run", DATABASE_URL=database_url)

    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert "  patients added: 2" in lines
    assert lines[-3:-1] == ["1 to look at:", lines[-2]]
    assert lines[-2].startswith("  line 3, name: shares birth date and phone with the patient of")
    assert lines[-1] == "This was a dry run: nothing was stored."
    assert rows(database) == before


@pytest.mark.parametrize("dry_run", [[], ["--dry-run"]])
def test_faults_of_cells_and_faults_that_only_the_clinic_can_tell_are_told_together(
    dry_run: list[str],
    database: Database,
    database_url: str,
    callnow: Callnow,
    tmp_path: Path,
) -> None:
    path = csv_file(
        tmp_path,
        PATIENTS,
        ANN,
        "Bea Lee,1949-02-29,5125550112",
        ANN,
        f"Cleo Mora,{TOMORROW},5125550113",
        "Dora Mora,1950-01-01",
    )

    result = callnow("import", "patients", str(path), *dry_run, DATABASE_URL=database_url)

    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        f"{path}: 4 things to correct; nothing was stored",
        "  line 3, date_of_birth: is a day that the calendar does not have: correct it",
        "  line 4: is the same patient as line 2: remove one of the two",
        "  line 5, date_of_birth: the date of birth is in the future: correct the year",
        (
            "  line 6: has 2 cells for 3 columns: add what is missing, or put a cell with the "
            "delimiter in it into quotes"
        ),
    ]
    assert database.read(lambda session: session.scalars(select(Patient)).all()) == []


@pytest.mark.parametrize(
    ("last_row", "fault"),
    [
        ("09:30", "line 4, starts: overlaps line 2, buffers included"),
        ("9.30", "line 4, starts: is not a date and time"),
    ],
    ids=["in the book", "in a cell"],
)
def test_one_fault_among_many_rows_leaves_all_of_them_out(
    last_row: str,
    fault: str,
    database: Database,
    database_url: str,
    callnow: Callnow,
    tmp_path: Path,
) -> None:
    callnow("import", "patients", str(csv_file(tmp_path, PATIENTS, ANN)), DATABASE_URL=database_url)
    row = f"1948-02-29,5125550111,consultation,fura,{TOMORROW}T"
    path = csv_file(tmp_path, VISITS, f"{row}09:00", f"{row}12:00", f"{row}{last_row}")

    result = callnow("import", "visits", str(path), DATABASE_URL=database_url)

    assert result.exit_code == 1
    assert f"1 thing to correct; nothing was stored\n  {fault}" in result.stderr
    assert database.read(lambda session: session.scalars(select(Visit)).all()) == []


def test_no_cell_of_a_patient_is_ever_shown(
    sqlite_url: str, callnow: Callnow, tmp_path: Path
) -> None:
    callnow("clinic", "load", DATABASE_URL=sqlite_url)
    path = csv_file(
        tmp_path,
        f"{PATIENTS},language,sms_consent",
        "Zelda Quirk,1948-13-29,5125550199x,Zelda,Quirk",
        "Zelda Quirk,1948-12-29,512-555-0198,,",
        "Zelda Quirk,1948-12-29,512-555-0198,,",
    )

    result = callnow("import", "patients", str(path), DATABASE_URL=sqlite_url)

    assert "4 things to correct" in result.output
    for secret in ("Zelda", "Quirk", "1948", "55501", "0198"):
        assert secret not in result.output


def test_the_clinic_must_be_named_where_there_are_several(
    sqlite_url: str, callnow: Callnow, tmp_path: Path
) -> None:
    callnow("clinic", "load", DATABASE_URL=sqlite_url)
    other = clinic_file(
        tmp_path / "one", ('id = "demo"', 'id = "austin"'), ("+15125550100", "+15125550160")
    )
    callnow("clinic", "load", str(other), DATABASE_URL=sqlite_url)
    path = str(csv_file(tmp_path, PATIENTS, ANN))

    unnamed = callnow("import", "patients", path, DATABASE_URL=sqlite_url)
    named = callnow("import", "patients", path, "--clinic", "austin", DATABASE_URL=sqlite_url)

    assert unnamed.exit_code == 1
    assert "one of: austin, demo" in unnamed.stderr
    assert named.output.startswith("book.csv, clinic austin:\n  patients added: 1\n")
