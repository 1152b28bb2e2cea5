"""What loading a clinic changed, in words, as the database session sees it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from scheduling.hours import zone_of
from scheduling.tables import (
    Clinic,
    Closure,
    ExtraSession,
    Provider,
    Room,
    VisitType,
    VisitTypeProvider,
    VisitTypeRoom,
    WeeklyHours,
)

_UNTOLD = frozenset({"id", "clinic_id", "created_at", "updated_at"})
_NOT_OF_THE_CLINIC = frozenset({"agenda_change", "loaded_definition"})
"""A counter that tells other processes to look again, and what the file itself said."""

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
        owner = _owner(row, session) or "the desk"
        return f"hours of {owner}: {day} {row.opens:%H:%M}-{row.closes:%H:%M}"
    if isinstance(row, Closure | ExtraSession):
        owner = _owner(row, session) or "the clinic"
        zone = zone_of(session.get_one(Clinic, row.clinic_id).timezone)
        starts, ends = (at.astimezone(zone) for at in (row.starts_at, row.ends_at))
        return f"{kind} of {owner}: {starts:%Y-%m-%d %H:%M} to {ends:%Y-%m-%d %H:%M}"
    if isinstance(row, VisitTypeProvider | VisitTypeRoom):
        visit_type = session.get_one(VisitType, (row.clinic_id, row.visit_type_id))
        return f"visit type {visit_type.key}: {_owner(row, session)}"
    name = getattr(row, "key", None)
    return f"{kind} {name}" if name else kind


def _owner(row: Any, session: Session) -> str | None:
    """The provider or the room that a row is of or names."""
    provider_id, room_id = getattr(row, "provider_id", None), getattr(row, "room_id", None)
    if provider_id is not None:
        return f"provider {session.get_one(Provider, (row.clinic_id, provider_id)).key}"
    if room_id is not None:
        return f"room {session.get_one(Room, (row.clinic_id, room_id)).key}"
    return None


def _differences(row: Any) -> Iterator[str]:
    for column in inspect(row).attrs:
        history = column.history
        if history.has_changes() and column.key not in _UNTOLD:
            before = history.deleted[0] if history.deleted else None
            yield f"{column.key} {before} -> {column.value}"
