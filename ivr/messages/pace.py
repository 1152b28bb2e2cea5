"""How fast the account may send, kept for all workers together in one row a sender.

The carrier takes one new call a second from an account, and one segment of text a second from a
number [twilio-rules 11]. Ordinary messages wait for their place here; urgent ones never do, but
what they take counts, so the ordinary ones make room. A place is taken in the transaction that
claims the message: a worker that dies has used its place, so none that follows it doubles the rate.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ivr.messages.tables import OutboxMessage, SendingPace
from scheduling.database import flush_or_lose

ACCOUNT: Final = "account"
"""The row that holds back everything ordinary, after the carrier said that it was too much."""

CALLS: Final = "calls"

CALL_KINDS: Final = frozenset(
    {"page_call", "trial_call", "reminder_call", "offer_call", "recall_call"}
)
UNCOUNTED: Final = frozenset({"hang_up", "delete_recording"})
"""Requests that neither ring nor text anybody."""

SLACK: Final = timedelta(seconds=1)
"""Places not used are made up for so long: a worker looks only once a second when idle."""

PAUSE: Final = timedelta(seconds=10)
"""How long everything ordinary waits after a 429, whichever worker got it [a judgement]."""

_GSM = 160, 153
_UNICODE = 70, 67
_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED: Final = frozenset("^{}\\[~]|€")


@dataclass(frozen=True, slots=True)
class Pace:
    """calls: new ones a second of the account. segments: of texts, a second of each number."""

    calls: float = 1
    segments: float = 1

    def seconds(self, message: OutboxMessage) -> float:
        """For how long its sender's place is taken by it."""
        if message.kind in CALL_KINDS:
            return 1 / self.calls
        return segments(message.body) / self.segments


WIDE_OPEN: Final = Pace(math.inf, math.inf)
"""No limit: of tests and measurements."""


def segments(body: str) -> int:
    """Of how many pieces a text consists for the carrier. Pure."""
    if all(one in _BASIC or one in _ESCAPED for one in body):
        length, (alone, joined) = len(body) + sum(one in _ESCAPED for one in body), _GSM
    else:
        length, (alone, joined) = len(body.encode("utf-16-le")) // 2, _UNICODE
    return 1 if length <= alone else math.ceil(length / joined)


def key_of(message: OutboxMessage) -> str | None:
    """Whose place it takes: the account's, of a call; its clinic's number's, of a text."""
    if message.kind in UNCOUNTED:
        return None
    return CALLS if message.kind in CALL_KINDS else f"texts:{message.clinic_id}"


def within(
    session: Session, messages: Sequence[OutboxMessage], pace: Pace, now: datetime
) -> list[OutboxMessage]:
    """Those of these ordinary messages for which there is a place now, which is theirs from here.

    now: aware UTC. Where another worker is taking places at this moment, there is none.
    """
    if pace == WIDE_OPEN or not messages:
        return list(messages)
    rows = _rows(session, {key for one in messages if (key := key_of(one))}, now)
    if rows is None or rows[ACCOUNT].free_at > now:
        return [one for one in messages if key_of(one) is None]
    taken = []
    for message in messages:
        key = key_of(message)
        if key is not None:
            row = rows[key]
            free_at = max(row.free_at, now - SLACK)
            if free_at > now:
                continue
            row.free_at = free_at + timedelta(seconds=pace.seconds(message))
        taken.append(message)
    session.flush()
    return taken


def closed(session: Session, now: datetime) -> frozenset[str]:
    """The keys of the senders that have no place at `now` (aware UTC)."""
    return frozenset(
        session.scalars(select(SendingPace.sender).where(SendingPace.free_at > now)).all()
    )


def count(session: Session, messages: Iterable[OutboxMessage], pace: Pace, now: datetime) -> None:
    """What urgent messages take: they do not wait for a place, the ordinary ones after them do."""
    for message in messages:
        key = key_of(message)
        if pace == WIDE_OPEN or key is None:
            continue
        free_at = session.scalar(select(SendingPace.free_at).where(SendingPace.sender == key))
        if free_at is not None:
            later = max(free_at, now) + timedelta(seconds=pace.seconds(message))
            _set(session, key, later)


def pause(session: Session, now: datetime) -> None:
    """The carrier said 429: no worker hands over anything ordinary for a while."""
    if session.get(SendingPace, ACCOUNT) is None:
        session.add(SendingPace(sender=ACCOUNT, free_at=now + PAUSE))
        flush_or_lose(session)
        return
    _set(session, ACCOUNT, now + PAUSE)


def _set(session: Session, sender: str, free_at: datetime) -> None:
    session.execute(
        update(SendingPace)
        .where(SendingPace.sender == sender, SendingPace.free_at < free_at)
        .values(free_at=free_at)
        .execution_options(synchronize_session=False)
    )


def _rows(session: Session, keys: set[str], now: datetime) -> dict[str, SendingPace] | None:
    """The rows of these and of the account, locked; None where another worker has one of them."""
    wanted = {*keys, ACCOUNT}
    stored = set(
        session.scalars(select(SendingPace.sender).where(SendingPace.sender.in_(wanted))).all()
    )
    if missing := wanted - stored:
        session.add_all(SendingPace(sender=one, free_at=now - SLACK) for one in sorted(missing))
        flush_or_lose(session)
    rows = session.scalars(
        select(SendingPace)
        .where(SendingPace.sender.in_(wanted))
        .order_by(SendingPace.sender)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    return {one.sender: one for one in rows} if len(rows) == len(wanted) else None
