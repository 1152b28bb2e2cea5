"""Reads a CSV file into records: column → cell, with the line on which each record starts."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.csv_import.faults import CsvFileError, unknown_column
from scheduling.importing.rows import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

DELIMITERS = (",", ";", "\t")
MOST_BYTES = 100 * 1024 * 1024
"""A book of half a million rows. It is read as a whole, so that all its faults are told at once."""
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Record:
    """One row. cells: column → text without the blanks around it; empty cells are left out."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole file. faults: of rows that do not fit the header, and of a file that breaks off."""

    records: list[Record]
    faults: list[Remark]


def read_sheet(path: Path, *, required: Sequence[str], optional: Sequence[str]) -> Sheet:
    """The rows of a CSV file in UTF-8, split at commas, semicolons or tabs.

    Raises CsvFileError where it is no such file, or its first line does not name the columns.
    """
    text = _text(path)
    known = (*required, *optional)
    delimiter = max(DELIMITERS, key=lambda one: len({*_header(text, one)} & {*known}))
    header = _header(text, delimiter)
    if faults := list(_faults_of_header(header, required, known)):
        raise CsvFileError(path, faults)
    sheet = Sheet([], [])
    for line, cells in _rows(text, delimiter, sheet.faults):
        if not any(cells):
            continue
        if len(cells) != len(header):
            sheet.faults.append(Remark(line, "", _wrong_length(len(cells), len(header))))
            continue
        named = {name: cell for name, cell in zip(header, cells, strict=True) if cell}
        sheet.records.append(Record(line, named))
    return sheet


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise CsvFileError(path, ["is larger than 100 MB: split it and import part by part"])
        content = path.read_bytes()
    except OSError as error:
        fault = f"cannot be read ({error.strerror}): correct its permissions or the path"
        raise CsvFileError(path, [fault]) from None
    if content.startswith(_WIDE_MARKS):
        raise CsvFileError(path, ["is UTF-16: save it as CSV in UTF-8"])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        fault = f"line {line}: is not UTF-8: save the file as CSV in UTF-8"
        raise CsvFileError(path, [fault]) from None


def _header(text: str, delimiter: str) -> list[str]:
    try:
        first = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return []
    return [cell.strip().casefold() for cell in first]


def _faults_of_header(
    header: Sequence[str], required: Sequence[str], known: Sequence[str]
) -> Iterator[str]:
    if not {*header} & {*known}:
        # It may be a patient's row, so nothing of it is quoted.
        yield f"line 1: names no known column: name them there, such as {', '.join(required)}"
        return
    for position, name in enumerate(header, start=1):
        if not name:
            yield f"line 1: column {position} has no name: name it, or remove it"
        elif name in header[: position - 1]:
            yield f"line 1: column {name[:40]} is there twice: remove one of the two"
        elif name not in known:
            yield unknown_column(name, known)
    for name in required:
        if name not in header:
            yield f"line 1: column {name} is missing: add it"


def _rows(text: str, delimiter: str, faults: list[Remark]) -> Iterator[tuple[int, list[str]]]:
    """Each row after the first with the line on which it starts; a fault where they break off."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        next(reader)
        while True:
            line = reader.line_num + 1
            cells = next(reader, None)
            if cells is None:
                return
            yield line, [cell.strip() for cell in cells]
    except csv.Error:
        fault = (
            'cannot be read on from here: close the quote (") that opens a cell, double one that '
            f"stands within a cell, and keep cells under {csv.field_size_limit()} characters"
        )
        faults.append(Remark(line, "", fault))


def _wrong_length(cells: int, columns: int) -> str:
    return (
        f"has {cells} cells for {columns} columns: add what is missing, or put a cell with the "
        "delimiter in it into quotes"
    )
