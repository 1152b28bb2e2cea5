"""A clinic's rules as one process knows them, read again only after they have changed.

Rules change a few times a week and are asked for several times a call. Each change gives the
clinic a new random mark, by the database's own triggers, so one short look at the mark says
whether what this process read before still holds. The mark belongs to the same transaction as the
change: whoever sees the one sees the other. Random rather than counted, since a mark that was
rolled back, or a database put back from a copy, must never look like another state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy import bindparam, select

from scheduling import directory
from scheduling.hours import zone_of
from scheduling.opening import OpeningHours, weekly_hours
from scheduling.resources import Resources, fit
from scheduling.tables import (
    Provider,
    Room,
    RulesMark,
    VisitType,
    VisitTypeProvider,
    VisitTypeRoom,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class ClinicRules:
    """What decides on a clinic's slots, but for what is occupied.

    visit_types: the active ones, by key. Rows in no session: read them, change nothing.
    resources: visit type's key -> who and what is fit for it.
    desk_number: where callers who want a person are connected, E.164; None: as the file says.
    """

    zone: ZoneInfo
    desk_number: str | None
    hours: OpeningHours
    visit_types: Mapping[str, VisitType]
    resources: Mapping[str, Resources]


_known: WeakKeyDictionary[Engine, dict[str, tuple[str, ClinicRules]]] = WeakKeyDictionary()
"""By database, then by clinic: the mark that stood there, and the rules."""


def clinic_rules(session: Session, clinic_id: str) -> ClinicRules:
    """The rules of a clinic as this transaction sees them. Raises UnknownClinic."""
    of_database = _known.setdefault(session.get_bind().engine, {})
    mark = session.scalar(_MARK, {"clinic_id": clinic_id})
    known = of_database.get(clinic_id)
    if known is not None and known[0] == mark:
        return known[1]
    rules = _read(session, clinic_id)
    if mark is not None:
        of_database[clinic_id] = mark, rules
    return rules


def _read(session: Session, clinic_id: str) -> ClinicRules:
    clinic = directory.clinic(session, clinic_id)
    zone = zone_of(clinic.timezone)
    region = clinic.holidays_region if clinic.observes_holidays else None
    visit_types = _visit_types(session, clinic_id)
    return ClinicRules(
        zone,
        clinic.desk_number,
        OpeningHours(clinic_id, zone, region, weekly_hours(session, clinic_id)),
        visit_types,
        _resources(session, clinic_id, visit_types),
    )


def _visit_types(session: Session, clinic_id: str) -> dict[str, VisitType]:
    # Built from plain rows: what the session itself loaded would change and end with it.
    columns = VisitType.__table__.columns
    rows = session.execute(
        select(*columns).where(VisitType.clinic_id == clinic_id, VisitType.active)
    )
    return {row.key: VisitType(**row._mapping) for row in rows}  # noqa: SLF001  # public, says SQLAlchemy


def _resources(
    session: Session, clinic_id: str, visit_types: Mapping[str, VisitType]
) -> dict[str, Resources]:
    providers, rooms = (_active(session, clinic_id, table) for table in (Provider, Room))
    by_provider = session.execute(
        select(VisitTypeProvider.visit_type_id, VisitTypeProvider.provider_id).where(
            VisitTypeProvider.clinic_id == clinic_id
        )
    ).all()
    by_room = session.execute(
        select(VisitTypeRoom.visit_type_id, VisitTypeRoom.room_id).where(
            VisitTypeRoom.clinic_id == clinic_id
        )
    ).all()
    return {
        key: Resources(
            fit(providers, {one for of, one in by_provider if of == visit_type.id}),
            fit(rooms, {one for of, one in by_room if of == visit_type.id})
            if visit_type.needs_room
            else {},
            visit_type.needs_room,
        )
        for key, visit_type in visit_types.items()
    }


def _active(session: Session, clinic_id: str, table: type[Provider | Room]) -> dict[UUID, str]:
    rows = session.execute(
        select(table.id, table.name)
        .where(table.clinic_id == clinic_id, table.active)
        .order_by(table.key)
    )
    return {row.id: row.name for row in rows}


_MARK = select(RulesMark.mark).where(RulesMark.clinic_id == bindparam("clinic_id"))
