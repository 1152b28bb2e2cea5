"""Tells what the desk edited from what a clinic's file said when it was last loaded.

A value that only the file changed becomes the file's; one that the desk changed stays the desk's.
Where both changed it, differently, the desk's stays and the conflict is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from scheduling.tables import LoadedDefinition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

Value: TypeAlias = "str | int | bool | list[str] | None"
"""A value as JSON has it."""


class LastLoaded:
    """One loading of a clinic's file, compared with the one before.

    said: subject -> field -> value, as the file last had them; None where nothing is remembered,
        as in a database from before anything was. Then the file has its way.
    says: the same as the file has them now.
    conflicts: a line for each value that desk and file changed, each in its own way.
    """

    def __init__(self, said: Mapping[str, Mapping[str, Value]] | None = None) -> None:
        self.says: dict[str, dict[str, Value]] = {}
        self.conflicts: list[str] = []
        self._said = said

    def spoke_of(self, subject: str) -> bool:
        """Whether the file named `subject` when it was last loaded."""
        return self._said is not None and subject in self._said

    def is_the_desks(self, subject: str) -> bool:
        """Whether `subject`, which is stored, was added by the desk and not by the file."""
        return self._said is not None and subject not in self._said

    def note(self, subject: str, field: str, *, file: Value) -> None:
        """Take down what the file says, where nothing is stored that it could differ from."""
        self.says.setdefault(subject, {})[field] = file

    def file_wins(self, subject: str, field: str, *, stored: Value, file: Value) -> bool:
        """Whether the file's value is to be stored in place of the stored one."""
        self.note(subject, field, file=file)
        if self._said is None or stored == file:
            return True
        if self.is_the_desks(subject):
            self._conflict(subject, field, stored, file)
            return False
        said = self._said[subject]
        # A field that a newer version of the file's format brought: nobody has edited it yet.
        if field not in said or stored == said[field]:
            return True
        if file != said[field]:
            self._conflict(subject, field, stored, file)
        return False

    def _conflict(self, subject: str, field: str, stored: Value, file: Value) -> None:
        self.conflicts.append(
            f"{subject}, {field}: the desk has {_in_words(stored)}, "
            f"the file now has {_in_words(file)}"
        )


def _in_words(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return "none" if value is None else str(value)


def recall_last(session: Session, clinic_id: str) -> LastLoaded:
    """What this clinic's file last said. A second loading at the same time waits here."""
    row = session.get(LoadedDefinition, clinic_id, with_for_update=True)
    return LastLoaded(row.said if row else None)


def keep_what_was(session: Session, clinic_id: str, subject: str, field: str, was: Value) -> None:
    """Call it before the desk edits what older versions did not remember of the file.

    Otherwise the next loading would take the edit for what the file had said before.
    """
    row = session.get(LoadedDefinition, clinic_id, with_for_update=True)
    if row is None or field in row.said.get(subject, {}):
        return
    row.said = {**row.said, subject: {**row.said.get(subject, {}), field: was}}


def remember(session: Session, clinic_id: str, last: LastLoaded) -> None:
    """Keep what the file says now, for the next loading. The clinic's own row is stored by then."""
    row = session.get(LoadedDefinition, clinic_id)
    if row is None:
        row = LoadedDefinition(clinic_id=clinic_id)
        session.add(row)
    row.said = last.says
