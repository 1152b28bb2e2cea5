"""What came in by text, each once, and THE CAP: how many answers one number gets in an hour.

A machine that answers our answers would be answered for ever. So every automatic answer counts,
whatever it says: "ok" from such a machine confirms a visit as well as a person's does. Where the
cap is reached

- the last answer says that no more come for a while, and whom to call;
- after it nothing is answered, and nothing is done either that a person would have to be told of:
  every text goes to the desk, so none is lost and none changes a visit in silence;
- never held back is what urgent words, HELP and opting out are answered with. Urgent words are
  told of 911 whoever wrote them; the other two are owed [CTIA], and no machine sends them again
  and again. They count like the rest.

Every function takes the open transaction and never commits. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ivr.messages.incoming_tables import ReceivedText
from scheduling.database import flush_or_lose

MOST_ANSWERS = 10
"""To one number within WINDOW, the last of them ENOUGH. Somebody who looks through times until one
fits and then confirms it needs six. [J]"""

WINDOW = timedelta(hours=1)

ENOUGH = "enough"
"""The reply that says that no more are given for a while."""

REMEMBERED = timedelta(days=8)
"""How long a text is known, and answered with the same words when it is delivered again."""


class Cap(StrEnum):
    """What a number still gets."""

    ANSWER = "answer"
    LAST = "last"
    """One more answer, which says that it is the last for a while."""
    NOTHING = "nothing"


def known(session: Session, clinic_id: str, source: str) -> ReceivedText | None:
    """The text with the carrier's id `source`, if it has come before; None for "" as well."""
    return session.get(ReceivedText, (clinic_id, source)) if source else None


def known_among(session: Session, clinic_id: str, sources: Collection[str]) -> frozenset[str]:
    """Those of the carrier's ids that have come before."""
    return frozenset(
        session.scalars(
            select(ReceivedText.source).where(
                ReceivedText.clinic_id == clinic_id, ReceivedText.source.in_(sources)
            )
        )
    )


def add(
    session: Session, clinic_id: str, source: str, number: str | None, now: datetime
) -> ReceivedText:
    """Note that it came. Raises LostRace where another process notes it at this moment."""
    row = ReceivedText(clinic_id=clinic_id, source=source, number=number, received_at=now)
    session.add(row)
    flush_or_lose(session)
    return row


def cap_of(session: Session, clinic_id: str, number: str, now: datetime) -> Cap:
    """What a text of this number (E.164) may still be answered with at `now`."""
    replies = session.execute(
        select(ReceivedText.reply, func.count())
        .where(
            ReceivedText.clinic_id == clinic_id,
            ReceivedText.number == number,
            ReceivedText.received_at > now - WINDOW,
            ReceivedText.answer.is_not(None),
        )
        .group_by(ReceivedText.reply)
    ).all()
    if any(reply == ENOUGH for reply, _ in replies):
        # It was promised for an hour, however long ago what led to it was answered.
        return Cap.NOTHING
    enough = sum(count for _, count in replies) >= MOST_ANSWERS - 1
    return Cap.LAST if enough else Cap.ANSWER


def prune(session: Session, now: datetime) -> None:
    """Forget what nobody asks about any more."""
    session.execute(delete(ReceivedText).where(ReceivedText.received_at < now - REMEMBERED))
