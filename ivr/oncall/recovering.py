"""Tickets of calls that were answered without the database, and what was accepted meanwhile.

Every function takes the open transaction and never commits. Times are aware UTC. Whoever finds
such a call may find it again, in another process: all of this changes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.oncall import acceptance, ringing, tickets
from ivr.oncall.escalation import Event, EventKind
from ivr.oncall.journal import events_of, record
from ivr.oncall.stored_ticket import locked, of_call
from ivr.oncall.tables import OnCallPerson, Ticket, TicketCall
from scheduling.database import flush_or_lose


def recover_ticket(
    session: Session,
    *,
    clinic_id: str,
    call_sid: str,
    callback_number: str | None,
    language: str,
    called_at: datetime,
    link_base: str,
    now: datetime,
) -> UUID:
    """The id of the call's ticket: opened now, unless it has one.

    A number whose ticket is being paged for gets no second one: the call is added to the first,
    since whoever calls that number back serves both. One that was left to the desk is raised.

    callback_number: the caller ID in E.164; None where it is not known. called_at: when the call
    began. link_base: as open_ticket(). Raises LostRace where another process adds the call at this
    moment.
    """
    standing = of_call(session, clinic_id, call_sid)
    if standing is not None:
        _complete(session, standing, callback_number, now)
        if standing.callback_by is not None and standing.accepted_by is None:
            # Left to the desk, before on-call staff were rung for it without the database.
            ringing.start_round(session, clinic_id=clinic_id, ticket_id=standing.id, now=now)
        return standing.id
    ticket = waiting_of(session, clinic_id, callback_number)
    if ticket is not None:
        session.add(TicketCall(clinic_id=clinic_id, call_sid=call_sid, ticket_id=ticket.id))
        flush_or_lose(session)
    else:
        ticket = tickets.open_ticket(
            session,
            clinic_id=clinic_id,
            call_sid=call_sid,
            callback_number=callback_number,
            language=language,
            link_base=link_base,
            now=now,
        )
    record(
        session,
        clinic_id,
        ticket.id,
        EventKind.RECOVERED,
        now,
        detail={"call_sid": call_sid, "called_at": called_at.isoformat()},
    )
    return ticket.id


def accept_late(
    session: Session,
    *,
    clinic_id: str,
    ticket_id: UUID,
    person_key: str,
    leg: str,
    pressed_at: datetime,
) -> bool:
    """Record that somebody accepted at `pressed_at`, when it could not be stored.

    False, and nothing is changed, where somebody else has the ticket or the caller was not helped:
    the call ended within 30 s of the key, or the ticket was put back since. Raises UnknownTicket
    or UnknownPerson.
    """
    locked(session, clinic_id, ticket_id)
    if not still_counts(events_of(session, clinic_id, ticket_id), pressed_at):
        return False
    outcome = acceptance.accept(
        session,
        clinic_id=clinic_id,
        ticket_id=ticket_id,
        person_key=person_key,
        leg=leg,
        now=pressed_at,
    )
    return isinstance(outcome, acceptance.Accepted)


def still_counts(events: Sequence[Event], pressed_at: datetime) -> bool:
    """Whether a key pressed at `pressed_at` (aware UTC) counts after these events. Pure."""
    for event in events:
        if event.kind is EventKind.PUT_BACK and event.at >= pressed_at:
            return False
        spoken = event.at - pressed_at
        left = event.kind is EventKind.CALLER_LEFT and event.at >= pressed_at
        if left and spoken < acceptance.SHORTEST_BRIDGE:
            return False
    return True


def person_with(session: Session, clinic_id: str, number: str) -> str | None:
    """The key of whoever has this phone (E.164), those on the list first; None for nobody."""
    return session.scalar(
        select(OnCallPerson.key)
        .where(OnCallPerson.clinic_id == clinic_id, OnCallPerson.number == number)
        .order_by(OnCallPerson.active.desc(), OnCallPerson.position, OnCallPerson.key)
        .limit(1)
    )


def waiting_of(session: Session, clinic_id: str, number: str | None) -> Ticket | None:
    """The ticket of this number that nobody has, its row locked; None where there is none."""
    if number is None:
        return None
    return session.scalar(
        select(Ticket)
        .where(
            Ticket.clinic_id == clinic_id,
            Ticket.callback_number == number,
            Ticket.accepted_by.is_(None),
            # Left to the desk until then: nobody is paged for it, and this call must be paged for.
            Ticket.callback_by.is_(None),
            Ticket.status != "closed",
        )
        .order_by(Ticket.number)
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _complete(session: Session, ticket: Ticket, number: str | None, now: datetime) -> None:
    """Add the number where whoever found the call first did not know it."""
    if number is not None and ticket.callback_number is None:
        tickets.set_callback(
            session, clinic_id=ticket.clinic_id, ticket_id=ticket.id, number=number, now=now
        )
