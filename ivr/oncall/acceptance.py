"""Who has a ticket: exactly one person accepts it, and it goes back where nobody was helped.

Every function takes the open transaction and never commits. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from ivr.messages import outbox
from ivr.oncall import rota
from ivr.oncall.dispositions import closing_of
from ivr.oncall.escalation import EventKind, Person
from ivr.oncall.journal import events_of, record
from ivr.oncall.paging import page_everybody, stop_calls, subject
from ivr.oncall.plan import Plan
from ivr.oncall.repage_rule import CALLS_AFTER
from ivr.oncall.stored_ticket import ticket, unknown
from ivr.oncall.tables import OnCallPerson, Ticket, TicketEvent
from scheduling.database import LostRace

SHORTEST_BRIDGE = timedelta(seconds=30)
"""A caller whose call ends sooner after acceptance was not helped [caller-safety, step 3]."""

_NOBODYS = {"status": "open", "accepted_by": None, "accepted_at": None}


@dataclass(frozen=True, slots=True)
class Accepted:
    """The call is theirs. first: False where they had it already and pressed the key again."""

    by: Person
    first: bool


@dataclass(frozen=True, slots=True)
class AlreadyAccepted:
    """Somebody else has it."""

    by: Person


@dataclass(frozen=True, slots=True)
class AlreadyClosed:
    """Nobody has to call any more. by: the name of whoever closed it."""

    by: str


def accept(
    session: Session,
    *,
    clinic_id: str,
    ticket_id: UUID,
    person_key: str,
    now: datetime,
    leg: str = "",
    by_page: bool = False,
) -> Accepted | AlreadyAccepted | AlreadyClosed:
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
        only_if=(Ticket.accepted_by.is_(None), Ticket.status != "closed"),
    )
    if won:
        outbox.cancel(session, clinic_id=clinic_id, subject=subject(ticket_id))
        stop_calls(session, clinic_id=clinic_id, ticket_id=ticket_id, but_for=leg, now=now)
        return Accepted(by, first=True)
    standing = ticket(session, clinic_id, ticket_id)
    if standing is None:
        raise unknown(ticket_id)
    if standing.status == "closed":
        closing = closing_of(session, clinic_id, ticket_id)
        return AlreadyClosed(closing.by if closing else "")
    holder = holder_of(session, clinic_id, ticket_id)
    if holder is None:
        raise LostRace("the ticket was put back while it was being accepted")
    return Accepted(by, first=False) if holder.key == by.key else AlreadyAccepted(holder)


def is_accepted(session: Session, *, clinic_id: str, ticket_id: UUID) -> bool:
    """Whether somebody has it. Raises UnknownTicket."""
    found = ticket(session, clinic_id, ticket_id)
    if found is None:
        raise unknown(ticket_id)
    return found.accepted_by is not None


def will_be_called_back(session: Session, *, clinic_id: str, ticket_id: UUID) -> bool:
    """Whether somebody has it who accepted when a page called them. Raises UnknownTicket.

    Nobody calls back any more once it is closed.
    """
    found = ticket(session, clinic_id, ticket_id)
    if found is None:
        raise unknown(ticket_id)
    if found.accepted_by is None or found.status == "closed":
        return False
    if _accepted_by_page(session, clinic_id, ticket_id):
        return True
    return events_of(session, clinic_id, ticket_id)[-1].kind is EventKind.NOT_BRIDGED


def was_connected(session: Session, *, clinic_id: str, ticket_id: UUID) -> bool:
    """Whether whoever has it, or had it when it was closed, accepted in the caller's own call.

    Raises UnknownTicket.
    """
    if not is_accepted(session, clinic_id=clinic_id, ticket_id=ticket_id):
        return False
    if _accepted_by_page(session, clinic_id, ticket_id):
        return False
    kinds = [event.kind for event in events_of(session, clinic_id, ticket_id)]
    since = len(kinds) - kinds[::-1].index(EventKind.ACCEPTED)
    return EventKind.NOT_BRIDGED not in kinds[since:]


def came_in_vain(
    session: Session, *, clinic_id: str, ticket_id: UUID, person_key: str, now: datetime
) -> None:
    """Whoever has it came for a caller who waited no more: they will call back.

    Once somebody else has it, or they have called back, it changes nothing.
    """
    record(
        session,
        clinic_id,
        ticket_id,
        EventKind.NOT_BRIDGED,
        now,
        person_key=person_key,
        only_if=(Ticket.status == "accepted", _held_by(clinic_id, person_key)),
    )


def _held_by(clinic_id: str, person_key: str) -> ColumnElement[bool]:
    return Ticket.accepted_by.in_(
        select(OnCallPerson.id).where(
            OnCallPerson.clinic_id == clinic_id, OnCallPerson.key == person_key
        )
    )


def put_back(
    session: Session, held: Ticket, now: datetime, *, kind: EventKind = EventKind.PUT_BACK
) -> None:
    """Nobody was helped: it goes back to the plan and is paged for again.

    held: the ticket, its row locked, which somebody has. kind: what the event says of it.
    """
    holder = holder_of(session, held.clinic_id, held.id)
    record(
        session,
        held.clinic_id,
        held.id,
        kind,
        now,
        person_key=holder.key if holder else None,
        change=_NOBODYS | {"escalate_at": now + CALLS_AFTER},
    )
    page_everybody(session, held.clinic_id, held.id, Plan.from_json(held.plan), now)


def hardly_spoke(session: Session, held: Ticket, now: datetime) -> bool:
    """Whether the caller was connected for less than 30 s to the person who has the ticket."""
    if held.accepted_at is None or now - held.accepted_at >= SHORTEST_BRIDGE:
        return False
    return not will_be_called_back(session, clinic_id=held.clinic_id, ticket_id=held.id)


def holder_of(session: Session, clinic_id: str, ticket_id: UUID) -> Person | None:
    """Who has the ticket, or had it when it was closed; None where nobody accepted."""
    row = session.execute(
        select(OnCallPerson.key, OnCallPerson.name, OnCallPerson.number)
        .join(
            Ticket,
            and_(Ticket.clinic_id == OnCallPerson.clinic_id, Ticket.accepted_by == OnCallPerson.id),
        )
        .where(Ticket.clinic_id == clinic_id, Ticket.id == ticket_id)
    ).one_or_none()
    return Person(*row) if row else None


def _accepted_by_page(session: Session, clinic_id: str, ticket_id: UUID) -> bool:
    return bool(_acceptances(session, clinic_id, ticket_id)[-1].get("by") == "page")


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
