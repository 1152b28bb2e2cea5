"""What became of a closed ticket, and who closed it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.oncall.escalation import EventKind
from ivr.oncall.tables import TicketEvent


class Disposition(StrEnum):
    """How a ticket ended."""

    HELPED = "helped"
    """Somebody spoke with the patient."""
    SENT_TO_911 = "sent_to_911"
    """They were told to call 911, or went to an emergency room."""
    BOOKED = "booked"
    """A visit was arranged."""
    NOT_REACHED = "not_reached"
    """They were called back and could not be reached."""
    NO_NEED = "no_need"
    """The caller said that they had called by mistake."""


TELLS_OF_THE_CALLER = frozenset(Disposition) - {Disposition.NOT_REACHED}
"""What can be said only by somebody who has dealt with the caller, so that it closes a ticket
which nobody on call has accepted. "Not reached" says the very opposite: there the ticket is all
that still rings anybody, and closing it would lose the call."""


@dataclass(frozen=True, slots=True)
class Closing:
    """A ticket's end. by: the name of whoever closed it. at: aware UTC."""

    disposition: Disposition
    by: str
    at: datetime


def closing_of(session: Session, clinic_id: str, ticket_id: UUID) -> Closing | None:
    """How the ticket was closed, the last time where it was reopened; None where it never was."""
    found = session.execute(
        select(TicketEvent.detail, TicketEvent.at)
        .where(
            TicketEvent.clinic_id == clinic_id,
            TicketEvent.ticket_id == ticket_id,
            TicketEvent.kind == EventKind.CLOSED.value,
        )
        .order_by(TicketEvent.sequence.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    return Closing(Disposition(found.detail["disposition"]), found.detail["by_name"], found.at)
