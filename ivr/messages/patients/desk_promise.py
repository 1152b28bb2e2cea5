"""By when the front desk calls whoever asked for that by text: what they are told, and the desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ivr.messages.patients.reply_wording import Answered, desk_calls
from ivr.messages.patients.wording import in_words
from scheduling import agenda
from scheduling.hours import zone_of
from scheduling.intervals import Interval
from scheduling.tables import Clinic

LOOKED_AHEAD = timedelta(days=14)
"""For the next time the desk is there: longer than any holiday closure."""

TOO_SHORT = timedelta(minutes=30)
"""What is left of a desk's hours in which no call is promised any more. [J]"""


@dataclass(frozen=True, slots=True)
class Promise:
    """The desk calls by `by`, and is there from `opens` on; None where it is there now. UTC."""

    opens: datetime | None
    by: datetime


def promise(now: datetime, desk_hours: Sequence[Interval]) -> Promise | None:
    """By when the desk calls somebody who asks at `now` (aware): by the end of its hours. Pure.

    desk_hours: when it is there, ascending. None where it is not there in all that time.
    """
    for opens, closes in desk_hours:
        if closes - max(opens, now) >= TOO_SHORT:
            return Promise(opens if opens > now else None, closes)
    return None


def promised(session: Session, clinic_id: str, answered: Answered, now: datetime) -> Answered:
    """The same answer with that time in it, and in what the desk reads. now: aware UTC."""
    hours = agenda.desk_hours(session, clinic_id, (now, now + LOOKED_AHEAD))
    found = promise(now, hours)
    if found is None:
        return replace(answered, desk_calls=desk_calls(answered.language))
    zone = zone_of(session.get_one(Clinic, clinic_id).timezone)

    def said(moment: datetime, language: str) -> str:
        return in_words([moment], language, zone, zone)

    opens = said(found.opens, answered.language) if found.opens else ""
    return replace(
        answered,
        desk_calls=desk_calls(answered.language, said(found.by, answered.language), opens),
        for_desk=f"{answered.for_desk} They were told: by {said(found.by, 'en')}.",
    )
