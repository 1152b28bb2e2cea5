"""Who is busy with an urgent call, so that another one does not ring them while others are free."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from ivr.oncall.escalation import RING_SECONDS, Event, EventKind
from ivr.oncall.journal import events_of
from ivr.oncall.tables import OnCallPerson, Ticket

RINGS_AND_WHISPERS = timedelta(seconds=RING_SECONDS + 20)
"""A ring that nobody reported the end of is over after this: 25 s and a whisper's two askings."""

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


def engaged(session: Session, *, clinic_id: str, but_for: UUID, now: datetime) -> frozenset[str]:
    """The numbers (E.164) that are busy with other urgent tickets of the clinic than this one."""
    busy = session.scalars(
        select(Ticket.id).where(
            Ticket.clinic_id == clinic_id,
            Ticket.id != but_for,
            Ticket.status.in_(("ringing", "accepted")),
        )
    ).all()
    keys = {engaged_with(events_of(session, clinic_id, ticket_id), now) for ticket_id in busy}
    keys.discard(None)
    if not keys:
        return frozenset()
    return frozenset(
        session.scalars(
            select(OnCallPerson.number).where(
                and_(OnCallPerson.clinic_id == clinic_id, OnCallPerson.key.in_(keys))
            )
        )
    )
