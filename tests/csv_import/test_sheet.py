"""A CSV file as other programs write it, and what is said about one that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.csv_import.files import ANN, PATIENTS, csv_file, patients_sheet, refusal_of

HEADER = PATIENTS.encode()


@pytest.mark.parametrize("delimiter", [b",", b";", b"\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_a_file_is_read_whatever_program_has_written_it(
    delimiter: bytes, mark: bytes, newline: bytes, tmp_path: Path
) -> None:
    lines = [line.replace(b",", delimiter) for line in (HEADER, ANN.encode())]
    path = tmp_path / "book.csv"
    path.write_bytes(mark + newline.join(lines) + newline)

    sheet = patients_sheet(path)

    assert sheet.faults == []
    assert [(one.line, one.cells["name"]) for one in sheet.records] == [(2, "Ann Lee")]


def test_a_record_has_the_line_on_which_it_starts(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        "name,date_of_birth,phone,pump_label",
        f'{ANN},"left\n\nside"',
        "",
        ",,,",
        f"{ANN},",
    )

    assert [one.line for one in patients_sheet(path).records] == [2, 7]


def test_headers_may_be_in_capitals_and_cells_have_blanks_around_them(tmp_path: Path) -> None:
    path = csv_file(tmp_path, " NAME , Date_Of_Birth , phone ", " Ann Lee , 1948-02-29 , 512 ")

    (record,) = patients_sheet(path).records
    assert record.cells == {"name": "Ann Lee", "date_of_birth": "1948-02-29", "phone": "512"}


def test_every_fault_of_the_header_is_said_at_once(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "name,date_of_brith,name,,shoe size,Preferred Name", "Ann")

    faults = refusal_of(path)
    assert faults[:4] == [
        "line 1: column 'date_of_brith' is not known: did you mean date_of_birth?",
        "line 1: column name is there twice: remove one of the two",
        "line 1: column 4 has no name: name it, or remove it",
        faults[3],
    ]
    assert faults[3].startswith("line 1: column 'shoe size' is not known: remove it, or use name,")
    assert faults[4:] == [
        "line 1: column 'preferred name' is not known: did you mean preferred_name?",
        "line 1: column date_of_birth is missing: add it",
        "line 1: column phone is missing: add it",
    ]


@pytest.mark.parametrize("content", ["", "\n\n", ANN])
def test_a_file_without_a_header_is_refused_and_nothing_of_it_is_quoted(
    content: str, tmp_path: Path
) -> None:
    assert refusal_of(csv_file(tmp_path, content)) == [
        "line 1: names no known column: name them there, such as name, date_of_birth, phone"
    ]


def test_a_row_of_another_length_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    path = csv_file(tmp_path, PATIENTS, "Ann Lee,1948-02-29", ANN, f"{ANN},more")

    sheet = patients_sheet(path)

    assert [one.line for one in sheet.records] == [3]
    assert [(one.line, one.text.partition(":")[0]) for one in sheet.faults] == [
        (2, "has 2 cells for 3 columns"),
        (4, "has 4 cells for 3 columns"),
    ]


@pytest.mark.parametrize(
    "broken", ['"Ann Lee,1948-02-29,5125550111\n' + ANN, f'"Ann" Lee,{ANN}', "x" * 200_000]
)
def test_a_file_that_breaks_off_says_where(broken: str, tmp_path: Path) -> None:
    sheet = patients_sheet(csv_file(tmp_path, PATIENTS, ANN, broken))

    assert [one.line for one in sheet.records] == [2]
    (fault,) = sheet.faults
    assert fault.line == 3
    assert fault.text.startswith("cannot be read on from here: close the quote")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (HEADER + b"\nAnn,1948-02-29,1\nJos\xe9,", "line 3: is not UTF-8: save the file"),
        ("name\n".encode("utf-16"), "is UTF-16: save it as CSV in UTF-8"),
    ],
)
def test_another_encoding_is_refused_with_what_to_do(
    content: bytes, fault: str, tmp_path: Path
) -> None:
    path = tmp_path / "book.csv"
    path.write_bytes(content)

    assert refusal_of(path)[0].startswith(fault)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refusal_of(tmp_path / "book.csv") == [
        "cannot be read (No such file or directory): correct its permissions or the path"
    ]
