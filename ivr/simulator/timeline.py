"""Time as the phone company sees it: a clock, and what is to happen when."""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time, aware and in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The computer's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until it is moved, and never moves back."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("A manual clock starts at an aware time: give it a time zone.")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Move forward to the moment; a moment in the past leaves the clock where it is."""
        self._now = max(self._now, moment)


@dataclass(order=True)
class Appointment:
    """Something that is to happen at a moment.

    ``waits`` marks what passes by a person's doing nothing (a caller's silence, a phone that
    rings on): on a manual clock it happens only when the test says so. ``idle`` marks what a
    caller in a queue hears: it goes on while time passes for any other reason, but on a manual
    clock it makes no time pass, for it would never come to an end.
    """

    at: datetime
    order: int
    action: Callable[[], None] = field(compare=False)
    waits: bool = field(compare=False, default=False)
    idle: bool = field(compare=False, default=False)
    cancelled: bool = field(compare=False, default=False)

    def cancel(self) -> None:
        self.cancelled = True


class Timeline:
    """Everything that is still to happen, earliest first; first come, first served in a tie."""

    def __init__(self) -> None:
        self._heap: list[Appointment] = []
        self._orders = itertools.count()

    def add(
        self, at: datetime, action: Callable[[], None], *, waits: bool = False, idle: bool = False
    ) -> Appointment:
        appointment = Appointment(at, next(self._orders), action, waits, idle)
        heapq.heappush(self._heap, appointment)
        return appointment

    def next(
        self,
        *,
        until: datetime | None = None,
        with_waits: bool = True,
        with_idle: bool = True,
    ) -> Appointment | None:
        """The earliest appointment (not after ``until``), left in place; None if there is none."""
        while self._heap and self._heap[0].cancelled:
            heapq.heappop(self._heap)
        candidates = (
            self._heap[:1]
            if with_waits and with_idle
            else [
                a
                for a in self._heap
                if not a.cancelled and (with_waits or not a.waits) and (with_idle or not a.idle)
            ]
        )
        earliest = min(candidates, default=None)
        if earliest is None or (until is not None and earliest.at > until):
            return None
        return earliest


def seconds_between(start: datetime, end: datetime) -> int:
    """Elapsed whole seconds, rounded up as telephone companies do."""
    return -(-(end - start) // timedelta(seconds=1))
