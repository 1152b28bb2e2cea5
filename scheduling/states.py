"""The states of a visit, the steps between them, and the ways a change comes in. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduling.errors import IllegalStep, NotYet, TooLate
from scheduling.hours import local_day

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


class VisitStatus(StrEnum):
    """Where a visit stands."""

    BOOKED = "booked"
    CONFIRMED = "confirmed"
    """The patient has said that they will come."""
    CHECKED_IN = "checked_in"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


OPEN_STATUSES = (VisitStatus.BOOKED, VisitStatus.CONFIRMED, VisitStatus.CHECKED_IN)
"""Visits that have still to take place, or are taking place."""

OCCUPYING_STATUSES = (*OPEN_STATUSES, VisitStatus.COMPLETED)
"""Visits that keep their time: a cancelled or missed one has given it back."""


class Step(StrEnum):
    """What can be done to a visit once it is booked."""

    CONFIRM = "confirm"
    RESCHEDULE = "reschedule"
    CHECK_IN = "check_in"
    UNDO_CHECK_IN = "undo_check_in"
    COMPLETE = "complete"
    CANCEL = "cancel"
    MISS = "miss"


@dataclass(frozen=True, slots=True)
class _Transition:
    from_: frozenset[VisitStatus]
    to: VisitStatus
    event: str


_AHEAD = frozenset({VisitStatus.BOOKED, VisitStatus.CONFIRMED})

TRANSITIONS = {
    Step.CONFIRM: _Transition(_AHEAD, VisitStatus.CONFIRMED, "confirmed"),
    # Whoever said they would come said so of the old time.
    Step.RESCHEDULE: _Transition(_AHEAD, VisitStatus.BOOKED, "rescheduled"),
    # Somebody marked as missing may still come in, late.
    Step.CHECK_IN: _Transition(
        _AHEAD | {VisitStatus.NO_SHOW}, VisitStatus.CHECKED_IN, "checked_in"
    ),
    Step.UNDO_CHECK_IN: _Transition(
        frozenset({VisitStatus.CHECKED_IN}), VisitStatus.BOOKED, "check_in_undone"
    ),
    Step.COMPLETE: _Transition(
        frozenset({VisitStatus.CHECKED_IN}), VisitStatus.COMPLETED, "completed"
    ),
    Step.CANCEL: _Transition(_AHEAD | {VisitStatus.CHECKED_IN}, VisitStatus.CANCELLED, "cancelled"),
    Step.MISS: _Transition(_AHEAD, VisitStatus.NO_SHOW, "missed"),
}
"""The whole state machine: step -> from which states, to which, and the event's name."""


class Channel(StrEnum):
    """By which way a change came in."""

    PHONE = "phone"
    DESK = "desk"
    WORKER = "worker"
    IMPORT = "import"


def status_after(
    step: Step, status: VisitStatus, *, starts_at: datetime, now: datetime, zone: ZoneInfo
) -> VisitStatus:
    """Where `step` takes a visit that starts at `starts_at`. Times are aware UTC.

    Raises IllegalStep, and NotYet for a check-in before the visit's day (of the clinic's
    calendar) or a no-show before its start.
    """
    transition = TRANSITIONS[step]
    if status not in transition.from_:
        raise IllegalStep(step, status)
    if step is Step.MISS and now < starts_at:
        raise NotYet("the visit has not begun, so nobody has missed it: wait for its start")
    if step is Step.CHECK_IN and local_day(now, zone) < local_day(starts_at, zone):
        raise NotYet("the visit is on a later day: check in on that day, or move the visit")
    return transition.to


def refuse_after_start(step: Step, *, starts_at: datetime, now: datetime) -> None:
    """What a patient may no longer do by themselves once the visit has begun. Raises TooLate."""
    if now >= starts_at:
        raise TooLate(f"the visit has begun, so it is too late to {step}: let the desk do it")
