"""How far the looks through the carrier's lists have come, clinic by clinic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.messages.list_looks import ListLook
from scheduling.database import flush_or_lose
from scheduling.tables import Clinic

REACH = timedelta(minutes=30)
"""How far a look reaches back behind the one before: the carrier's lists lag by some seconds, what
they name is judged only when it is old enough, and the database may go and come back while a call
lasts [a judgement]."""


Marks = type[ListLook]
"""Each list has its own: one that cannot be read keeps nothing of the other from being found."""


@dataclass(frozen=True)
class Reach:
    """A clinic's line, and since when what came to it is to be looked at (aware UTC).

    is_first: it was never looked at.
    """

    clinic_id: str
    number: str
    since: datetime
    is_first: bool = False


@dataclass(frozen=True)
class Made:
    """What one look made up for. tickets: how many were opened, or paged for again.

    is_whole: nothing is left over that the next look would have to reach back for. has_more: more
    was found than one look takes.
    """

    tickets: int
    is_whole: bool
    has_more: bool


def reaches(session: Session, marks: Marks, now: datetime) -> list[Reach]:
    """Every clinic's, for a look at `now` (aware UTC) whose marks these are.

    What came before the first look is none of the line's.
    """
    seen = {look.clinic_id: look for look in session.scalars(select(marks))}
    return [
        Reach(
            clinic.id,
            clinic.phone_number,
            max(look.began_at, look.looked_at - REACH) if look else now,
            is_first=look is None,
        )
        for clinic in session.scalars(select(Clinic).order_by(Clinic.id))
        for look in [seen.get(clinic.id)]
    ]


def begin(session: Session, marks: Marks, clinics: Sequence[str], now: datetime) -> None:
    """From `now` (aware UTC) on it is these clinics' to be found. Raises LostRace."""
    for clinic_id in clinics:
        if session.get(marks, clinic_id) is None:
            session.add(marks(clinic_id=clinic_id, began_at=now, looked_at=now))
    flush_or_lose(session)


def store(session: Session, marks: Marks, clinic_id: str, now: datetime) -> None:
    """Nothing of before `now` (aware UTC) is left over."""
    look = session.get_one(marks, clinic_id)
    look.looked_at = max(look.looked_at, now)
