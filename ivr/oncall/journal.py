"""A ticket's events, written under its row's lock, so that their order is the same to all."""

from __future__ import annotations

from collections.abc import Mapping
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
    rows = session.execute(
        select(TicketEvent.at, TicketEvent.kind, TicketEvent.person_key)
        .where(TicketEvent.clinic_id == clinic_id, TicketEvent.ticket_id == ticket_id)
        .order_by(TicketEvent.sequence)
    )
    return [Event(at, EventKind(kind), person_key) for at, kind, person_key in rows]
