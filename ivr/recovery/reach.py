"""How far the looks through the carrier's lists have come, clinic by clinic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ivr.call.tables import CallListLook, CallRow
from ivr.housekeeping import LONGEST_CALL
from scheduling.database import flush_or_lose
from scheduling.tables import Clinic

REACH = timedelta(minutes=30)
"""How far a look reaches back behind the one before: the carrier's lists lag by some seconds, what
they name is judged only when it is old enough, and the database may go and come back while a call
lasts [a judgement]."""


@dataclass(frozen=True)
class Reach:
    """A clinic's line, and since when what came to it is to be looked at (aware UTC)."""

    clinic_id: str
    number: str
    since: datetime


@dataclass(frozen=True)
class Made:
    """What one look made up for. tickets: how many were opened, or paged for again.

    is_whole: nothing is left over that the next look would have to reach back for. has_more: more
    was found than one look takes.
    """

    tickets: int
    is_whole: bool
    has_more: bool


NOT_READ = Made(0, is_whole=False, has_more=False)
"""A list that could not be read to its end."""


def reaches(session: Session, now: datetime) -> list[Reach]:
    """Every clinic's, for a look at `now` (aware UTC)."""
    return [
        Reach(clinic.id, clinic.phone_number, _since(session, clinic.id, now))
        for clinic in session.scalars(select(Clinic).order_by(Clinic.id))
    ]


def store(session: Session, clinic_id: str, now: datetime) -> None:
    """Nothing of before `now` (aware UTC) is left over. Raises LostRace."""
    look = session.get(CallListLook, clinic_id)
    if look is None:
        session.add(CallListLook(clinic_id=clinic_id, began_at=now, looked_at=now))
    else:
        look.looked_at = max(look.looked_at, now)
    flush_or_lose(session)


def _since(session: Session, clinic_id: str, now: datetime) -> datetime:
    look = session.get(CallListLook, clinic_id)
    reached = max(look.began_at, look.looked_at - REACH) if look else now
    oldest = session.scalar(
        select(func.min(CallRow.started_at)).where(
            CallRow.clinic_id == clinic_id,
            CallRow.ended_at.is_(None),
            CallRow.started_at > now - LONGEST_CALL,
        )
    )
    return min(reached, oldest) if oldest else reached
