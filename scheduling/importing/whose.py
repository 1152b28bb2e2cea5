"""Whose an imported visit is. Pure; a visit is never given to somebody who may be another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduling.duplicates import SIMILAR, name_likeness, plain_name
from scheduling.importing.rows import Remark, VisitRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from scheduling.importing.records import Record

_NOBODY = (
    "no patient on file has this birth date and phone or name: import the patients first, or "
    "correct the row"
)
_SEVERAL = "several patients share this birth date and phone or name: give phone and name"
_ANOTHER_NAME = (
    "the patient on file with this birth date and phone has another name: correct the row, or "
    "import this patient first"
)


def whose(
    row: VisitRow,
    by_phone: Mapping[tuple[date, str], Sequence[Record]],
    by_birth: Mapping[date, Sequence[Record]],
) -> Record | Remark:
    """The record of the row's patient, or why it cannot be told.

    by_phone: birth date and number → records with both. by_birth: birth date → records.
    """
    sharing = by_phone.get((row.date_of_birth, row.phone), ()) if row.phone is not None else ()
    if row.name is None:
        return _the_one(row, "phone", sharing, _NOBODY)
    name = plain_name(row.name)
    same = [one for one in sharing or by_birth.get(row.date_of_birth, ()) if one.plain_name == name]
    if same or not sharing:
        return _the_one(row, "name", same, _NOBODY)
    nearly = [
        one
        for one in sharing
        if not one.plain_name or name_likeness(name, one.plain_name) >= SIMILAR
    ]
    return _the_one(row, "name", nearly, _ANOTHER_NAME)


def _the_one(
    row: VisitRow, column: str, records: Sequence[Record], if_none: str
) -> Record | Remark:
    if len(records) == 1:
        return records[0]
    return Remark(row.line, column, _SEVERAL if records else if_none)
