"""When a patient is reminded of a visit: 3 days and 1 day before, by day, where they live. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from ivr.messages.patients.wording import Occasion
from ivr.messages.texting_hours import UNTIL, text_at
from scheduling.hours import instant


@dataclass(frozen=True, slots=True)
class Stage:
    """One reminder. days: of the calendar before the visit's own [caller-safety: 3 and 1].

    fresh: whoever learnt of the time so shortly before needs no reminder of it [a judgement].
    useless: so long before the visit it is too late for it: the desk may still call.
    """

    occasion: Occasion
    days: int
    fresh: timedelta
    useless: timedelta


STAGES = (
    Stage(Occasion.THREE_DAYS, 3, timedelta(hours=24), timedelta(hours=36)),
    Stage(Occasion.ONE_DAY, 1, timedelta(hours=12), timedelta(hours=2)),
)

_OF: Mapping[Occasion, Stage] = {stage.occasion: stage for stage in STAGES}

EVENING = time(20)
"""When a reminder is due of a visit that begins after texting hours."""

EARLIEST = timedelta(days=4)
"""No reminder falls due longer before the visit."""


def due_at(stage: Stage, starts_at: datetime, clinic_zone: ZoneInfo, zone: ZoneInfo) -> datetime:
    """When it falls due, UTC: at the visit's own time of day, so many days before, in hours.

    clinic_zone: in which the visit's day counts. zone: the patient's, whose hours count. Days are
    of the calendar, so that the night on which clocks change moves no reminder.
    """
    wall = starts_at.astimezone(clinic_zone)
    before = datetime.combine(wall.date() - timedelta(days=stage.days), wall.time())
    at = instant(before, clinic_zone)
    theirs = at.astimezone(zone)
    if theirs.time() >= UNTIL:
        return instant(datetime.combine(theirs.date(), EVENING), zone)
    return text_at(at, zone)


def is_fresh(stage: Stage, due: datetime, told_at: datetime) -> bool:
    """Whether they learnt of the time so lately that the reminder of it is left out."""
    return told_at > due - stage.fresh


def useful_until(occasion: Occasion, starts_at: datetime) -> datetime:
    """When it is too late to tell it: of what was done to the visit, its start."""
    stage = _OF.get(occasion)
    return starts_at - stage.useless if stage else starts_at
