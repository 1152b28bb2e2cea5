"""The states of a visit, the steps between them, and the ways a change comes in. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduling.errors import IllegalStep, NotYet, TooLate
from scheduling.hours import local_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
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
    UNDO_COMPLETE = "undo_complete"
    UNDO_CANCEL = "undo_cancel"
    UNDO_MISS = "undo_miss"


@dataclass(frozen=True, slots=True)
class _Transition:
    """to: None leads back to where the visit stood before the step that is undone."""

    from_: frozenset[VisitStatus]
    to: VisitStatus | None
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
    Step.UNDO_COMPLETE: _Transition(frozenset({VisitStatus.COMPLETED}), None, "completion_undone"),
    Step.UNDO_CANCEL: _Transition(frozenset({VisitStatus.CANCELLED}), None, "cancellation_undone"),
    Step.UNDO_MISS: _Transition(frozenset({VisitStatus.NO_SHOW}), None, "miss_undone"),
}
"""The whole state machine: step -> from which states, to which, and the event's name."""

UNDOES = {
    Step.UNDO_COMPLETE: Step.COMPLETE,
    Step.UNDO_CANCEL: Step.CANCEL,
    Step.UNDO_MISS: Step.MISS,
}
"""Which step an undoing takes back; it must have been the visit's last one."""

UNDO_WITHIN = timedelta(days=7)
"""After that a slip is no slip any more, and others have planned with what was stored. [J]"""


class Channel(StrEnum):
    """By which way a change came in."""

    PHONE = "phone"
    DESK = "desk"
    WORKER = "worker"
    IMPORT = "import"


def status_after(
    step: Step, status: VisitStatus, *, starts_at: datetime, now: datetime, zone: ZoneInfo
) -> VisitStatus:
    """Where `step`, which undoes nothing, takes a visit that starts at `starts_at`. Aware UTC.

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
    if transition.to is None:
        raise IllegalStep(step, status)
    return transition.to


def status_undone(
    step: Step,
    status: VisitStatus,
    history: Iterable[tuple[str, Mapping[str, object]]],
    *,
    done_at: datetime,
    now: datetime,
) -> VisitStatus:
    """Where undoing the last step of a visit takes it. Times are aware UTC.

    history: kind and detail of each of its events, the first first. done_at: when the last one was.
    Raises IllegalStep where the last step is another one, or nobody knows what was before it, and
    TooLate when it was done more than UNDO_WITHIN ago.
    """
    events = list(history)
    undone = TRANSITIONS[UNDOES[step]].event
    before = _statuses(events)[-2:-1]
    if status not in TRANSITIONS[step].from_ or not events or events[-1][0] != undone:
        raise IllegalStep(step, status)
    if not before or before[0] not in OPEN_STATUSES:
        raise IllegalStep(step, status)
    if now - done_at > UNDO_WITHIN:
        raise TooLate("this was done more than a week ago: book the patient another visit instead")
    return before[0]


def _statuses(events: Iterable[tuple[str, Mapping[str, object]]]) -> list[VisitStatus | None]:
    """Where the visit stood after each event; None where the log does not say."""
    after: list[VisitStatus | None] = []
    for kind, detail in events:
        if kind == "rescheduled" and detail.get("from", "") == detail.get("to"):
            # To another room or provider at its own time: it stays confirmed.
            after.append(after[-1] if after else None)
        elif kind in _LEADS_TO:
            to = _LEADS_TO[kind]
            # An undoing comes right after what it undoes.
            after.append(to if to is not None else next(iter(after[-2:-1]), None))
        elif kind == "booked":
            after.append(VisitStatus.BOOKED)
        elif detail.get("status") in set(VisitStatus):
            after.append(VisitStatus(str(detail["status"])))
        else:
            after.append(after[-1] if after else None)
    return after


_LEADS_TO = {one.event: one.to for one in TRANSITIONS.values()}
"""Event -> the status after it; None for an undoing."""


def refuse_after_start(step: Step, *, starts_at: datetime, now: datetime) -> None:
    """What a patient may no longer do by themselves once the visit has begun. Raises TooLate."""
    if now >= starts_at:
        raise TooLate(f"the visit has begun, so it is too late to {step}: let the desk do it")
