"""THE ESCALATION RULE, continued: whom to page until somebody accepts, and when next. Pure.

The caller's own call rings one person after the other (escalation.py). What follows needs no
caller: everybody is called, and texted too from the second round on, every two minutes; the
supervisor joins in after ten; after fifteen the desk's board raises an alarm. Acceptance or
closing ends it all, and a ticket that is put back or reopened begins anew. A worker that was away
makes up for nothing: it pages once, at once, and goes on from there. Where the caller was promised
a call back by a time and wanted nobody now, all this begins at that time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.oncall.escalation import RING_SECONDS, Event, EventKind, is_closed, somebody_has_it

CALLS_AFTER = timedelta(seconds=80)
"""From opening to the first calls, where the caller's call did not ask for them before: by then
two people have been rung for 25 s and may have listened to a whisper each."""

EVERY = timedelta(minutes=2)
"""Between two rounds of pages [caller-safety, the urgent call, step 4]."""

RINGS_FOR = timedelta(seconds=RING_SECONDS)

SUPERVISOR_AFTER = timedelta(minutes=10)
"""From opening, or from being put back [the same; a judgement]."""

ALARM_AFTER = timedelta(minutes=15)
"""The same for the alarm on the desk's board [the same; a judgement]."""


@dataclass(frozen=True, slots=True)
class Repage:
    """What to do now for a ticket.

    everybody: call everybody of the plan. texts: text them, too. supervisor: call and text the
    supervisor. alarm: raise it on the board. next_at: when to ask again, aware UTC; None: never.
    """

    everybody: bool
    texts: bool
    supervisor: bool
    alarm: bool
    next_at: datetime | None


def repage(events: Sequence[Event], now: datetime, callback_by: datetime | None = None) -> Repage:
    """What is due at `now` (aware UTC) after `events`, the ticket's own in their order.

    callback_by: the time that was promised to its caller, if one was; aware UTC.
    """
    if is_closed(events) or somebody_has_it(events):
        return Repage(everybody=False, texts=False, supervisor=False, alarm=False, next_at=None)
    deferred = callback_by is not None and is_deferred(events)
    since, waiting = _since_it_waits(events, callback_by if deferred else None)
    first_calls = since if deferred else since + CALLS_AFTER
    rounds = [event.at for event in waiting if event.kind is EventKind.REPAGED]
    everybody = now >= _next_round(first_calls, waiting, rounds)
    supervisor_at, alarm_at = since + SUPERVISOR_AFTER, since + ALARM_AFTER
    first_time = not _has(waiting, EventKind.SUPERVISOR_PAGED)
    supervisor = now >= supervisor_at and (everybody or first_time)
    alarm = now >= alarm_at and not _has(waiting, EventKind.ALARM_RAISED)
    following = [now + EVERY if everybody else _next_round(first_calls, waiting, rounds)]
    following += [at for at in (supervisor_at, alarm_at) if at > now]
    # Texts went out with the ticket, but not with one that was left to the desk.
    texts = everybody and (deferred or bool(rounds))
    return Repage(everybody, texts, supervisor, alarm, min(following))


_ASKS_FOR_SOMEBODY = frozenset(
    {EventKind.ROUND_STARTED, EventKind.RINGING, EventKind.PUT_BACK, EventKind.REOPENED}
)


def is_deferred(events: Sequence[Event]) -> bool:
    """Whether its caller was promised a call back, and has asked for nobody since."""
    for event in reversed(events):
        if event.kind in _ASKS_FOR_SOMEBODY:
            return False
        if event.kind is EventKind.DEFERRED:
            return True
    return False


def _since_it_waits(
    events: Sequence[Event], promised: datetime | None
) -> tuple[datetime, Sequence[Event]]:
    """Since when it is nobody's, and what happened from then on."""
    if promised is not None:
        return promised, [event for event in events if event.at >= promised]
    begins = [
        place
        for place, event in enumerate(events)
        if event.kind in (EventKind.OPENED, EventKind.PUT_BACK, EventKind.REOPENED)
    ]
    return events[begins[-1]].at, events[begins[-1] :]


def _next_round(
    first_calls: datetime, waiting: Sequence[Event], rounds: Sequence[datetime]
) -> datetime:
    at = rounds[-1] + EVERY if rounds else first_calls
    for event in waiting:
        # They wait for everybody to be called; the phones of the round before have rung out.
        if event.kind is EventKind.QUEUED and (not rounds or event.at >= rounds[-1] + RINGS_FOR):
            at = min(at, event.at)
    for event in waiting:
        # All of the plan was tried, or the caller hung up: nobody is being rung any more.
        hurries = event.kind is EventKind.CALLER_LEFT or (
            event.kind is EventKind.PAGED and not rounds
        )
        if hurries and (not rounds or event.at > rounds[-1]):
            at = min(at, event.at)
    return at


def _has(events: Sequence[Event], kind: EventKind) -> bool:
    return any(event.kind is kind for event in events)
