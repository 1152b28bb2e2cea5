"""Closing a ticket: by whoever has it, or at the desk; and reopening it where the caller asks.

Every function takes the open transaction and never commits. Times are aware UTC. The first close
stands: whoever closes again is told who did and as what. A ticket that is closed is rung and paged
for no more, and only its caller, in the call that opened it, can bring it back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from ivr.messages import desk_tasks, outbox
from ivr.oncall.acceptance import holder_of, put_back
from ivr.oncall.dispositions import TELLS_OF_THE_CALLER, Closing, Disposition, closing_of
from ivr.oncall.escalation import EventKind, Person
from ivr.oncall.journal import record
from ivr.oncall.paging import ALARM_TASK, alarm_source, subject
from ivr.oncall.stored_ticket import locked
from ivr.oncall.tables import Ticket


@dataclass(frozen=True, slots=True)
class Closed:
    """It is closed. first: False where somebody had closed it before, as `closing` says."""

    closing: Closing
    first: bool


@dataclass(frozen=True, slots=True)
class NotTheirs:
    """Somebody else has it, or nobody, so that it is not theirs to close."""

    holder: Person | None


@dataclass(frozen=True, slots=True)
class NobodyHasIt:
    """Nobody on call has accepted it, and the disposition does not say that anybody helped."""


def close_by_holder(
    session: Session,
    *,
    clinic_id: str,
    ticket_id: UUID,
    person_key: str,
    disposition: Disposition,
    now: datetime,
) -> Closed | NotTheirs:
    """Close it for the person on call who has it. Raises UnknownTicket."""
    held = locked(session, clinic_id, ticket_id)
    if standing := _standing(session, held):
        return standing
    holder = holder_of(session, clinic_id, ticket_id)
    if holder is None or holder.key != person_key:
        return NotTheirs(holder)
    return _close(session, held, Closing(disposition, holder.name, now), person_key)


def close_at_desk(
    session: Session,
    *,
    clinic_id: str,
    ticket_id: UUID,
    name: str,
    disposition: Disposition,
    now: datetime,
) -> Closed | NobodyHasIt:
    """Close it for the member of staff called `name`. Raises UnknownTicket.

    One that nobody has accepted only with a disposition in TELLS_OF_THE_CALLER.
    """
    held = locked(session, clinic_id, ticket_id)
    if standing := _standing(session, held):
        return standing
    if held.accepted_by is None and disposition not in TELLS_OF_THE_CALLER:
        return NobodyHasIt()
    return _close(session, held, Closing(disposition, name, now), None)


def reopen_if_closed(session: Session, held: Ticket, now: datetime) -> bool:
    """Whether it was closed; then it is nobody's again and is paged for, as if just put back.

    held: the ticket, its row locked. For what the caller asks of it in their own call: whoever
    still rings, or is promised a call, must not be left with a ticket that nobody looks at.
    """
    if held.status != "closed":
        return False
    put_back(session, held, now, kind=EventKind.REOPENED)
    # Whoever asks again wants somebody now, whatever time was promised to them before.
    held.callback_by = None
    session.flush()
    return True


def _standing(session: Session, held: Ticket) -> Closed | None:
    if held.status != "closed":
        return None
    closing = closing_of(session, held.clinic_id, held.id)
    return Closed(closing, first=False) if closing else None


def _close(session: Session, held: Ticket, closing: Closing, person_key: str | None) -> Closed:
    record(
        session,
        held.clinic_id,
        held.id,
        EventKind.CLOSED,
        closing.at,
        person_key=person_key,
        detail={"disposition": closing.disposition.value, "by_name": closing.by},
        change={"status": "closed", "escalate_at": None},
    )
    outbox.cancel(session, clinic_id=held.clinic_id, subject=subject(held.id))
    # Nobody has to see to an alarm about a ticket that is closed.
    desk_tasks.mark_done_of(
        session,
        held.clinic_id,
        kind=ALARM_TASK,
        source=alarm_source(held.id),
        by=closing.by,
        now=closing.at,
    )
    return Closed(closing, first=True)
