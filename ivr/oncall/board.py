"""Tickets as the front desk shows them: all that are not closed, or one with its whole story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import String, and_, bindparam, cast, select
from sqlalchemy.orm import Session

from ivr.oncall.tables import OnCallPerson, Ticket, TicketEvent

MARKS = select("ticket " + cast(Ticket.number, String) + " " + cast(Ticket.version, String)).where(
    Ticket.clinic_id == bindparam("clinic_id"), Ticket.status != "closed"
)
"""One text for each ticket on the board, another after each change of it. clinic_id: whose."""

_SUMMARIES = select(
    Ticket.id,
    Ticket.number,
    Ticket.opened_at,
    Ticket.category,
    Ticket.callback_number,
    Ticket.status,
    OnCallPerson.name,
    OnCallPerson.key,
).outerjoin(
    OnCallPerson,
    and_(OnCallPerson.clinic_id == Ticket.clinic_id, OnCallPerson.id == Ticket.accepted_by),
)


@dataclass(frozen=True, slots=True)
class TicketSummary:
    """One line of the board. Times are UTC; accepted_by_… is None while nobody has it."""

    id: UUID
    number: int
    opened_at: datetime
    category: str
    callback_number: str | None
    status: str
    accepted_by_name: str | None
    accepted_by_key: str | None


@dataclass(frozen=True, slots=True)
class StoryEvent:
    """One thing that happened. at: UTC. name: whom it concerns, or who did it; None: nobody.

    came_at: when what was found late had come, UTC; None of everything else.
    """

    at: datetime
    kind: str
    name: str | None
    disposition: str | None
    came_at: datetime | None = None


def open_tickets(session: Session, clinic_id: str) -> list[TicketSummary]:
    """Every ticket that is not closed, the oldest first."""
    rows = session.execute(
        _SUMMARIES.where(Ticket.clinic_id == clinic_id, Ticket.status != "closed").order_by(
            Ticket.number
        )
    )
    return [TicketSummary(*row) for row in rows]


def ticket_of_number(session: Session, clinic_id: str, number: int) -> TicketSummary | None:
    """The ticket that people quote by this number, closed or not; None where there is none."""
    row = session.execute(
        _SUMMARIES.where(Ticket.clinic_id == clinic_id, Ticket.number == number)
    ).one_or_none()
    return TicketSummary(*row) if row else None


def open_ticket(session: Session, clinic_id: str, ticket_id: UUID) -> TicketSummary | None:
    """The ticket of this id; None where it is closed."""
    row = session.execute(
        _SUMMARIES.where(
            Ticket.clinic_id == clinic_id, Ticket.id == ticket_id, Ticket.status != "closed"
        )
    ).one_or_none()
    return TicketSummary(*row) if row else None


def story(session: Session, clinic_id: str, ticket_id: UUID) -> list[StoryEvent]:
    """All that happened to a ticket, in order, people by their names."""
    people = select(OnCallPerson.key, OnCallPerson.name).where(OnCallPerson.clinic_id == clinic_id)
    names = {row.key: row.name for row in session.execute(people)}
    rows = session.execute(
        select(TicketEvent.at, TicketEvent.kind, TicketEvent.person_key, TicketEvent.detail)
        .where(TicketEvent.clinic_id == clinic_id, TicketEvent.ticket_id == ticket_id)
        .order_by(TicketEvent.sequence)
    )
    return [
        StoryEvent(
            at,
            kind,
            detail.get("by_name") or names.get(key),
            detail.get("disposition"),
            datetime.fromisoformat(detail["called_at"]) if "called_at" in detail else None,
        )
        for at, kind, key, detail in rows
    ]
