"""A table as CSV that a spreadsheet can open without doing what a cell says. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_COMMANDS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula [OWASP, CSV injection]."""


def safe(cell: str) -> str:
    """The cell, shown as text whatever it begins with."""
    return f"'{cell}" if cell.startswith(_COMMANDS) else cell


def as_csv(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """RFC 4180, with a byte order mark, by which spreadsheets know it for UTF-8."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    for line in (head, *lines):
        writer.writerow([safe(cell) for cell in line])
    return "\ufeff" + written.getvalue()
