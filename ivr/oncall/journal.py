"""A ticket's events, written under its row's lock, so that their order is the same to all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from ivr.oncall.escalation import Event, EventKind
from ivr.oncall.tables import Ticket, TicketEvent
from scheduling.database import new_id


def record(
    session: Session,
    clinic_id: str,
    ticket_id: UUID,
    kind: EventKind,
    at: datetime,
    *,
    person_key: str | None = None,
    detail: Mapping[str, Any] | None = None,
    change: Mapping[str, Any] | None = None,
    only_if: tuple[ColumnElement[bool], ...] = (),
) -> bool:
    """Change the ticket's columns and add the event that tells of it, or do neither.

    only_if: conditions on the ticket; the database checks them as it changes the row, so that of
        several who try at once one succeeds. False where they do not hold.
    """
    sequence = session.scalar(
        update(Ticket)
        .where(Ticket.clinic_id == clinic_id, Ticket.id == ticket_id, *only_if)
        .values(version=Ticket.version + 1, **(change or {}))
        .returning(Ticket.version)
        .execution_options(synchronize_session=False)
    )
    if sequence is None:
        return False
    append(
        session,
        clinic_id,
        ticket_id,
        sequence,
        kind,
        at,
        person_key=person_key,
        detail=detail,
    )
    return True


def append(
    session: Session,
    clinic_id: str,
    ticket_id: UUID,
    sequence: int,
    kind: EventKind,
    at: datetime,
    *,
    person_key: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add the event that the ticket's `version`, just changed to `sequence`, stands for."""
    session.execute(
        insert(TicketEvent).values(
            clinic_id=clinic_id,
            id=new_id(),
            ticket_id=ticket_id,
            sequence=sequence,
            at=at,
            kind=kind.value,
            person_key=person_key,
            detail=dict(detail or {}),
        )
    )


def events_of(session: Session, clinic_id: str, ticket_id: UUID) -> list[Event]:
    """All that happened to a ticket, in order."""
    return events_of_each(session, clinic_id, [ticket_id])[ticket_id]


def events_of_each(
    session: Session, clinic_id: str, ticket_ids: Sequence[UUID]
) -> Mapping[UUID, list[Event]]:
    """The same for several tickets of a clinic."""
    rows = session.execute(
        select(
            TicketEvent.ticket_id,
            TicketEvent.at,
            TicketEvent.kind,
            TicketEvent.person_key,
            TicketEvent.detail,
        )
        .where(TicketEvent.clinic_id == clinic_id, TicketEvent.ticket_id.in_(ticket_ids))
        .order_by(TicketEvent.ticket_id, TicketEvent.sequence)
    )
    events: dict[UUID, list[Event]] = {ticket_id: [] for ticket_id in ticket_ids}
    for ticket_id, at, kind, person_key, detail in rows:
        by_page = kind == EventKind.ACCEPTED and detail.get("by") == "page"
        events[ticket_id].append(Event(at, EventKind(kind), person_key, by_page))
    return events
