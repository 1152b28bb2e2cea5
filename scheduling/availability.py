"""Which starts are free: hours and extra sessions, less closures, less what is occupied. Pure.

A visit starts on a quarter hour of the clinic's clock, because that is what people say, hear and
remember on the phone. It needs its whole span, buffers included, within open and unoccupied time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from scheduling.intervals import Interval, subtract, union

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from zoneinfo import ZoneInfo

GRID = timedelta(minutes=15)
"""The distance of possible starts.

Every offset from UTC in force today is a multiple of 15 minutes (Kathmandu is at 5:45), so a
quarter hour of UTC is a quarter hour on every clinic's clock.
"""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class VisitShape:
    """How long a visit takes, in elapsed time, and what it keeps free around itself.

    The buffers are the provider's and the room's (preparing, tidying); the patient is asked for
    `duration` alone.
    """

    duration: timedelta
    buffer_before: timedelta = timedelta(0)
    buffer_after: timedelta = timedelta(0)

    @property
    def whole(self) -> timedelta:
        """Duration and both buffers."""
        return self.buffer_before + self.duration + self.buffer_after

    def span(self, start: datetime) -> Interval:
        """All that a visit starting at `start` keeps its provider and room from."""
        return start - self.buffer_before, start + self.duration + self.buffer_after


def bookable_time(
    weekly: Sequence[Interval], extra: Iterable[Interval], closures: Iterable[Interval]
) -> list[Interval]:
    """When visits may take place: weekly hours or extra sessions, and no closure.

    Public holidays have already thinned the weekly hours; an extra session on a holiday is the
    clinic's own decision and stands.
    """
    return subtract(union([*weekly, *extra]), union(closures))


def starts(
    free: Iterable[Interval], shape: VisitShape, zone: ZoneInfo, within: Interval
) -> Iterator[datetime]:
    """Every start in `within` (end excluded) at which a visit of `shape` fits into `free`.

    In UTC, ascending. When the clocks go back, a quarter hour comes twice: only the first is
    offered, because the clinic's clock and calendar show both as the same time.
    """
    for free_start, free_end in free:
        start = _next_on_grid(max(free_start + shape.buffer_before, within[0]))
        last = free_end - shape.buffer_after - shape.duration
        while start <= last and start < within[1]:
            if start.astimezone(zone).fold == 0:
                yield start
            start += GRID


def _next_on_grid(moment: datetime) -> datetime:
    past = (moment - _EPOCH) % GRID
    return moment if not past else moment + (GRID - past)
