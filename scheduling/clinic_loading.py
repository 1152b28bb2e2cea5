"""Stores a clinic's definition. Loading it again changes what differs and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from scheduling.hours import WeeklySession
from scheduling.tables import (
    AgendaChange,
    Clinic,
    Closure,
    Provider,
    Room,
    VisitType,
    WeeklyHours,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.orm import Session

    from scheduling.definition import (
        ClinicDefinition,
        VisitTypeDefinition,
    )


def load_clinic(session: Session, definition: ClinicDefinition) -> Clinic:
    """Store `definition`, matching by clinic id and by key.

    A provider, room or visit type that it no longer names becomes inactive: booked visits stand,
    no new ones are offered. Weekly hours become exactly the definition's. Closures are added
    where an equal one is missing; others, such as the desk's own, stay.
    """
    clinic = session.get(Clinic, definition.id)
    if clinic is None:
        clinic = Clinic(id=definition.id)
        session.add(clinic)
    clinic.name = definition.name
    clinic.timezone = definition.timezone
    clinic.holidays_region = definition.holidays_region
    clinic.observes_holidays = definition.observes_holidays
    clinic.phone_number = definition.phone_number
    session.flush()
    if session.get(AgendaChange, clinic.id) is None:
        session.add(AgendaChange(clinic_id=clinic.id, version=0))

    providers = _load_keyed(
        session, Provider, clinic.id, {one.key: {"name": one.name} for one in definition.providers}
    )
    rooms = _load_keyed(
        session, Room, clinic.id, {one.key: {"name": one.name} for one in definition.rooms}
    )
    _load_keyed(
        session,
        VisitType,
        clinic.id,
        {one.key: _visit_type_columns(one) for one in definition.visit_types},
    )
    _load_hours(session, clinic.id, _hours_by_owner(definition, providers, rooms))
    _load_closures(session, definition, providers)
    session.flush()
    return clinic


def _visit_type_columns(definition: VisitTypeDefinition) -> dict[str, Any]:
    return {
        "duration_minutes": definition.duration_minutes,
        "buffer_before_minutes": definition.buffer_before_minutes,
        "buffer_after_minutes": definition.buffer_after_minutes,
        "notice_minutes": definition.notice_minutes,
        "horizon_days": definition.horizon_days,
        "needs_room": definition.needs_room,
        "booked_by": definition.booked_by.value,
        "refills_pump": definition.refill is not None,
        "refill_margin_days": definition.refill.margin_days if definition.refill else 0,
        "refill_preparation_days": definition.refill.preparation_days if definition.refill else 0,
        "refill_opens_days": definition.refill.opens_days if definition.refill else 0,
    }


_Keyed = TypeVar("_Keyed", Provider, Room, VisitType)


def _load_keyed(
    session: Session,
    table: type[_Keyed],
    clinic_id: str,
    wanted: Mapping[str, Mapping[str, Any]],
) -> dict[str, UUID]:
    stored = {
        row.key: row for row in session.scalars(select(table).where(table.clinic_id == clinic_id))
    }
    for key, row in stored.items():
        row.active = key in wanted
    for key, columns in wanted.items():
        if key not in stored:
            stored[key] = table(clinic_id=clinic_id, key=key)
            session.add(stored[key])
        for column, value in columns.items():
            setattr(stored[key], column, value)
    session.flush()
    return {key: row.id for key, row in stored.items()}


_Owner = tuple[UUID | None, UUID | None]
"""Provider and room; the desk is neither."""


def _hours_by_owner(
    definition: ClinicDefinition, providers: Mapping[str, UUID], rooms: Mapping[str, UUID]
) -> dict[_Owner, Sequence[WeeklySession]]:
    hours: dict[_Owner, Sequence[WeeklySession]] = {(None, None): definition.desk_hours}
    for provider in definition.providers:
        hours[providers[provider.key], None] = provider.hours
    for room in definition.rooms:
        hours[None, rooms[room.key]] = room.hours
    return hours


def _load_hours(
    session: Session, clinic_id: str, wanted: Mapping[_Owner, Collection[WeeklySession]]
) -> None:
    missing = {(owner, one) for owner, sessions in wanted.items() for one in sessions}
    for row in session.scalars(select(WeeklyHours).where(WeeklyHours.clinic_id == clinic_id)):
        stored = (
            (row.provider_id, row.room_id),
            WeeklySession(
                row.weekday, row.opens, row.closes, row.effective_from, row.effective_until
            ),
        )
        if stored in missing:
            missing.remove(stored)
        else:
            session.delete(row)
    for (provider_id, room_id), one in missing:
        session.add(
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
        )


def _load_closures(
    session: Session, definition: ClinicDefinition, providers: Mapping[str, UUID]
) -> None:
    stored = {
        (row.provider_id, row.starts_at, row.ends_at)
        for row in session.scalars(select(Closure).where(Closure.clinic_id == definition.id))
    }
    for one in definition.closures:
        provider_id = None if one.provider_key is None else providers[one.provider_key]
        if (provider_id, one.starts_at, one.ends_at) not in stored:
            session.add(
                Closure(
                    clinic_id=definition.id,
                    provider_id=provider_id,
                    starts_at=one.starts_at,
                    ends_at=one.ends_at,
                    reason=one.reason,
                )
            )
