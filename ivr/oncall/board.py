"""The tickets that are not closed, as the front desk's board shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from ivr.messages.change_marker import change_marker
from ivr.oncall.tables import OnCallPerson, Ticket


@dataclass(frozen=True, slots=True)
class TicketSummary:
    """One line of the board. Times are UTC; accepted_by_name is None while nobody has it."""

    id: UUID
    number: int
    opened_at: datetime
    category: str
    callback_number: str | None
    status: str
    accepted_by_name: str | None


def open_tickets(session: Session, clinic_id: str) -> list[TicketSummary]:
    """Every ticket that is not closed, the oldest first."""
    rows = session.execute(
        select(
            Ticket.id,
            Ticket.number,
            Ticket.opened_at,
            Ticket.category,
            Ticket.callback_number,
            Ticket.status,
            OnCallPerson.name,
        )
        .outerjoin(
            OnCallPerson,
            and_(OnCallPerson.clinic_id == Ticket.clinic_id, OnCallPerson.id == Ticket.accepted_by),
        )
        .where(Ticket.clinic_id == clinic_id, Ticket.status != "closed")
        .order_by(Ticket.number)
    )
    return [TicketSummary(*row) for row in rows]


def version(session: Session, clinic_id: str) -> int:
    """A number that changes whenever a ticket of the board does. It does not count upward."""
    rows = session.execute(
        select(Ticket.number, Ticket.version)
        .where(Ticket.clinic_id == clinic_id, Ticket.status != "closed")
        .order_by(Ticket.number)
    )
    return change_marker(tuple(row) for row in rows)
