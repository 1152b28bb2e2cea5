"""What visits of a type take: whose time, where, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, exists, select

from scheduling.availability import VisitShape
from scheduling.tables import Provider, Room, VisitType, VisitTypeProvider, VisitTypeRoom

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from sqlalchemy import Select
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Resources:
    """Active providers and rooms fit for a visit type, id -> name, in the order of their keys.

    rooms: empty where the type needs none.
    """

    providers: Mapping[UUID, str]
    rooms: Mapping[UUID, str]
    needs_room: bool


def shape_of(visit_type: VisitType) -> VisitShape:
    """How long they take."""
    return VisitShape(
        timedelta(minutes=visit_type.duration_minutes),
        timedelta(minutes=visit_type.buffer_before_minutes),
        timedelta(minutes=visit_type.buffer_after_minutes),
    )


def fit_for(session: Session, visit_type: VisitType) -> Resources:
    """Those whom the type names; where it names nobody, everybody."""
    asked = {"clinic_id": visit_type.clinic_id, "visit_type_id": visit_type.id}
    providers = {row.id: row.name for row in session.execute(_PROVIDERS, asked)}
    rooms = {}
    if visit_type.needs_room:
        rooms = {row.id: row.name for row in session.execute(_ROOMS, asked)}
    return Resources(providers, rooms, visit_type.needs_room)


def _fit(
    owner: type[Provider] | type[Room],
    named: type[VisitTypeProvider] | type[VisitTypeRoom],
    owner_id: str,
) -> Select[UUID, str]:
    of_type = and_(
        named.clinic_id == bindparam("clinic_id"),
        named.visit_type_id == bindparam("visit_type_id"),
    )
    this_one = exists().where(of_type, getattr(named, owner_id) == owner.id)
    return (
        select(owner.id, owner.name)
        .where(
            owner.clinic_id == bindparam("clinic_id"),
            owner.active,
            this_one | ~exists().where(of_type),
        )
        .order_by(owner.key)
    )


_PROVIDERS = _fit(Provider, VisitTypeProvider, "provider_id")
_ROOMS = _fit(Room, VisitTypeRoom, "room_id")
