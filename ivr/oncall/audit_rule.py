"""THE AUDIT RULE: what should have happened to a ticket by now, and did not. Pure.

It knows what was promised and nothing of the code that keeps it: it goes through a ticket's events
as an outsider would, with the plan that was frozen when it opened. A step that came too late is
told as well, since a patient waited for it. Each step is told once for each stretch of time in
which nobody had the ticket.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ivr.oncall.escalation import RING_SECONDS, Event, EventKind, is_dialable
from ivr.oncall.plan import Plan
from ivr.oncall.repage_rule import ALARM_AFTER, CALLS_AFTER, EVERY, RINGS_FOR, SUPERVISOR_AFTER

GRACE = timedelta(seconds=60)
"""How late a step may be: a worker looks every second, but a slow carrier holds it for 40."""

FIRST_RING_AFTER = timedelta(seconds=60)
"""From opening, or from the last thing the caller said: the question of what it is about takes 30,
the sentence about 911 and its repetition 20 [a judgement]."""

RING_IS_OVER = timedelta(seconds=RING_SECONDS + 35)
"""A ring, and both times that the whisper is said to whoever picked up."""

CALL_BACK_WITHIN = timedelta(minutes=10)
"""From accepting in a call that paged them to being connected to the caller [a judgement; URAC
asks for 30 on average]."""

CLOSE_WITHIN = timedelta(hours=24)
"""From accepting to a disposition [a judgement]."""

_ENDS_WAITING = {EventKind.ACCEPTED, EventKind.CLOSED}
_BEGINS_WAITING = {EventKind.OPENED, EventKind.PUT_BACK, EventKind.REOPENED}
_ASKS_FOR_SOMEBODY = {EventKind.ROUND_STARTED, EventKind.RINGING}
_STILL_SPEAKS = {EventKind.CLASSIFIED, EventKind.CALLBACK_SET}
_IS_NOBODYS_TO_RING = {
    EventKind.CALLER_LEFT,
    EventKind.RECOVERED,
    EventKind.REFILL_OVERDUE,
    EventKind.DEFERRED,
    EventKind.ACCEPTED,
    EventKind.CLOSED,
}
"""Whoever is not on the line is called back; who was promised a time asks for nobody now."""

_TELLS_NOTHING_OF_THE_CALL = {
    EventKind.REPAGED,
    EventKind.SUPERVISOR_PAGED,
    EventKind.ALARM_RAISED,
}


class Step(StrEnum):
    """What is looked for."""

    FIRST_RING = "first_ring"
    RING_OUTCOME = "ring_outcome"
    PROMISE = "promise"
    """Its caller was promised a call back: by then somebody has it, or is paged."""
    PAGES = "pages"
    SUPERVISOR = "supervisor"
    ALARM = "alarm"
    CALL_BACK = "call_back"
    DISPOSITION = "disposition"


@dataclass(frozen=True, slots=True)
class Finding:
    """A step that was due at `due_at` and came at `came_at`, or, where that is None, has not come.

    since: when the stretch of waiting began that it belongs to, or the acceptance or the ring.
    All are aware UTC.
    """

    step: Step
    since: datetime
    due_at: datetime
    came_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Wait:
    """A stretch in which nobody has the ticket, and what happened in it.

    until: None while it lasts. promised: it begins with the time promised to the caller.
    """

    since: datetime
    until: datetime | None
    events: tuple[Event, ...]
    promised: bool


def audit(
    plan: Plan, events: Sequence[Event], now: datetime, callback_by: datetime | None = None
) -> list[Finding]:
    """Every step that is missing at `now` (aware UTC), or came late, in the order of `Step`.

    events: the ticket's, in their order. callback_by: the time promised to its caller, if one was.
    """
    found = [*_first_ring(plan, events, now), *_ring_outcomes(events, now)]
    for wait in _waits(events, callback_by):
        found += _pages(wait, now)
        found += _once(wait, now, Step.SUPERVISOR, EventKind.SUPERVISOR_PAGED, SUPERVISOR_AFTER)
        found += _once(wait, now, Step.ALARM, EventKind.ALARM_RAISED, ALARM_AFTER)
    found += _after_acceptance(events, now)
    order = list(Step)
    return sorted(found, key=lambda finding: (order.index(finding.step), finding.since))


def _first_ring(plan: Plan, events: Sequence[Event], now: datetime) -> Iterator[Finding]:
    """While its caller is on the line, the first phone rings."""
    if not events or not any(is_dialable(person.number) for person in plan.people):
        return
    due, ended = events[0].at + FIRST_RING_AFTER, None
    for event in events:
        if event.kind in _STILL_SPEAKS:
            due = max(due, event.at + FIRST_RING_AFTER)
        elif event.kind is EventKind.RINGING or event.kind in _IS_NOBODYS_TO_RING:
            ended = event
            break
    rang = ended is not None and ended.kind is EventKind.RINGING
    if late := _late(due, ended.at if ended else None, now, came=rang):
        yield Finding(Step.FIRST_RING, events[0].at, *late)


def _ring_outcomes(events: Sequence[Event], now: datetime) -> Iterator[Finding]:
    """The last ring of the caller's call ended somehow: a call that hangs rings nobody else."""
    for event in reversed(events):
        if event.kind in _TELLS_NOTHING_OF_THE_CALL:
            continue
        if event.kind is EventKind.RINGING and (late := _late(event.at + RING_IS_OVER, None, now)):
            yield Finding(Step.RING_OUTCOME, event.at, *late)
        return


def _waits(events: Sequence[Event], callback_by: datetime | None) -> Iterator[_Wait]:
    since: datetime | None = None
    promised, within = False, list[Event]()
    for event in events:
        kind = event.kind
        begins = kind in _BEGINS_WAITING or (promised and kind in _ASKS_FOR_SOMEBODY)
        if since is not None and (begins or kind in _ENDS_WAITING or kind is EventKind.DEFERRED):
            yield _Wait(since, event.at, tuple(within), promised)
            since, within, promised = None, [], False
        if begins:
            since, promised = event.at, False
        elif kind is EventKind.DEFERRED:
            since, promised = callback_by, True
        elif since is not None and event.at >= since:
            within.append(event)
    if since is not None:
        yield _Wait(since, None, tuple(within), promised)


def _pages(wait: _Wait, now: datetime) -> Iterator[Finding]:
    """Everybody is called, and again every two minutes; at once where nobody is rung any more."""
    due = wait.since if wait.promised else wait.since + CALLS_AFTER
    step = Step.PROMISE if wait.promised else Step.PAGES
    last: datetime | None = None
    for event in wait.events:
        if event.kind is EventKind.REPAGED:
            if late := _late(due, event.at, now):
                yield Finding(step, wait.since, *late)
                return
            last, due, step = event.at, event.at + EVERY, Step.PAGES
        elif _hurries(event, last):
            due = min(due, event.at)
    if late := _late(due, wait.until, now, came=False):
        yield Finding(step, wait.since, *late)


def _hurries(event: Event, last_round: datetime | None) -> bool:
    if event.kind is EventKind.QUEUED:
        return last_round is None or event.at >= last_round + RINGS_FOR
    if event.kind is EventKind.CALLER_LEFT:
        # The calls of a round that began at that moment are made for them.
        return last_round is None or event.at > last_round
    return event.kind is EventKind.PAGED and last_round is None


def _once(
    wait: _Wait, now: datetime, step: Step, kind: EventKind, after: timedelta
) -> Iterator[Finding]:
    came = next((event.at for event in wait.events if event.kind is kind), None)
    ended = came if came is not None else wait.until
    if late := _late(wait.since + after, ended, now, came=came is not None):
        yield Finding(step, wait.since, *late)


def _after_acceptance(events: Sequence[Event], now: datetime) -> Iterator[Finding]:
    """Whoever has it calls back, and says in the end what became of it."""
    places = [at for at, event in enumerate(events) if event.kind is EventKind.ACCEPTED]
    if not places:
        return
    accepted, rest = events[places[-1]], events[places[-1] + 1 :]
    if any(event.kind in _BEGINS_WAITING for event in rest):
        return
    closed = next((event.at for event in rest if event.kind is EventKind.CLOSED), None)
    if accepted.by_page or any(event.kind is EventKind.NOT_BRIDGED for event in rest):
        spoke = next((event.at for event in rest if event.kind is EventKind.CALLED_BACK), None)
        due = accepted.at + CALL_BACK_WITHIN
        if late := _late(due, spoke or closed, now, came=spoke is not None):
            yield Finding(Step.CALL_BACK, accepted.at, *late)
    if late := _late(accepted.at + CLOSE_WITHIN, closed, now):
        yield Finding(Step.DISPOSITION, accepted.at, *late)


def _late(
    due: datetime, ended: datetime | None, now: datetime, *, came: bool = True
) -> tuple[datetime, datetime | None] | None:
    """Due when and come when, where that is too late; None where it is in time, or not due yet.

    ended: when it came or, where not `came`, when it was not needed any more.
    """
    if (ended or now) <= due + GRACE:
        return None
    return due, ended if came else None
