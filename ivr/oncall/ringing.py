"""The rings of the caller's own call: whom to ring now, how it ended, another round.

Every function takes the open transaction and never commits. Times are aware UTC.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from ivr.oncall.acceptance import put_back
from ivr.oncall.closing import reopen_if_closed
from ivr.oncall.engagement import engaged
from ivr.oncall.escalation import EventKind, NobodyLeft, Ring, RingOutcome, next_step
from ivr.oncall.journal import events_of, record
from ivr.oncall.paging import page_everybody, was_called
from ivr.oncall.plan import Plan
from ivr.oncall.repage_rule import CALLS_AFTER
from ivr.oncall.stored_ticket import locked
from ivr.oncall.tables import Ticket

_OUTCOMES = {EventKind(outcome.value) for outcome in RingOutcome}


def next_ring(
    session: Session, *, clinic_id: str, ticket_id: UUID, now: datetime
) -> Ring | NobodyLeft:
    """Whom to ring now; that they are being rung is recorded. Raises UnknownTicket.

    A closed ticket is reopened first: its caller is on the line.
    """
    found = locked(session, clinic_id, ticket_id)
    reopen_if_closed(session, found, now)
    events = events_of(session, clinic_id, ticket_id)
    engagements = engaged(session, clinic_id=clinic_id, now=now)
    busy = {number for number, tickets in engagements.items() if tickets - {ticket_id}}
    step = next_step(Plan.from_json(found.plan).people, events, busy)
    if isinstance(step, Ring):
        record(
            session,
            clinic_id,
            ticket_id,
            EventKind.RINGING,
            now,
            person_key=step.person.key,
            detail={"ring_seconds": step.ring_seconds},
            change={"status": "ringing"},
        )
    return step


def record_ring_outcome(
    session: Session, *, clinic_id: str, ticket_id: UUID, outcome: str, now: datetime
) -> bool:
    """How the latest ring ended: "no_answer", "busy", "failed" or "answered".

    The first report stands: False where that ring has an outcome already, or there was none.
    Raises UnknownTicket, or ValueError for another outcome.
    """
    kind = EventKind(RingOutcome(outcome).value)
    locked(session, clinic_id, ticket_id)
    for event in reversed(events_of(session, clinic_id, ticket_id)):
        if event.kind in _OUTCOMES:
            return False
        if event.kind is EventKind.RINGING:
            return record(session, clinic_id, ticket_id, kind, now, person_key=event.person_key)
    return False


def wait_for_everybody(session: Session, *, clinic_id: str, ticket_id: UUID, now: datetime) -> None:
    """The caller begins to wait in the queue: everybody's phone is called now.

    Raises UnknownTicket.
    """
    locked(session, clinic_id, ticket_id)
    record(session, clinic_id, ticket_id, EventKind.QUEUED, now, change={"escalate_at": now})


def waited_enough(session: Session, *, clinic_id: str, ticket_id: UUID, now: datetime) -> bool:
    """The caller has left the queue; whether anybody's phone was called meanwhile.

    Raises UnknownTicket.
    """
    locked(session, clinic_id, ticket_id)
    events = events_of(session, clinic_id, ticket_id)
    joined = [event.at for event in events if event.kind is EventKind.QUEUED]
    record(session, clinic_id, ticket_id, EventKind.LEFT_QUEUE, now)
    since = joined[-1] if joined else now
    return was_called(session, clinic_id=clinic_id, ticket_id=ticket_id, since=since)


def start_round(session: Session, *, clinic_id: str, ticket_id: UUID, now: datetime) -> None:
    """Ring everybody of the plan once more, from the first.

    A ticket that somebody has accepted, or closed, goes back to the plan and is paged for again:
    whoever asks for another round was not helped. Raises UnknownTicket.
    """
    held = locked(session, clinic_id, ticket_id)
    reopened = reopen_if_closed(session, held, now)
    if not reopened and held.accepted_by is not None:
        put_back(session, held, now)
    elif held.callback_by is not None:
        _take_back_from_desk(session, held, now)
    record(
        session, clinic_id, ticket_id, EventKind.ROUND_STARTED, now, change={"callback_by": None}
    )


def _take_back_from_desk(session: Session, waiting: Ticket, now: datetime) -> None:
    # They want somebody now after all.
    page_everybody(session, waiting.clinic_id, waiting.id, Plan.from_json(waiting.plan), now)
    waiting.escalate_at = now + CALLS_AFTER
    session.flush()
