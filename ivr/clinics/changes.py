"""What loading a clinic changed, in words, as the database session sees it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from scheduling.tables import Provider, Room, WeeklyHours

_UNTOLD = frozenset({"id", "clinic_id", "created_at", "updated_at"})
_NOT_OF_THE_CLINIC = frozenset({"agenda_change"})
"""Counters that tell other processes to look again."""

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@contextmanager
def recorded_changes(session: Session) -> Iterator[list[str]]:
    """Inside this block, every row that is added, changed or removed becomes a line of the list."""
    lines: list[str] = []

    def record(flushed: Session, _context: Any, _instances: Any) -> None:
        lines.extend(sorted(_lines(flushed)))

    event.listen(session, "before_flush", record)
    try:
        yield lines
        session.flush()
    finally:
        event.remove(session, "before_flush", record)


def _lines(session: Session) -> Iterator[str]:
    for row in filter(_is_told, session.new):
        yield f"{_named(row, session)} added"
    for row in filter(_is_told, session.dirty):
        if session.is_modified(row):
            yield f"{_named(row, session)} changed: {', '.join(_differences(row))}"
    for row in filter(_is_told, session.deleted):
        yield f"{_named(row, session)} removed"


def _is_told(row: Any) -> bool:
    return row.__tablename__ not in _NOT_OF_THE_CLINIC


def _named(row: Any, session: Session) -> str:
    kind = row.__tablename__.replace("_", " ")
    if isinstance(row, WeeklyHours):
        day = _WEEKDAYS[row.weekday]
        return f"{_owner(row, session)}: {day} {row.opens:%H:%M}-{row.closes:%H:%M}"
    name = getattr(row, "key", None) or getattr(row, "reason", None)
    return f"{kind} {name}" if name else kind


def _owner(row: WeeklyHours, session: Session) -> str:
    if row.provider_id is not None:
        provider = session.get_one(Provider, (row.clinic_id, row.provider_id))
        return f"hours of provider {provider.key}"
    if row.room_id is not None:
        room = session.get_one(Room, (row.clinic_id, row.room_id))
        return f"hours of room {room.key}"
    return "hours of the desk"


def _differences(row: Any) -> Iterator[str]:
    for column in inspect(row).attrs:
        history = column.history
        if history.has_changes() and column.key not in _UNTOLD:
            before = history.deleted[0] if history.deleted else None
            yield f"{column.key} {before} -> {column.value}"
