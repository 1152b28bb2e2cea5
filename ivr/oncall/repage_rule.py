"""THE ESCALATION RULE, continued: whom to page until somebody accepts, and when next. Pure.

The caller's own call rings one person after the other (escalation.py). What follows needs no
caller: everybody is called, and texted too from the second round on, every two minutes; the
supervisor joins in after ten; after fifteen the desk's board raises an alarm. Acceptance or
closing ends it all, and a ticket that is put back or reopened begins anew. A worker that was away
makes up for nothing: it pages once, at once, and goes on from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.oncall.escalation import Event, EventKind, is_closed, somebody_has_it

CALLS_AFTER = timedelta(seconds=80)
"""From opening to the first calls, where the caller's call did not ask for them before: by then
two people have been rung for 25 s and may have listened to a whisper each."""

EVERY = timedelta(minutes=2)
"""Between two rounds of pages [caller-safety, the urgent call, step 4]."""

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


def repage(events: Sequence[Event], now: datetime) -> Repage:
    """What is due at `now` (aware UTC) after `events`, the ticket's own in their order."""
    if is_closed(events) or somebody_has_it(events):
        return Repage(everybody=False, texts=False, supervisor=False, alarm=False, next_at=None)
    since, waiting = _since_it_waits(events)
    rounds = [event.at for event in waiting if event.kind is EventKind.REPAGED]
    everybody = now >= _next_round(since, waiting, rounds)
    supervisor_at, alarm_at = since + SUPERVISOR_AFTER, since + ALARM_AFTER
    first_time = not _has(waiting, EventKind.SUPERVISOR_PAGED)
    supervisor = now >= supervisor_at and (everybody or first_time)
    alarm = now >= alarm_at and not _has(waiting, EventKind.ALARM_RAISED)
    following = [now + EVERY if everybody else _next_round(since, waiting, rounds)]
    following += [at for at in (supervisor_at, alarm_at) if at > now]
    return Repage(everybody, everybody and bool(rounds), supervisor, alarm, min(following))


def _since_it_waits(events: Sequence[Event]) -> tuple[datetime, Sequence[Event]]:
    """Since when it is nobody's, and what happened from then on."""
    begins = [
        place
        for place, event in enumerate(events)
        if event.kind in (EventKind.OPENED, EventKind.PUT_BACK, EventKind.REOPENED)
    ]
    return events[begins[-1]].at, events[begins[-1] :]


def _next_round(since: datetime, waiting: Sequence[Event], rounds: Sequence[datetime]) -> datetime:
    at = rounds[-1] + EVERY if rounds else since + CALLS_AFTER
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
