"""The reference page of CSV files lists what there is, all of it and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ivr.csv_import.columns import Columns, PatientColumns, VisitColumns

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "csv-files.md"


@pytest.mark.parametrize(
    ("heading", "columns"), [("patients.csv", PatientColumns), ("visits.csv", VisitColumns)]
)
def test_the_page_lists_every_column_and_says_which_are_required(
    heading: str, columns: type[Columns]
) -> None:
    text = PAGE.read_text(encoding="utf-8")
    section = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (required)?", section, re.MULTILINE)

    assert [name for name, _ in rows] == list(columns.model_fields)
    assert tuple(name for name, required in rows if required) == columns.required()
