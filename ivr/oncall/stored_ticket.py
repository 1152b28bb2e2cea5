"""A ticket as it is stored: read, found by its call, or locked for a change.

Every function takes the open transaction and never commits. Whoever changes a ticket locks its row
first, so that a second transaction about the same ticket waits and then sees what the first did.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.oncall.tables import Ticket, TicketCall


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
    """The ticket that this call is about, opened by it or by one before; None where it has none."""
    own = session.scalar(
        select(Ticket)
        .where(Ticket.clinic_id == clinic_id, Ticket.call_sid == call_sid)
        .execution_options(populate_existing=True)
    )
    if own is not None:
        return own
    further = session.get(TicketCall, (clinic_id, call_sid))
    return ticket(session, clinic_id, further.ticket_id) if further else None


def calls_with_ticket(session: Session, clinic_id: str, call_sids: Sequence[str]) -> frozenset[str]:
    """Those of the calls that a ticket is about."""
    found: set[str] = set()
    for table in (Ticket, TicketCall):
        found.update(
            session.scalars(
                select(table.call_sid).where(
                    table.clinic_id == clinic_id, table.call_sid.in_(call_sids)
                )
            )
        )
    return frozenset(found)


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
