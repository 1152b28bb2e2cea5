"""TRIAGE: how urgent what a caller names is. Pure. It may only raise, never lower.

The tiers and what belongs to them are of docs/explanation/caller-safety.md; the words stand in the
clinic's content files, for its physician to sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import IntEnum

from scheduling.intervals import Interval


class Tier(IntEnum):
    """The higher, the more urgent."""

    SAME_DAY = 1
    """The desk calls back at a time that is promised; on-call staff are offered."""
    ON_CALL = 2
    """On-call staff are rung at once."""
    EMERGENCY = 3
    """Told to dial 911, twice; staff are paged at once and rung for whoever stays on the line."""


UNKNOWN = "unknown"

TIERS = {
    "danger": Tier.EMERGENCY,
    "alarm": Tier.ON_CALL,
    "symptom": Tier.ON_CALL,
    "clinician": Tier.ON_CALL,
    "question": Tier.SAME_DAY,
    UNKNOWN: Tier.ON_CALL,
}
"""Category of a ticket -> its tier. Who says nothing, or nothing we know, is for on-call staff."""

DESK_HAS = timedelta(hours=2)
"""Of the desk's own hours, for a same-day call back [a judgement, to be signed by the clinic]."""

_TOO_SHORT = timedelta(minutes=30)
"""What is left of a desk's day in which nothing is promised any more."""

_QUARTER = timedelta(minutes=15)


def raised(known: str, named: str) -> str:
    """The category of a ticket of category `known` after its caller has named another.

    What nobody has asked yet gives way to what is named; else the more urgent of the two stays,
    and between two of one tier what was named last. Raises KeyError for what is no category.
    """
    if known == UNKNOWN:
        TIERS[named]
        return named
    if named == UNKNOWN or TIERS[named] < TIERS[known]:
        return known
    return named


def callback_by(now: datetime, desk_hours: Sequence[Interval]) -> datetime | None:
    """By when the desk calls back: within two of its hours, and by the end of that session.

    now, and the answer, a quarter hour: aware UTC. desk_hours: when it is there, ascending.
    None where it is not there at all in that time: then nobody may be left to it.
    """
    for opens, closes in desk_hours:
        begins = max(opens, now)
        if closes - begins >= _TOO_SHORT:
            return min(_next_quarter(begins + DESK_HAS), closes)
    return None


def _next_quarter(moment: datetime) -> datetime:
    past = timedelta(
        minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond
    )
    return moment - past + (_QUARTER if past else timedelta(0))
