"""A provider's booked times with nothing of the patients in them: what a calendar may know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from scheduling import checked_input
from scheduling.tables import Room, Visit, VisitEvent

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class BookedTime:
    """One visit as its provider's calendar has it. Times are aware UTC, without buffers.

    status: of scheduling.states. version: grows with every change. changed_at: of the last one.
    """

    visit_id: UUID
    starts_at: datetime
    ends_at: datetime
    room_name: str | None
    status: str
    version: int
    changed_at: datetime


def booked_times(
    session: Session, clinic_id: str, provider_id: UUID, start: datetime, end: datetime
) -> list[BookedTime]:
    """The provider's visits that start in [start, end), of every status, by start.

    Raises NaiveTime, EndBeforeStart.
    """
    start, end = checked_input.span(start, end, "the asked span")
    changed_at = (
        select(func.max(VisitEvent.at))
        .where(VisitEvent.clinic_id == Visit.clinic_id, VisitEvent.visit_id == Visit.id)
        .correlate(Visit)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Visit.id,
            Visit.starts_at,
            Visit.ends_at,
            Room.name,
            Visit.status,
            Visit.version,
            func.coalesce(changed_at, Visit.created_at),
        )
        .outerjoin(Room, and_(Room.clinic_id == Visit.clinic_id, Room.id == Visit.room_id))
        .where(
            Visit.clinic_id == clinic_id,
            Visit.provider_id == provider_id,
            Visit.starts_at >= start,
            Visit.starts_at < end,
        )
        .order_by(Visit.starts_at, Visit.id)
    )
    return [BookedTime(*row) for row in rows]
