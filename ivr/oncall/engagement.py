"""Who is busy with an urgent call, so that another one does not ring them while others are free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from ivr.messages import outbox
from ivr.oncall.escalation import RING_SECONDS, Event, EventKind, Person
from ivr.oncall.journal import events_of_each
from ivr.oncall.paging import subject
from ivr.oncall.tables import OnCallPerson, Ticket, TicketEvent

RINGS_AND_WHISPERS = timedelta(seconds=RING_SECONDS + 20)
"""A ring that nobody reported the end of is over after this: 25 s and a whisper's two askings."""

AT_LEAST = 2
"""Phones for each ticket, however many wait."""

_LATELY = timedelta(days=1)

LONGEST_TALK = timedelta(minutes=30)
"""Whoever accepted longer ago is rung again, whatever we were not told."""

_OVER = frozenset(
    {
        EventKind.NO_ANSWER,
        EventKind.BUSY,
        EventKind.FAILED,
        EventKind.ANSWERED,
        EventKind.CALLER_LEFT,
        EventKind.CALL_ENDED,
        EventKind.CALLED_BACK,
        EventKind.PUT_BACK,
    }
)
"""After one of these the last ring, or the talk that followed it, is over."""


def engaged_with(events: Sequence[Event], now: datetime) -> str | None:
    """The key of whom one ticket keeps busy at `now` (aware UTC), if anybody. Pure.

    They are being rung for it, or have accepted it and talk, or are about to call back.
    """
    for event in reversed(events):
        if event.kind in _OVER:
            return None
        if event.kind is EventKind.ACCEPTED:
            return event.person_key if now - event.at < LONGEST_TALK else None
        if event.kind is EventKind.RINGING:
            return event.person_key if now - event.at < RINGS_AND_WHISPERS else None
    return None


def engaged(session: Session, *, clinic_id: str, now: datetime) -> Mapping[str, frozenset[UUID]]:
    """The numbers (E.164) that urgent tickets of the clinic keep busy, and which tickets."""
    rung_lately = exists().where(
        TicketEvent.clinic_id == clinic_id,
        TicketEvent.ticket_id == Ticket.id,
        TicketEvent.kind == EventKind.RINGING.value,
        TicketEvent.at > now - RINGS_AND_WHISPERS,
    )
    # However many wait: of those whose ring is long over nothing is read.
    tickets = session.scalars(
        select(Ticket.id).where(
            Ticket.clinic_id == clinic_id,
            or_(
                and_(Ticket.status == "ringing", rung_lately),
                and_(Ticket.status == "accepted", Ticket.accepted_at > now - LONGEST_TALK),
            ),
        )
    ).all()
    by_key: dict[str, set[UUID]] = {}
    for ticket_id, events in events_of_each(session, clinic_id, tickets).items():
        key = engaged_with(events, now)
        if key is not None:
            by_key.setdefault(key, set()).add(ticket_id)
    if not by_key:
        return {}
    people = session.execute(
        select(OnCallPerson.number, OnCallPerson.key).where(
            OnCallPerson.clinic_id == clinic_id, OnCallPerson.key.in_(by_key)
        )
    )
    return {number: frozenset(by_key[key]) for number, key in people}


@dataclass(frozen=True, slots=True)
class Phones:
    """What the clinic's on-call phones are busy with.

    Number (E.164) -> the subjects of the tickets that keep it busy: by talking, or by being rung
    in their caller's own call; and of the page calls that are on their way to it or still ring.
    """

    talking: Mapping[str, frozenset[str]]
    called: Mapping[str, frozenset[str]]

    def to_call(self, people: Sequence[Person], about: str, waiting: int = 1) -> tuple[Person, ...]:
        """Who of `people` is called about this subject now.

        A phone that rings for another ticket would only be found busy. Who talks with another
        caller is called where nobody is free. waiting: tickets that want the free phones now; each
        gets its share of them, and two at least, so that one who sleeps is not its only hope.
        """
        reachable = [one for one in people if not _others(self.called, one, about)]
        free = [one for one in reachable if not _others(self.talking, one, about)]
        share = max(AT_LEAST, -(-len(free) // waiting))
        return tuple((free or reachable)[:share] if waiting > 1 else free or reachable)

    def after_calling(self, people: Sequence[Person], about: str) -> Phones:
        """The same once these people have been called about it."""
        more = {one.number: self.called.get(one.number, frozenset()) | {about} for one in people}
        return replace(self, called={**self.called, **more})


def phones(session: Session, *, clinic_id: str, now: datetime) -> Phones:
    """As they are at `now` (aware UTC)."""
    called: dict[str, frozenset[str]] = {}
    settled = {
        subject(ticket_id)
        for ticket_id in session.scalars(
            select(Ticket.id).where(
                Ticket.clinic_id == clinic_id,
                or_(Ticket.accepted_at >= now - RINGS_AND_WHISPERS, Ticket.status == "closed"),
                Ticket.opened_at >= now - _LATELY,
            )
        )
    }
    for message in outbox.on_their_way(
        session, clinic_id=clinic_id, kind="page_call", since=now - RINGS_AND_WHISPERS
    ):
        if message.subject in settled:
            # The phones that still rang for it have been hung up.
            continue
        known = called.get(message.to_number, frozenset())
        called[message.to_number] = known | {message.subject}
    talking = engaged(session, clinic_id=clinic_id, now=now)
    return Phones(
        {number: frozenset(map(subject, tickets)) for number, tickets in talking.items()}, called
    )


def _others(busy: Mapping[str, frozenset[str]], person: Person, about: str) -> frozenset[str]:
    return busy.get(person.number, frozenset()) - {about}
