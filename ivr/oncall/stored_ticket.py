"""A ticket as it is stored: read, found by its call, or locked for a change.

Every function takes the open transaction and never commits. Whoever changes a ticket locks its row
first, so that a second transaction about the same ticket waits and then sees what the first did.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.oncall.tables import Ticket


class UnknownTicket(Exception):
    """The clinic has no ticket with this id. Tickets are never deleted: the link is wrong."""


def ticket(session: Session, clinic_id: str, ticket_id: UUID) -> Ticket | None:
    """The ticket as it stands; None where there is none."""
    return session.scalar(
        select(Ticket)
        .where(Ticket.clinic_id == clinic_id, Ticket.id == ticket_id)
        .execution_options(populate_existing=True)
    )


def of_call(session: Session, clinic_id: str, call_sid: str) -> Ticket | None:
    """The ticket this call opened; None where it opened none."""
    return session.scalar(
        select(Ticket)
        .where(Ticket.clinic_id == clinic_id, Ticket.call_sid == call_sid)
        .execution_options(populate_existing=True)
    )


def locked(session: Session, clinic_id: str, ticket_id: UUID) -> Ticket:
    """The ticket, its row locked until the transaction ends. Raises UnknownTicket."""
    row = session.scalar(
        select(Ticket)
        .where(Ticket.clinic_id == clinic_id, Ticket.id == ticket_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise unknown(ticket_id)
    return row


def unknown(ticket_id: UUID) -> UnknownTicket:
    """What is raised for an id that the clinic has no ticket of."""
    return UnknownTicket(f"no ticket {ticket_id} at this clinic: check the link it came from")
