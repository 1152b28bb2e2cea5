"""The ticket of an urgent call, from opening to acceptance.

Every function takes the open transaction and never commits. All that happens to a ticket is
stored together with its event, under the lock of the ticket's row; a second transaction about the
same ticket waits for the first and then sees what it did. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ivr.messages import outbox
from ivr.oncall import rota
from ivr.oncall.board import TicketSummary, open_tickets, version
from ivr.oncall.escalation import (
    EventKind,
    NobodyLeft,
    Person,
    Ring,
    RingOutcome,
    next_step,
)
from ivr.oncall.journal import events_of, record
from ivr.oncall.opening import store_ticket
from ivr.oncall.paging import page_everybody, subject
from ivr.oncall.plan import Plan
from ivr.oncall.repage_rule import CALLS_AFTER
from ivr.oncall.tables import OnCallPerson, Ticket, TicketEvent
from scheduling.checked_input import phone
from scheduling.database import LostRace

__all__ = [
    "Accepted",
    "AlreadyAccepted",
    "TicketSummary",
    "UnknownTicket",
    "accept",
    "caller_has_left",
    "caller_left",
    "is_accepted",
    "next_ring",
    "open_ticket",
    "open_tickets",
    "page_now",
    "record_ring_outcome",
    "set_callback",
    "start_round",
    "ticket",
    "version",
    "will_be_called_back",
]

SHORTEST_BRIDGE = timedelta(seconds=30)
"""A caller whose call ends sooner after acceptance was not helped [caller-safety, step 3]."""

_OUTCOMES = {EventKind(outcome.value) for outcome in RingOutcome}


_NOBODYS = {"status": "open", "accepted_by": None, "accepted_at": None}


class UnknownTicket(Exception):
    """The clinic has no ticket with this id. Tickets are never deleted: the link is wrong."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The call is theirs. first: False where they had it already and pressed the key again."""

    by: Person
    first: bool


@dataclass(frozen=True, slots=True)
class AlreadyAccepted:
    """Somebody else has it."""

    by: Person


def open_ticket(
    session: Session,
    *,
    clinic_id: str,
    call_sid: str,
    callback_number: str | None,
    language: str,
    link_base: str,
    now: datetime,
) -> Ticket:
    """The ticket of this call: stored now, or as it stands where the call already has one.

    Storing it freezes the plan and puts one text to each on-call phone into the outbox, due in
    60 s, with a link below `link_base` (PUBLIC_BASE_URL). A callback number that cannot be dialled
    is left out rather than refused.
    """
    standing = _of_call(session, clinic_id, call_sid)
    if standing is not None:
        return standing
    try:
        with session.begin_nested():
            return store_ticket(
                session,
                clinic_id=clinic_id,
                call_sid=call_sid,
                callback_number=callback_number,
                language=language,
                link_base=link_base,
                now=now,
            )
    except IntegrityError:
        # The same key press, arriving twice at once: the other one was first.
        standing = _of_call(session, clinic_id, call_sid)
        if standing is None:
            raise
        return standing


def ticket(session: Session, clinic_id: str, ticket_id: UUID) -> Ticket | None:
    """The ticket as it stands; None where there is none."""
    return session.scalar(
        select(Ticket)
        .where(Ticket.clinic_id == clinic_id, Ticket.id == ticket_id)
        .execution_options(populate_existing=True)
    )


def is_accepted(session: Session, *, clinic_id: str, ticket_id: UUID) -> bool:
    """Whether somebody has it. Raises UnknownTicket."""
    found = ticket(session, clinic_id, ticket_id)
    if found is None:
        raise _unknown(ticket_id)
    return found.accepted_by is not None


def will_be_called_back(session: Session, *, clinic_id: str, ticket_id: UUID) -> bool:
    """Whether somebody has it who accepted when a page called them. Raises UnknownTicket."""
    if not is_accepted(session, clinic_id=clinic_id, ticket_id=ticket_id):
        return False
    return bool(_acceptances(session, clinic_id, ticket_id)[-1].get("by") == "page")


def next_ring(
    session: Session, *, clinic_id: str, ticket_id: UUID, now: datetime
) -> Ring | NobodyLeft:
    """Whom to ring now; that they are being rung is recorded. Raises UnknownTicket."""
    locked = _lock(session, clinic_id, ticket_id)
    events = events_of(session, clinic_id, ticket_id)
    step = next_step(Plan.from_json(locked.plan).people, events)
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
    _lock(session, clinic_id, ticket_id)
    for event in reversed(events_of(session, clinic_id, ticket_id)):
        if event.kind in _OUTCOMES:
            return False
        if event.kind is EventKind.RINGING:
            return record(session, clinic_id, ticket_id, kind, now, person_key=event.person_key)
    return False


def start_round(session: Session, *, clinic_id: str, ticket_id: UUID, now: datetime) -> None:
    """Ring everybody of the plan once more, from the first.

    A ticket that somebody has accepted goes back to the plan, and is paged for again: whoever
    asks for another round was not helped. Raises UnknownTicket.
    """
    locked = _lock(session, clinic_id, ticket_id)
    if locked.accepted_by is not None:
        holder = _holder(session, clinic_id, ticket_id)
        record(
            session,
            clinic_id,
            ticket_id,
            EventKind.PUT_BACK,
            now,
            person_key=holder.key if holder else None,
            change=_NOBODYS | {"escalate_at": now + CALLS_AFTER},
        )
        page_everybody(session, clinic_id, ticket_id, Plan.from_json(locked.plan), now)
    record(session, clinic_id, ticket_id, EventKind.ROUND_STARTED, now)


def accept(
    session: Session,
    *,
    clinic_id: str,
    ticket_id: UUID,
    person_key: str,
    now: datetime,
    leg: str = "",
    by_page: bool = False,
) -> Accepted | AlreadyAccepted:
    """A human pressed the key. Exactly one gets the ticket: the database decides.

    by_page: pressed in a call that paged them, so that the caller has yet to be called back.
    leg: the carrier's id of the call the key was pressed in. One leg accepts once: the same key
    press reported again changes nothing, also where the ticket was put back in between.

    Pages still to be sent are cancelled. Raises UnknownTicket, or UnknownPerson where nobody on
    the clinic's list has this key.
    """
    row = rota.person_of(session, clinic_id, person_key)
    by = Person(row.key, row.name, row.number)
    if leg and _has_accepted(session, clinic_id, ticket_id, leg):
        return Accepted(by, first=False)
    won = record(
        session,
        clinic_id,
        ticket_id,
        EventKind.ACCEPTED,
        now,
        person_key=person_key,
        detail={**({"leg": leg} if leg else {}), **({"by": "page"} if by_page else {})},
        change={
            "status": "accepted",
            "accepted_by": row.id,
            "accepted_at": now,
            "escalate_at": None,
        },
        only_if=(Ticket.accepted_by.is_(None),),
    )
    if won:
        outbox.cancel(session, clinic_id=clinic_id, subject=subject(ticket_id))
        return Accepted(by, first=True)
    holder = _holder(session, clinic_id, ticket_id)
    if holder is None:
        if ticket(session, clinic_id, ticket_id) is None:
            raise _unknown(ticket_id)
        raise LostRace("the ticket was put back while it was being accepted")
    return Accepted(by, first=False) if holder.key == by.key else AlreadyAccepted(holder)


def set_callback(
    session: Session, *, clinic_id: str, ticket_id: UUID, number: str, now: datetime
) -> None:
    """Where the caller is to be called back (E.164). Raises UnsuitablePhone or UnknownTicket."""
    phone(number, "the callback number")
    known = record(
        session,
        clinic_id,
        ticket_id,
        EventKind.CALLBACK_SET,
        now,
        detail={"number": number},
        change={"callback_number": number},
    )
    if not known:
        raise _unknown(ticket_id)


def caller_left(session: Session, *, clinic_id: str, call_sid: str, now: datetime) -> int:
    """The caller hung up. Where nobody has their ticket, its pages are due at once.

    So they are where somebody accepted less than 30 s ago while it rang: nobody is helped in that
    time, so the ticket goes back to the plan. Returns how many texts were hurried: 0 for a call
    without a ticket, an accepted one, or a repeated callback.
    """
    found = _of_call(session, clinic_id, call_sid)
    if found is None:
        return 0
    locked = _lock(session, clinic_id, found.id)
    if caller_has_left(session, clinic_id, found.id):
        return 0
    if locked.accepted_by is not None:
        if not _hardly_spoke(session, locked, now):
            return 0
        start_round(session, clinic_id=clinic_id, ticket_id=found.id, now=now)
    record(session, clinic_id, found.id, EventKind.CALLER_LEFT, now, change={"escalate_at": now})
    return outbox.make_due(session, clinic_id=clinic_id, subject=subject(found.id), now=now)


def page_now(session: Session, *, clinic_id: str, ticket_id: UUID, now: datetime) -> int:
    """Send the pages still waiting at once, unless somebody has the ticket; return how many.

    Raises UnknownTicket.
    """
    if _lock(session, clinic_id, ticket_id).accepted_by is not None:
        return 0
    hurried = outbox.make_due(session, clinic_id=clinic_id, subject=subject(ticket_id), now=now)
    if hurried:
        record(
            session,
            clinic_id,
            ticket_id,
            EventKind.PAGED,
            now,
            detail={"messages": hurried},
            change={"escalate_at": now},
        )
    return hurried


def _of_call(session: Session, clinic_id: str, call_sid: str) -> Ticket | None:
    return session.scalar(
        select(Ticket)
        .where(Ticket.clinic_id == clinic_id, Ticket.call_sid == call_sid)
        .execution_options(populate_existing=True)
    )


def _lock(session: Session, clinic_id: str, ticket_id: UUID) -> Ticket:
    locked = session.scalar(
        select(Ticket)
        .where(Ticket.clinic_id == clinic_id, Ticket.id == ticket_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if locked is None:
        raise _unknown(ticket_id)
    return locked


def _holder(session: Session, clinic_id: str, ticket_id: UUID) -> Person | None:
    row = session.execute(
        select(OnCallPerson.key, OnCallPerson.name, OnCallPerson.number)
        .join(
            Ticket,
            and_(Ticket.clinic_id == OnCallPerson.clinic_id, Ticket.accepted_by == OnCallPerson.id),
        )
        .where(Ticket.clinic_id == clinic_id, Ticket.id == ticket_id)
    ).one_or_none()
    return Person(*row) if row else None


def _hardly_spoke(session: Session, locked: Ticket, now: datetime) -> bool:
    """Whether the caller was connected for less than 30 s to the person who has the ticket."""
    if locked.accepted_at is None or now - locked.accepted_at >= SHORTEST_BRIDGE:
        return False
    return not will_be_called_back(session, clinic_id=locked.clinic_id, ticket_id=locked.id)


def _has_accepted(session: Session, clinic_id: str, ticket_id: UUID, leg: str) -> bool:
    details = _acceptances(session, clinic_id, ticket_id)
    return any(detail.get("leg") == leg for detail in details)


def _acceptances(session: Session, clinic_id: str, ticket_id: UUID) -> Sequence[dict[str, Any]]:
    """What is kept of each acceptance, the first one first."""
    return session.scalars(
        select(TicketEvent.detail)
        .where(
            TicketEvent.clinic_id == clinic_id,
            TicketEvent.ticket_id == ticket_id,
            TicketEvent.kind == EventKind.ACCEPTED.value,
        )
        .order_by(TicketEvent.sequence)
    ).all()


def caller_has_left(session: Session, clinic_id: str, ticket_id: UUID) -> bool:
    """Whether the caller had hung up before anybody accepted."""
    events = events_of(session, clinic_id, ticket_id)
    return any(event.kind is EventKind.CALLER_LEFT for event in events)


def _unknown(ticket_id: UUID) -> UnknownTicket:
    return UnknownTicket(f"no ticket {ticket_id} at this clinic: check the link it came from")
