"""The caller hangs up: a ticket that nobody has is paged for at once.

Every function takes the open transaction and never commits. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from ivr.messages import outbox
from ivr.oncall.acceptance import hardly_spoke
from ivr.oncall.escalation import Event, EventKind
from ivr.oncall.journal import events_of, record
from ivr.oncall.paging import subject
from ivr.oncall.ringing import start_round
from ivr.oncall.stored_ticket import locked, of_call


def caller_left(session: Session, *, clinic_id: str, call_sid: str, now: datetime) -> int:
    """The caller hung up. Where nobody has their ticket, its pages are due at once.

    So they are where somebody accepted less than 30 s ago while it rang: nobody is helped in that
    time, so the ticket goes back to the plan. Returns how many texts were hurried: 0 for a call
    without a ticket, an accepted or closed one, or a repeated callback.
    """
    found = of_call(session, clinic_id, call_sid)
    if found is None:
        return 0
    held = locked(session, clinic_id, found.id)
    if held.status == "closed" or _is_told_of(events_of(session, clinic_id, found.id)):
        return 0
    if held.accepted_by is not None:
        if not hardly_spoke(session, held, now):
            if not _has_ended(session, clinic_id, found.id):
                record(session, clinic_id, found.id, EventKind.CALL_ENDED, now)
            return 0
        start_round(session, clinic_id=clinic_id, ticket_id=found.id, now=now)
    if held.callback_by is not None:
        # They know when they will be called.
        record(session, clinic_id, found.id, EventKind.CALLER_LEFT, now)
        return 0
    record(session, clinic_id, found.id, EventKind.CALLER_LEFT, now, change={"escalate_at": now})
    return outbox.make_due(session, clinic_id=clinic_id, subject=subject(found.id), now=now)


def _has_ended(session: Session, clinic_id: str, ticket_id: UUID) -> bool:
    events = events_of(session, clinic_id, ticket_id)
    return any(event.kind is EventKind.CALL_ENDED for event in events)


def caller_has_left(session: Session, clinic_id: str, ticket_id: UUID) -> bool:
    """Whether the caller had hung up before anybody accepted."""
    events = events_of(session, clinic_id, ticket_id)
    return any(event.kind is EventKind.CALLER_LEFT for event in events)


def _is_told_of(events: Sequence[Event]) -> bool:
    """Whether the ticket knows that its caller left, and has heard of no later call of theirs."""
    for event in reversed(events):
        if event.kind is EventKind.CALLER_LEFT:
            return True
        if event.kind in (EventKind.ACCEPTED, EventKind.RECOVERED):
            return False
    return False
