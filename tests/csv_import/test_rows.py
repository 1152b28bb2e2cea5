"""What the cells of a row say, and what is said about one that will not do."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from scheduling.importing.rows import PatientRow, PumpRow, VisitRow
from scheduling.states import VisitStatus
from tests.csv_import.files import ANN, PATIENTS, csv_file, patient_rows, visit_rows

ALL_OF_A_PATIENT = (
    "external_id,preferred_name,other_phones,language,interpreter_language,sms_consent,"
    "call_consent,pump_alarm_on,pump_stable_until,pump_filled_on,pump_label"
)
VISITS = "date_of_birth,phone,name,visit_type,provider,room,starts,minutes,status,pump_label"


def fault_of_patient(folder: Path, column: str, cell: str) -> str:
    """The one fault of a patient whose row has this cell."""
    cells = dict(zip(PATIENTS.split(","), ANN.split(","), strict=True)) | {column: cell}
    rows, faults = patient_rows(csv_file(folder, ",".join(cells), ",".join(cells.values())))
    assert rows == []
    (fault,) = faults
    assert cell not in fault, "no cell is quoted"
    return fault


def fault_of_visit(folder: Path, column: str, cell: str) -> str:
    """The one fault of a visit whose row has this cell."""
    cells = {
        "date_of_birth": "1948-02-29",
        "phone": "5125550111",
        "visit_type": "consultation",
        "provider": "fura",
        "starts": "2026-12-01T09:00",
        column: cell,
    }
    rows, faults = visit_rows(csv_file(folder, ",".join(cells), ",".join(cells.values())))
    assert rows == []
    (fault,) = faults
    return fault


def test_a_patient_may_have_the_three_columns_alone(tmp_path: Path) -> None:
    rows, faults = patient_rows(csv_file(tmp_path, PATIENTS, ANN))

    assert faults == []
    assert rows == [PatientRow(2, "Ann Lee", date(1948, 2, 29), ("+15125550111",))]


def test_every_column_of_a_patient_is_read(tmp_path: Path) -> None:
    rows, faults = patient_rows(
        csv_file(
            tmp_path,
            f"{PATIENTS},{ALL_OF_A_PATIENT}",
            "\u05d0\u05e0\u05d4 Le\u0301e,1948-02-29,+1 (512) 555-0111,A-17,Annie,"
            "512.555.0112 / +442079460018,ES,Tagalog,yes,No,2026-12-20,2027-01-15,2026-09-20,left",
        )
    )

    assert faults == []
    assert rows == [
        PatientRow(
            2,
            "\u05d0\u05e0\u05d4 Le\u0301e",
            date(1948, 2, 29),
            ("+15125550111", "+15125550112", "+442079460018"),
            external_id="A-17",
            preferred_name="Annie",
            language="es",
            interpreter_language="Tagalog",
            sms_consent=True,
            call_consent=False,
            pump=PumpRow(date(2026, 12, 20), date(2027, 1, 15), date(2026, 9, 20), "left"),
        )
    ]


@pytest.mark.parametrize(
    ("column", "cell", "fault"),
    [
        ("date_of_birth", "1949-02-29", "is a day that the calendar does not have"),
        ("date_of_birth", "02/28/1949", "is not a date: write year, month and day like"),
        ("date_of_birth", "19490228", "is not a date"),
        ("date_of_birth", "١٩٤٩-٠٢-٢٨", "is not a date"),
        ("phone", "512-555", "is a number that nobody can have: ask for it again"),
        ("phone", "+1 555 0100", "is a number that nobody can have"),
        ("phone", "Ann's sister", "is not a phone number: write it like +15125550100"),
        ("phone", "512-555-0111 x12", "has an extension: give a number that can be dialled"),
        ("other_phones", "5125550112/123", "is a number that nobody can have"),
        ("name", "x" * 10_000, "the cell has 10000 characters: shorten it to 200 or fewer"),
        ("name", "Ann\0Lee", "the cell holds control characters: remove them"),
        ("interpreter_language", "x" * 65, "the cell has 65 characters: shorten it to 64"),
        ("language", "Spanish", "is not one of en, es: leave it empty"),
        ("sms_consent", "maybe", "is neither yes nor no: write one of them, or leave it empty"),
        ("pump_alarm_on", "soon", "is not a date"),
        ("pump_filled_on", "2026-09-20", "is given without pump_alarm_on: add that"),
    ],
)
def test_a_cell_that_will_not_do_is_named_by_line_and_column(
    column: str, cell: str, fault: str, tmp_path: Path
) -> None:
    assert fault_of_patient(tmp_path, column, cell).startswith(f"line 2, {column}: {fault}")


def test_empty_cells_of_required_columns_are_all_named(tmp_path: Path) -> None:
    rows, faults = patient_rows(csv_file(tmp_path, f"{PATIENTS},language", ",,,en", ANN + ","))

    assert [row.line for row in rows] == [3]
    assert faults == [
        f"line 2, {column}: is empty: fill it in" for column in ("date_of_birth", "name", "phone")
    ]


def test_a_faulty_alarm_date_is_one_fault_though_other_columns_need_it(tmp_path: Path) -> None:
    header = f"{PATIENTS},pump_alarm_on,pump_filled_on"
    _, faults = patient_rows(csv_file(tmp_path, header, f"{ANN},soon,2026-09-20"))

    assert [fault.partition(":")[0] for fault in faults] == ["line 2, pump_alarm_on"]


def test_a_name_over_two_lines_is_one_name(tmp_path: Path) -> None:
    rows, _ = patient_rows(csv_file(tmp_path, PATIENTS, '"Ann\r\n Lee",1948-02-29,5125550111'))

    assert [row.name for row in rows] == ["Ann Lee"]


def test_every_column_of_a_visit_is_read(tmp_path: Path) -> None:
    rows, faults = visit_rows(
        csv_file(
            tmp_path,
            VISITS,
            "1948-02-29,5125550111,Ann Lee,refill,fura,one,2026-12-01 09:30,45,Cancelled,left",
            "1948-02-29,,Ann Lee,refill,fura,,2026-12-01T09:30:00,,,",
        )
    )

    assert faults == []
    assert rows == [
        VisitRow(
            2,
            date(1948, 2, 29),
            "refill",
            "fura",
            datetime(2026, 12, 1, 9, 30),  # noqa: DTZ001  # wall time of the clinic
            name="Ann Lee",
            phone="+15125550111",
            room="one",
            minutes=45,
            status=VisitStatus.CANCELLED,
            pump_label="left",
        ),
        VisitRow(
            3,
            date(1948, 2, 29),
            "refill",
            "fura",
            datetime(2026, 12, 1, 9, 30),  # noqa: DTZ001  # the same
            name="Ann Lee",
        ),
    ]


@pytest.mark.parametrize(
    ("column", "cell", "fault"),
    [
        ("starts", "2026-12-01T09:00Z", ", starts: is not a date and time: write the clinic's"),
        ("starts", "2026-12-01T09:00-06:00", ", starts: is not a date and time"),
        ("starts", "12/01/2026 9:00", ", starts: is not a date and time"),
        ("starts", "2026-12-01T24:00", ", starts: has a time that the clock does not have"),
        ("starts", "2026-02-29T09:00", ", starts: is a day that the calendar does not have"),
        ("minutes", "0", ", minutes: is not a number of minutes from 1 to 1440"),
        ("minutes", "1" * 5000, ", minutes: is not a number of minutes from 1 to 1440"),
        ("status", "done", ", status: is not one of booked, completed, cancelled, no_show"),
        ("phone", "", ": has neither phone nor name: give one of them"),
    ],
)
def test_a_cell_of_a_visit_that_will_not_do_is_named(
    column: str, cell: str, fault: str, tmp_path: Path
) -> None:
    assert fault_of_visit(tmp_path, column, cell).startswith(f"line 2{fault}")
