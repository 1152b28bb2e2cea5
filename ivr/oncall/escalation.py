"""THE ESCALATION RULE: whom to ring next, from the frozen plan and what happened. Pure.

This is the part of it that the caller's own call carries out, ring by ring; what outlives the call
is in repage_rule.py. The plan is a list of people. In a round each of them is rung once, in the
plan's order, one at a time; whoever cannot be rung is stepped over at once. A new round starts
from the first again. Acceptance ends it all.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import phonenumbers

RING_SECONDS = 25
"""How long one person's phone rings [caller-safety, the urgent call, step 2: a judgement]."""

PAGE_AFTER = timedelta(seconds=60)
"""From opening to the text that pages everybody on the plan: two people have been rung by then."""


class EventKind(StrEnum):
    """What can happen to a ticket."""

    OPENED = "opened"
    RINGING = "ringing"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    ANSWERED = "answered"
    """A phone was picked up, by a person or a machine: it proves nothing."""
    ROUND_STARTED = "round_started"
    ACCEPTED = "accepted"
    """A human pressed the key."""
    PUT_BACK = "put_back"
    """The caller was not helped: it is nobody's again."""
    QUEUED = "queued"
    """The caller waits for whoever accepts, while everybody is called."""
    LEFT_QUEUE = "left_queue"
    """The caller waited long enough, and is told what comes next."""
    NOT_BRIDGED = "not_bridged"
    """Whoever accepted came for a caller who waited no more: they call back."""
    CALL_ENDED = "call_ended"
    """The caller's call ended, after somebody had accepted."""
    CLASSIFIED = "classified"
    """The caller said what it is about."""
    DEFERRED = "deferred"
    """The caller was promised a call back at a time, and asked for nobody now."""
    CALLBACK_SET = "callback_set"
    CALLER_LEFT = "caller_left"
    PAGED = "paged"
    """The texts that were stored with the ticket were hurried."""
    REPAGED = "repaged"
    """Everybody's phone is called, and texted from the second time on."""
    SUPERVISOR_PAGED = "supervisor_paged"
    ALARM_RAISED = "alarm_raised"
    RECOVERED = "recovered"
    """A call that was answered without the database has been found."""
    REFILL_OVERDUE = "refill_overdue"
    """Nobody called: a refill is overdue, and the desk has not arranged it."""
    CALLED_BACK = "called_back"
    """Whoever accepted was connected to the caller's number."""
    CLOSED = "closed"
    """With a disposition, by somebody who is named."""
    REOPENED = "reopened"
    """The caller asked again, in the same call, after it was closed."""


class RingOutcome(StrEnum):
    """How a ring can end."""

    NO_ANSWER = EventKind.NO_ANSWER
    BUSY = EventKind.BUSY
    FAILED = EventKind.FAILED
    ANSWERED = EventKind.ANSWERED


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may be rung. number: E.164."""

    key: str
    name: str
    number: str


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, at an aware UTC instant.

    by_page: of an acceptance: in a call that paged them, so that the caller is to be called back.
    """

    at: datetime
    kind: EventKind
    person_key: str | None = None
    by_page: bool = False


class WhyNobody(StrEnum):
    """Why nobody is to be rung."""

    ACCEPTED = "accepted"
    """Somebody has it."""
    CLOSED = "closed"
    EVERYBODY_TRIED = "everybody_tried"
    NOBODY_ON_CALL = "nobody_on_call"
    """The plan is empty, or holds no number that can be dialled."""


@dataclass(frozen=True, slots=True)
class Ring:
    """Ring this person now, for so many seconds."""

    person: Person
    ring_seconds: int = RING_SECONDS


@dataclass(frozen=True, slots=True)
class NobodyLeft:
    """Ring nobody (any more) in this round."""

    why: WhyNobody


def next_step(
    plan: Sequence[Person], events: Sequence[Event], engaged: Collection[str] = ()
) -> Ring | NobodyLeft:
    """Whom to ring next. `events`: the ticket's, in the order in which they happened.

    engaged: the numbers (E.164) that are busy with other tickets. Their turn comes after that of
    whoever is free.
    """
    if is_closed(events):
        return NobodyLeft(WhyNobody.CLOSED)
    if somebody_has_it(events):
        return NobodyLeft(WhyNobody.ACCEPTED)
    people = [person for person in plan if is_dialable(person.number)]
    if not people:
        return NobodyLeft(WhyNobody.NOBODY_ON_CALL)
    rung = {event.person_key for event in _this_round(events) if event.kind is EventKind.RINGING}
    # Two people may share one phone; it has been tried when it was tried for either.
    tried = {person.number for person in people if person.key in rung}
    left = [person for person in people if person.number not in tried]
    free = [person for person in left if person.number not in engaged]
    for person in free or left:
        return Ring(person)
    return NobodyLeft(WhyNobody.EVERYBODY_TRIED)


def somebody_has_it(events: Sequence[Event]) -> bool:
    """Whether somebody has the ticket after these events."""
    for event in reversed(events):
        if event.kind in (EventKind.ACCEPTED, EventKind.PUT_BACK, EventKind.REOPENED):
            return event.kind is EventKind.ACCEPTED
    return False


def is_closed(events: Sequence[Event]) -> bool:
    """Whether the ticket is closed after these events."""
    for event in reversed(events):
        if event.kind in (EventKind.CLOSED, EventKind.REOPENED):
            return event.kind is EventKind.CLOSED
    return False


def waits_in_queue(events: Sequence[Event]) -> bool:
    """Whether the caller waits for whoever accepts."""
    for event in reversed(events):
        if event.kind is EventKind.QUEUED:
            return True
        if event.kind in (EventKind.LEFT_QUEUE, EventKind.CALLER_LEFT, EventKind.ACCEPTED):
            return False
    return False


def is_dialable(number: str) -> bool:
    """Whether `number` is in E.164 and of a length that its country dials."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return False
    in_e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == number
    # Possible rather than valid: a new area code must not keep a nurse from being rung.
    length = phonenumbers.is_possible_number_with_reason(parsed)
    return in_e164 and length == phonenumbers.ValidationResult.IS_POSSIBLE


def _this_round(events: Sequence[Event]) -> Sequence[Event]:
    starts = [
        position
        for position, event in enumerate(events)
        if event.kind in (EventKind.ROUND_STARTED, EventKind.REOPENED)
    ]
    return events[starts[-1] :] if starts else events
