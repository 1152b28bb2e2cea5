"""Says what is wrong with a CSV file: the line, the column, the fault, and what to write instead.

No cell is ever quoted: what stands in it may be a patient's.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from scheduling.importing.rows import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pydantic import ValidationError


class CsvFileError(Exception):
    """A CSV file cannot be imported. The text is ready to be shown to a person."""

    def __init__(self, path: Path, faults: Sequence[Remark | str]) -> None:
        self.faults = [str(fault) for fault in faults]
        things = "1 thing" if len(faults) == 1 else f"{len(faults)} things"
        lines = "\n".join(f"  {fault}" for fault in self.faults)
        super().__init__(f"{path}: {things} to correct; nothing was stored\n{lines}")


def faults_of_row(line: int, error: ValidationError) -> Iterator[Remark]:
    """Every fault that pydantic found in one row."""
    for detail in error.errors(include_url=False, include_input=False):
        column = str(detail["loc"][0]) if detail["loc"] else ""
        raised = detail.get("ctx", {}).get("error")
        if detail["type"] == "missing":
            yield Remark(line, column, "is empty: fill it in")
        else:
            yield Remark(line, column, str(raised or detail["msg"]))


def unknown_column(name: str, known: Sequence[str]) -> str:
    """What to do about a column that nobody knows. Its name is not a patient's: it may be said."""
    as_written_here = "_".join(name.casefold().replace("-", " ").split())
    close = get_close_matches(as_written_here, known, n=1, cutoff=0.6)
    instead = f"did you mean {close[0]}?" if close else f"remove it, or use {', '.join(known)}"
    return f"line 1: column {name[:40]!r} is not known: {instead}"
