"""Which starts are free: hours and extra sessions, less closures, less what is occupied. Pure.

A visit starts on a quarter hour of the clinic's clock, because that is what people say, hear and
remember on the phone. It needs its whole span, buffers included, within open and unoccupied time.

Time is cut into granules of five minutes, and a set of them is one integer: bit n stands for the
n-th granule of a window. "Where do twelve free granules follow each other" is then a few shifts
for a whole week. A granule that is only partly open is of no use, and one that a visit only
touches is kept whole, as it is in scheduling.occupancy.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from scheduling.intervals import Interval, subtract, union

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from zoneinfo import ZoneInfo

GRANULE = timedelta(minutes=5)
"""What time is kept in: see scheduling.tables.Occupancy."""

GRID = timedelta(minutes=15)
"""The distance of possible starts.

Every offset from UTC in force today is a multiple of 15 minutes (Kathmandu is at 5:45), so a
quarter hour of UTC is a quarter hour on every clinic's clock.
"""

_SECONDS = 300
_PER_GRID = GRID // GRANULE
_ONE = ord("1")


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


class Window:
    """A stretch of time in granules: from spans and seconds to bits, and back."""

    def __init__(self, within: Interval) -> None:
        self._first = int(within[0].timestamp()) // _SECONDS
        self._count = -(-int(within[1].timestamp()) // _SECONDS) - self._first
        self.all = (1 << self._count) - 1

    def wholly(self, spans: Iterable[Interval]) -> int:
        """The granules that lie wholly in one of `spans`: what is open."""
        bits = 0
        for start, end in spans:
            # Round inwards: half a granule is of no use to a visit.
            bits |= self._run(-(-start.timestamp() // _SECONDS), end.timestamp() // _SECONDS)
        return bits

    def at(self, places: Iterable[int]) -> int:
        """These granules, counted from the window's first, which is 0.

        Raises IndexError for one beyond the window.
        """
        # Thousands of them: to set a digit each and read the number once is three times as fast
        # as to build it bit by bit.
        digits = bytearray(b"0" * (self._count or 1))
        for place in places:
            digits[place] = _ONE
        digits.reverse()
        return int(digits, 2)

    def starts_in(self, within: Interval) -> int:
        """The quarter hours in `within`, its end excluded, as the granules that begin there."""
        bits = self._run(
            -(-within[0].timestamp() // _SECONDS), -(-within[1].timestamp() // _SECONDS)
        )
        return bits & self._grid()

    def moments(self, bits: int) -> Iterator[datetime]:
        """When the granules of `bits` begin, in UTC, ascending."""
        while bits:
            lowest = bits & -bits
            yield datetime.fromtimestamp((self._first + lowest.bit_length() - 1) * _SECONDS, UTC)
            bits ^= lowest

    def bit_of(self, moment: datetime) -> int:
        """The granule that begins at `moment`, a moment that moments() gave."""
        return 1 << (int(moment.timestamp()) // _SECONDS - self._first)

    def _run(self, first: float, after_last: float) -> int:
        low = max(int(first) - self._first, 0)
        high = min(int(after_last) - self._first, self._count)
        return ((1 << (high - low)) - 1) << low if high > low else 0

    def _grid(self) -> int:
        # Every third bit, beginning with the first that is a quarter hour.
        pattern = int(("0" * (_PER_GRID - 1) + "1") * (self._count // _PER_GRID + 1), 2)
        return (pattern << (-self._first % _PER_GRID)) & self.all


def fitting(free: int, shape: VisitShape) -> int:
    """The granules at which a visit of `shape` may start so that all of it is in `free`."""
    before = _touched(shape.buffer_before)
    return _runs(free, before + _touched(shape.duration + shape.buffer_after)) << before


def fitting_patient(free: int, shape: VisitShape) -> int:
    """The same for the patient, who is asked for the visit alone."""
    return _runs(free, _touched(shape.duration))


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

    In UTC, ascending; see is_first_showing() for the day on which the clocks go back.
    """
    window = Window((within[0] - shape.whole, within[1] + shape.whole))
    bits = fitting(window.wholly(free), shape) & window.starts_in(within)
    return (start for start in window.moments(bits) if is_first_showing(start, zone))


def is_first_showing(start: datetime, zone: ZoneInfo) -> bool:
    """Whether the clinic's clock shows this time for the first time on its day.

    When the clocks go back, a quarter hour comes twice: only the first is offered, because the
    clinic's clock and calendar show both as the same time.
    """
    return start.astimezone(zone).fold == 0


def _touched(length: timedelta) -> int:
    """How many granules a stretch touches that begins, or ends, where a granule does."""
    return -(-length // GRANULE)


def _runs(free: int, length: int) -> int:
    """The granules of `free` from which on `length` free ones follow each other."""
    have = 1
    while have < length:
        step = min(have, length - have)
        free &= free >> step
        have += step
    return free
