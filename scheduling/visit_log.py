"""The append-only log of visits, which also tells a repeated request from a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scheduling.errors import KeyReused
from scheduling.tables import Visit, VisitEvent

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.requests import Request

BOOKED = "booked"
"""The event of a booking; the others are named in scheduling.states.TRANSITIONS."""


def record(session: Session, visit: Visit, event: str, request: Request, **detail: Any) -> None:
    """Add an event under the request's key. `detail`: ids, instants, days and slugs, no names."""
    session.add(
        VisitEvent(
            clinic_id=visit.clinic_id,
            visit_id=visit.id,
            at=request.now,
            kind=event,
            actor=request.actor,
            channel=request.channel.value,
            detail=detail,
            idempotency_key=request.key,
        )
    )


def events_of(session: Session, visit: Visit) -> list[VisitEvent]:
    """All that happened to a visit, the first first."""
    return list(
        session.scalars(
            select(VisitEvent)
            .where(VisitEvent.clinic_id == visit.clinic_id, VisitEvent.visit_id == visit.id)
            .order_by(VisitEvent.at, VisitEvent.id)
        )
    )


def visit_of(
    session: Session, clinic_id: str, request: Request, event: str, **detail: str
) -> UUID | None:
    """The visit to which this very request has done `event` before; None for a new request.

    detail: what its event must say, where it says anything of it, to be the same request's.
    Call it under the lock of whatever is about to change: whoever waited behind the same request
    then sees its event. Raises KeyReused where the key was another request's.
    """
    earlier = session.execute(
        select(VisitEvent.visit_id, VisitEvent.kind, VisitEvent.detail).where(
            VisitEvent.clinic_id == clinic_id, VisitEvent.idempotency_key == request.key
        )
    ).first()
    if earlier is None:
        return None
    if earlier.kind != event or not detail.items() <= {**detail, **earlier.detail}.items():
        raise KeyReused(
            f"this idempotency key belongs to a request that was {earlier.kind}: "
            "give each request a key of its own"
        )
    visit_id: UUID = earlier.visit_id
    return visit_id
