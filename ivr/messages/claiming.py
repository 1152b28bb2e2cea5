"""Which due messages a worker takes next: pages before all, ordinary ones as there is a place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from ivr.messages import pace
from ivr.messages.outbox import Lane, claimed_as
from ivr.messages.tables import OutboxMessage

_CAN_WAIT = ("page_sms", "reminder_sms", "reminder_call", "recall_sms", "recall_call")
"""A page's text, for its call; of patients', what nobody has just asked for and waits for."""


def claim(
    session: Session,
    *,
    now: datetime,
    limit: int,
    lease: timedelta,
    speed: pace.Pace = pace.WIDE_OPEN,
    only: Lane | None = None,
) -> list[OutboxMessage]:
    """Take up to `limit` due messages until `now + lease`; no other worker gets them till then.

    Urgent ones alone where there are any, calls before texts; else those due longest. All clinics;
    `now` is aware UTC. speed: at which the account sends: ordinary ones wait for their place. only:
    "urgent" takes no others.
    """
    claimed = _due(session, "urgent", now, limit)
    pace.count(session, claimed, speed, now)
    if not claimed and only != "urgent":
        # With a page in hand nobody looks through a morning of reminders: it goes out at once.
        claimed = _ordinary(session, now, limit, speed)
    for message in claimed:
        message.claimed_until = now + lease
        message.attempts += 1
    session.flush()
    return claimed


def urgent_waits(session: Session, now: datetime) -> bool:
    """Whether an urgent message is due and nobody's, at `now` (aware UTC)."""
    waiting = session.scalar(
        select(OutboxMessage.id)
        .where(
            OutboxMessage.state == "pending",
            OutboxMessage.lane == "urgent",
            OutboxMessage.due_at <= now,
            OutboxMessage.claimed_until.is_(None),
        )
        .limit(1)
    )
    return waiting is not None


def release(session: Session, messages: Sequence[OutboxMessage]) -> None:
    """Give claimed messages back unsent, so that another worker need not wait for the lease."""
    for message in messages:
        session.execute(
            update(OutboxMessage)
            .where(
                *claimed_as(message.clinic_id, message.id, message.attempts),
                OutboxMessage.claimed_until == message.claimed_until,
            )
            .values(claimed_until=None, attempts=OutboxMessage.attempts - 1)
            .execution_options(synchronize_session=False)
        )


def _ordinary(session: Session, now: datetime, limit: int, speed: pace.Pace) -> list[OutboxMessage]:
    shut: frozenset[str] = frozenset()
    if speed != pace.WIDE_OPEN:
        shut = pace.closed(session, now)
    return pace.within(session, _due(session, "ordinary", now, limit, shut), speed, now)


def _due(
    session: Session, lane: Lane, now: datetime, limit: int, shut: frozenset[str] = frozenset()
) -> list[OutboxMessage]:
    if limit <= 0:
        return []
    # What one sender has no place for must not stand before what another has one for.
    kinds = OutboxMessage.kind
    is_text = kinds.not_in([*pace.CALL_KINDS, *pace.UNCOUNTED])
    texts_of = [one.removeprefix("texts:") for one in shut if one.startswith("texts:")]
    open_to_us = [~(is_text & OutboxMessage.clinic_id.in_(texts_of))] if texts_of else []
    if pace.CALLS in shut:
        open_to_us.append(kinds.not_in(pace.CALL_KINDS))
    if pace.ACCOUNT in shut:
        open_to_us.append(kinds.in_(pace.UNCOUNTED))
    return list(
        session.scalars(
            select(OutboxMessage)
            .where(
                OutboxMessage.state == "pending",
                OutboxMessage.lane == lane,
                *open_to_us,
                OutboxMessage.due_at <= now,
                # What may have gone out already is for at_most_once to decide.
                OutboxMessage.handed_at.is_(None),
                or_(OutboxMessage.claimed_until.is_(None), OutboxMessage.claimed_until <= now),
            )
            # A call before a text: it rings, and of calls few are stored at a time.
            # What somebody has just asked for, before the reminders of a morning.
            .order_by(
                OutboxMessage.kind.in_(_CAN_WAIT),
                OutboxMessage.due_at,
                OutboxMessage.id,
            )
            .limit(limit)
            # PostgreSQL: step over what another worker is taking at this moment. SQLite has no
            # such clause and needs none: its writers come one after the other.
            .with_for_update(skip_locked=True)
        )
    )
