"""The settings that the desk can change, each as one value that JSON can hold.

Writing passes the same checks as `callnow clinic load`: the classes of scheduling.definition. A
value that was read can be written again, which is what undoing does. What is written differs from
what the clinic's file said, so that the next loading leaves it alone: see scheduling.last_loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.frontdesk import settings_numbers, settings_resources, settings_shifts
from ivr.frontdesk.settings_resources import keyed
from ivr.frontdesk.settings_shapes import Kind, Value
from ivr.frontdesk.wording import say
from scheduling import directory
from scheduling.definition import ClosureDefinition
from scheduling.errors import InvalidInput
from scheduling.hours import WeeklySession
from scheduling.tables import Closure, Provider, Room, WeeklyHours

DESK: Final = "desk"
"""Whose hours those of neither a provider nor a room are."""


def owner_of(session: Session, clinic_id: str, subject: str) -> tuple[UUID | None, UUID | None]:
    """Provider and room of "desk", "provider fura" or "room one". Raises InvalidInput."""
    kind, _, key = subject.partition(" ")
    if subject == DESK:
        return None, None
    if kind == "provider":
        return keyed(session, Provider, clinic_id, key).id, None
    if kind == "room":
        return None, keyed(session, Room, clinic_id, key).id
    raise InvalidInput(say("that is nobody's: choose the desk, a provider or a room"))


def _read_hours(session: Session, clinic_id: str, subject: str) -> Value:
    rows = _hours(session, clinic_id, subject)
    return sorted((_as_json(row) for row in rows), key=lambda one: (one["weekday"], one["opens"]))


def _write_hours(session: Session, clinic_id: str, subject: str, value: Value) -> None:
    provider_id, room_id = owner_of(session, clinic_id, subject)
    wanted = {_session(one) for one in value or [] if isinstance(one, dict)}
    for row in _hours(session, clinic_id, subject):
        kept = _session(_as_json(row))
        if kept in wanted:
            wanted.remove(kept)
        else:
            session.delete(row)
    session.add_all(
        WeeklyHours(
            clinic_id=clinic_id,
            provider_id=provider_id,
            room_id=room_id,
            weekday=one.weekday,
            opens=one.opens,
            closes=one.closes,
            effective_from=one.effective_from,
            effective_until=one.effective_until,
        )
        for one in wanted
    )


def _hours(session: Session, clinic_id: str, subject: str) -> list[WeeklyHours]:
    provider_id, room_id = owner_of(session, clinic_id, subject)
    return list(
        session.scalars(
            select(WeeklyHours).where(
                WeeklyHours.clinic_id == clinic_id,
                WeeklyHours.provider_id.is_not_distinct_from(provider_id),
                WeeklyHours.room_id.is_not_distinct_from(room_id),
            )
        )
    )


def _as_json(row: WeeklyHours) -> dict[str, Any]:
    return {
        "weekday": row.weekday,
        "opens": f"{row.opens:%H:%M}",
        "closes": f"{row.closes:%H:%M}",
        "from": None if row.effective_from is None else row.effective_from.isoformat(),
        "until": None if row.effective_until is None else row.effective_until.isoformat(),
    }


def _session(one: Mapping[str, Any]) -> WeeklySession:
    first, last = one["from"], one["until"]
    return WeeklySession(
        weekday=one["weekday"],
        opens=time.fromisoformat(one["opens"]),
        closes=time.fromisoformat(one["closes"]),
        effective_from=date.fromisoformat(first) if first else None,
        effective_until=date.fromisoformat(last) if last else None,
    )


def _read_closure(session: Session, clinic_id: str, subject: str) -> Value:
    row = session.get(Closure, (clinic_id, UUID(subject)))
    if row is None:
        return None
    return {
        "provider": _key(session, Provider, clinic_id, row.provider_id),
        "room": _key(session, Room, clinic_id, row.room_id),
        "starts": row.starts_at.isoformat(),
        "ends": row.ends_at.isoformat(),
        "reason": row.reason,
    }


def _write_closure(session: Session, clinic_id: str, subject: str, value: Value) -> None:
    row = session.get(Closure, (clinic_id, UUID(subject)))
    if row is not None:
        session.delete(row)
        session.flush()
    if not isinstance(value, dict):
        return
    checked = ClosureDefinition(
        starts_at=datetime.fromisoformat(value["starts"]),
        ends_at=datetime.fromisoformat(value["ends"]),
        reason=value["reason"],
        provider_key=value["provider"],
        room_key=value["room"],
    )
    provider, room = checked.provider_key, checked.room_key
    session.add(
        Closure(
            clinic_id=clinic_id,
            id=UUID(subject),
            provider_id=keyed(session, Provider, clinic_id, provider).id if provider else None,
            room_id=keyed(session, Room, clinic_id, room).id if room else None,
            starts_at=checked.starts_at.astimezone(UTC),
            ends_at=checked.ends_at.astimezone(UTC),
            reason=checked.reason,
        )
    )


def _read_clinic(session: Session, clinic_id: str, _subject: str) -> Value:
    return {"observes_holidays": directory.clinic(session, clinic_id).observes_holidays}


def _write_clinic(session: Session, clinic_id: str, _subject: str, value: Value) -> None:
    clinic = directory.clinic(session, clinic_id)
    if isinstance(value, dict):
        clinic.observes_holidays = bool(value["observes_holidays"])


def _key(session: Session, table: Any, clinic_id: str, row_id: UUID | None) -> str | None:
    if row_id is None:
        return None
    key: str = session.get_one(table, (clinic_id, row_id)).key
    return key


KINDS: Final[Mapping[str, Kind]] = {
    "hours": Kind(_read_hours, _write_hours),
    "closure": Kind(_read_closure, _write_closure),
    "visit_type": settings_resources.VISIT_TYPE,
    "provider": settings_resources.PROVIDER,
    "room": settings_resources.ROOM,
    "holidays": Kind(_read_clinic, _write_clinic),
    "numbers": settings_numbers.NUMBERS,
    "on_call": settings_numbers.PEOPLE,
    "shifts": settings_shifts.SHIFTS,
}
