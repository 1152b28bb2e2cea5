"""The settings that the desk can change, each as one value that JSON can hold.

Writing passes the same checks as `callnow clinic load`: the classes of scheduling.definition. A
value that was read can be written again, which is what undoing does. What is written differs from
what the clinic's file said, so that the next loading leaves it alone: see scheduling.last_loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.frontdesk.wording import say
from scheduling import directory
from scheduling.definition import (
    ClosureDefinition,
    ProviderDefinition,
    RoomDefinition,
    VisitTypeDefinition,
)
from scheduling.errors import InvalidInput
from scheduling.hours import WeeklySession
from scheduling.policy import BookedBy
from scheduling.refill_rules import RefillPolicy
from scheduling.tables import Closure, Provider, Room, VisitType, WeeklyHours

Value: TypeAlias = "dict[str, Any] | list[dict[str, Any]] | None"
"""A setting as JSON has it; None where there is none, as of a closure before it was made."""

DESK: Final = "desk"
"""Whose hours those of neither a provider nor a room are."""

FIGURES: Final = (
    "duration_minutes",
    "buffer_before_minutes",
    "buffer_after_minutes",
    "notice_minutes",
    "horizon_days",
)
REFILL_FIGURES: Final = ("refill_margin_days", "refill_preparation_days", "refill_opens_days")


@dataclass(frozen=True)
class Kind:
    """One kind of setting. subject: which of its kind, such as a visit type's key.

    read: (session, clinic_id, subject). write: the same and the value, which is checked; what is
    wrong with it is raised as a SchedulingError.
    """

    read: Callable[[Session, str, str], Value]
    write: Callable[[Session, str, str, Value], None]


def owner_of(session: Session, clinic_id: str, subject: str) -> tuple[UUID | None, UUID | None]:
    """Provider and room of "desk", "provider fura" or "room one". Raises InvalidInput."""
    kind, _, key = subject.partition(" ")
    if subject == DESK:
        return None, None
    if kind == "provider":
        return _keyed(session, Provider, clinic_id, key).id, None
    if kind == "room":
        return None, _keyed(session, Room, clinic_id, key).id
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
            provider_id=_keyed(session, Provider, clinic_id, provider).id if provider else None,
            room_id=_keyed(session, Room, clinic_id, room).id if room else None,
            starts_at=checked.starts_at.astimezone(UTC),
            ends_at=checked.ends_at.astimezone(UTC),
            reason=checked.reason,
        )
    )


def _read_visit_type(session: Session, clinic_id: str, subject: str) -> Value:
    row = _keyed(session, VisitType, clinic_id, subject)
    figures = (*FIGURES, *(REFILL_FIGURES if row.refills_pump else ()))
    return {**{name: getattr(row, name) for name in figures}, "booked_by": row.booked_by}


def _write_visit_type(session: Session, clinic_id: str, subject: str, value: Value) -> None:
    row = _keyed(session, VisitType, clinic_id, subject)
    if not isinstance(value, dict):
        raise InvalidInput(say("a visit type is not taken out here: change its figures"))
    refill = None
    if row.refills_pump:
        margin, preparation, opens = (value[name] for name in REFILL_FIGURES)
        refill = RefillPolicy(margin, preparation, opens)
    checked = VisitTypeDefinition(
        subject,
        **{name: value[name] for name in FIGURES},
        booked_by=BookedBy(value["booked_by"]),
        refill=refill,
    )
    for name in FIGURES:
        setattr(row, name, getattr(checked, name))
    row.booked_by = checked.booked_by.value
    if refill is not None:
        for name in REFILL_FIGURES:
            setattr(row, name, value[name])


def _read_keyed(table: type[Provider | Room]) -> Callable[[Session, str, str], Value]:
    def read(session: Session, clinic_id: str, subject: str) -> Value:
        row = _keyed(session, table, clinic_id, subject)
        return {"name": row.name, "active": row.active}

    return read


def _write_keyed(
    table: type[Provider | Room], check: type[ProviderDefinition | RoomDefinition]
) -> Callable[[Session, str, str, Value], None]:
    def write(session: Session, clinic_id: str, subject: str, value: Value) -> None:
        row = _keyed(session, table, clinic_id, subject)
        if not isinstance(value, dict):
            raise InvalidInput(say("nobody is deleted here: say that they are no longer there"))
        row.name = check(subject, value["name"]).name
        row.active = bool(value["active"])

    return write


def _read_clinic(session: Session, clinic_id: str, _subject: str) -> Value:
    return {"observes_holidays": directory.clinic(session, clinic_id).observes_holidays}


def _write_clinic(session: Session, clinic_id: str, _subject: str, value: Value) -> None:
    clinic = directory.clinic(session, clinic_id)
    if isinstance(value, dict):
        clinic.observes_holidays = bool(value["observes_holidays"])


def _keyed(session: Session, table: Any, clinic_id: str, key: str) -> Any:
    row = session.scalar(select(table).where(table.clinic_id == clinic_id, table.key == key))
    if row is None:
        raise InvalidInput(say("the clinic has none of this name: choose one of the list"))
    return row


def _key(session: Session, table: Any, clinic_id: str, row_id: UUID | None) -> str | None:
    if row_id is None:
        return None
    key: str = session.get_one(table, (clinic_id, row_id)).key
    return key


KINDS: Final[Mapping[str, Kind]] = {
    "hours": Kind(_read_hours, _write_hours),
    "closure": Kind(_read_closure, _write_closure),
    "visit_type": Kind(_read_visit_type, _write_visit_type),
    "provider": Kind(_read_keyed(Provider), _write_keyed(Provider, ProviderDefinition)),
    "room": Kind(_read_keyed(Room), _write_keyed(Room, RoomDefinition)),
    "holidays": Kind(_read_clinic, _write_clinic),
}
