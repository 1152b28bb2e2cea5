"""Whether an urgent call reaches somebody, tonight and in the days ahead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ivr.messages.tables import DeskTask, OutboxMessage
from ivr.oncall import rota
from ivr.oncall.rota_gaps import sentences
from ivr.oncall.tables import OnCallPerson, Ticket
from scheduling.hours import zone_of
from scheduling.tables import Clinic

AHEAD = timedelta(days=14)
"""How far the rota is looked at: time enough to swap a shift."""

OVERDUE = timedelta(minutes=2)
"""A page that is due longer than this waits for something that is not there."""


def people_can_be_told_apart(session: Session, clinic_id: str) -> Iterator[str]:
    """Somebody is on the list, and nobody shares a telephone."""
    active = session.scalars(
        select(OnCallPerson)
        .where(OnCallPerson.clinic_id == clinic_id, OnCallPerson.active)
        .order_by(OnCallPerson.position, OnCallPerson.key)
    ).all()
    if not active:
        yield "Nobody is on call: add [[on_call]] to clinic.toml and run callnow clinic load."
    phones = defaultdict(list)
    for person in active:
        phones[person.number].append(person.key)
    for keys in phones.values():
        if len(keys) > 1:
            yield (
                f"{' and '.join(keys)} share a number, which is rung once for all of them: give "
                "each their own."
            )


def rota_has_no_gaps(session: Session, clinic_id: str, now: datetime) -> Iterator[str]:
    """Each level has somebody who can be rung, from `now` (aware UTC) for 14 days."""
    stored = rota.stored_rota(session, clinic_id, now, now + AHEAD)
    line = session.get_one(Clinic, clinic_id).phone_number
    yield from sentences(stored, now, now + AHEAD, line=line)


def tickets_are_accepted(session: Session, clinic_id: str) -> Iterator[str]:
    """Nobody waits for help."""
    waiting = session.execute(
        select(Ticket.number, Ticket.opened_at)
        .where(
            Ticket.clinic_id == clinic_id, Ticket.status != "closed", Ticket.accepted_by.is_(None)
        )
        .order_by(Ticket.number)
    ).all()
    if waiting:
        zone = zone_of(session.get_one(Clinic, clinic_id).timezone)
        since = f"{waiting[0].opened_at.astimezone(zone):%Y-%m-%d %H:%M %Z}"
        yield (
            f"Urgent tickets that nobody has accepted: {len(waiting)}, ticket {waiting[0].number} "
            f"since {since}. Call their callers now; the desk's board has their numbers."
        )


def pages_are_delivered(session: Session, clinic_id: str, now: datetime) -> Iterator[str]:
    """No page was given up or is overdue. now: aware UTC."""
    given_up = session.scalar(
        select(func.count())
        .select_from(DeskTask)
        .where(
            DeskTask.clinic_id == clinic_id,
            DeskTask.kind == "page_failed",
            DeskTask.done_at.is_(None),
        )
    )
    if given_up:
        yield (
            f"Pages that could not be delivered: {given_up}. The desk's list says why and to "
            "whom: correct the number, or the carrier's account, and tick them off."
        )
    overdue = session.scalar(
        select(func.count())
        .select_from(OutboxMessage)
        .where(
            OutboxMessage.clinic_id == clinic_id,
            OutboxMessage.lane == "urgent",
            OutboxMessage.state == "pending",
            OutboxMessage.due_at < now - OVERDUE,
        )
    )
    if overdue:
        yield (
            f"Pages that are overdue: {overdue}. See that callnow worker runs, and what it logs "
            "about the carrier."
        )
