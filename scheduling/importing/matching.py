"""Whose record an imported row is about: the same person is not doubled, two are not made one.

Pure. A birth date and a phone are not enough to tell twins and namesakes of a household apart, so
a record that one row of the file has is nobody else's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduling.duplicates import SIMILAR, name_likeness, plain_name
from scheduling.importing.rows import PatientRow, Remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from scheduling.importing.records import Record


def match(
    rows: Sequence[PatientRow],
    imported: Mapping[str, Record],
    by_phone: Mapping[tuple[date, str], Sequence[Record]],
) -> tuple[dict[int, Record], list[Remark]]:
    """Line → the record it is about, for rows whose patient is on file; and what to look at.

    imported: key of a row → the record it was imported to before. by_phone: birth date and number
    → records with both. Rows are tried in this order: what was imported before, the same name, no
    name on file, nearly the same name.
    """
    matching = _Matching(by_phone)
    for row in rows:
        if row.key in imported:
            matching.give(row, imported[row.key])
    for row in matching.left(rows):
        matching.give_first(row, [one for one in matching.candidates(row) if _is_same(row, one)])
    for row in matching.left(rows):
        candidates = matching.candidates(row)
        if not matching.give_first(row, [one for one in candidates if not one.plain_name]):
            matching.give_likeliest(row, candidates)
    matching.remark_on_sharers(rows)
    return matching.given, matching.remarks


def duplicates(rows: Sequence[PatientRow]) -> Iterator[Remark]:
    """A fault for each row whose patient stands in an earlier row already."""
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        named = (plain_name(row.name), row.date_of_birth.isoformat())
        identities = [(*named, phone) for phone in row.phones]
        for identity, column in [
            *([((row.external_id,), "external_id")] if row.external_id is not None else []),
            *((identity, "") for identity in identities),
        ]:
            if identity in seen and seen[identity] != row.line:
                yield Remark(
                    row.line,
                    column,
                    f"is the same patient as line {seen[identity]}: remove one of the two",
                )
                break
            seen[identity] = row.line


class _Matching:
    def __init__(self, by_phone: Mapping[tuple[date, str], Sequence[Record]]) -> None:
        self._by_phone = by_phone
        self._claimed: dict[UUID, int] = {}
        self.given: dict[int, Record] = {}
        self.remarks: list[Remark] = []

    def left(self, rows: Sequence[PatientRow]) -> list[PatientRow]:
        """The rows that have no record yet."""
        return [row for row in rows if row.line not in self.given]

    def candidates(self, row: PatientRow) -> list[Record]:
        """Records with the row's birth date and one of its phones that no other row has."""
        found = {
            record.id: record
            for phone in row.phones
            for record in self._by_phone.get((row.date_of_birth, phone), ())
            if record.id not in self._claimed
        }
        return [found[patient_id] for patient_id in sorted(found)]

    def give(self, row: PatientRow, record: Record) -> None:
        """The row is about this record."""
        first = self._claimed.setdefault(record.id, row.line)
        self.given[row.line] = record
        if first != row.line:
            self._remark(
                row, f"is the same patient as line {first}, as the desk found: this row is left out"
            )

    def give_first(self, row: PatientRow, records: Sequence[Record]) -> bool:
        """The row is about the first of these; False where there is none."""
        if records:
            self.give(row, records[0])
        return bool(records)

    def give_likeliest(self, row: PatientRow, records: Sequence[Record]) -> None:
        """The row is about the record whose name is most like its own, if any is like enough."""
        name = plain_name(row.name)
        alike = {
            one.id: likeness
            for one in records
            if (likeness := name_likeness(name, one.plain_name)) >= SIMILAR
        }
        if alike:
            self.give(row, max(records, key=lambda one: alike.get(one.id, 0.0)))
            self._remark(
                row,
                "has the birth date and phone of a patient whose name is on file a little "
                "differently: taken for the same person",
            )

    def remark_on_sharers(self, rows: Sequence[PatientRow]) -> None:
        """Say which new patients share a birth date and a phone with somebody else."""
        lines: dict[tuple[date, str], int] = {}
        for row in rows:
            others = [
                f"the patient of line {lines[contact]}"
                if contact in lines
                else "another patient on file"
                for contact in ((row.date_of_birth, phone) for phone in row.phones)
                if contact in lines or self._by_phone.get(contact)
            ]
            if others and row.line not in self.given:
                self._remark(
                    row,
                    f"shares birth date and phone with {others[0]}: kept as two people; merge "
                    "them at the desk if they are one",
                )
            for phone in row.phones:
                lines.setdefault((row.date_of_birth, phone), row.line)

    def _remark(self, row: PatientRow, text: str) -> None:
        self.remarks.append(Remark(row.line, "name", text))


def _is_same(row: PatientRow, record: Record) -> bool:
    return plain_name(row.name) == record.plain_name
