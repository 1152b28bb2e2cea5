"""When and with whom a patient would like to come. Pure; by the clinic's clock and calendar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import IntFlag
from uuid import UUID

from scheduling import checked_input
from scheduling.errors import EndBeforeStart, InvalidInput


class DayPart(IntFlag):
    """Parts of the day in which a visit may start, as callers name them. [J]"""

    MORNING = 1
    """Before noon."""
    AFTERNOON = 2
    """From noon until five."""
    EVENING = 4
    """From five on."""


ANY_PART = DayPart.MORNING | DayPart.AFTERNOON | DayPart.EVENING
ALL_DAYS = frozenset(range(7))

_NOON = time(12)
_FIVE = time(17)


def day_part(wall: time) -> DayPart:
    """The part of the day to which a wall-clock time belongs."""
    if wall < _NOON:
        return DayPart.MORNING
    return DayPart.AFTERNOON if wall < _FIVE else DayPart.EVENING


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a patient asked for; as it is, anything suits.

    weekdays: 0 is Monday, as in `date.weekday()`. from_on, until_on: first and last day; None is
    without limit. provider_id: None is anybody.
    Raises InvalidInput where no time at all would suit, or a day comes with a time.
    """

    day_parts: DayPart = ANY_PART
    weekdays: frozenset[int] = ALL_DAYS
    from_on: date | None = None
    until_on: date | None = None
    provider_id: UUID | None = None

    def __post_init__(self) -> None:
        for wished in filter(None, (self.from_on, self.until_on)):
            checked_input.day(wished, "the wished day")
        if not self.weekdays or not self.weekdays <= ALL_DAYS:
            raise InvalidInput("weekdays are numbers from 0 for Monday to 6: give at least one")
        if not self.day_parts & ANY_PART:
            raise InvalidInput("no part of the day is wished for: give at least one")
        if (self.from_on or date.min) > (self.until_on or date.max):
            raise EndBeforeStart(
                f"the wish ends on {self.until_on} but begins on {self.from_on}: swap or correct "
                "the dates"
            )

    def admits_day(self, day: date) -> bool:
        """Whether a visit on `day` could suit."""
        return (
            day.weekday() in self.weekdays
            and (self.from_on is None or self.from_on <= day)
            and (self.until_on is None or day <= self.until_on)
        )

    def suits(self, local_start: datetime, provider_id: UUID) -> bool:
        """Whether a visit that starts at `local_start`, by the clinic's clock, would suit."""
        return (
            self.admits_day(local_start.date())
            and bool(day_part(local_start.time()) & self.day_parts)
            and self.provider_id in (None, provider_id)
        )


ANY_TIME = Wishes()


def weekday_bits(weekdays: Iterable[int]) -> int:
    """Weekdays as they are stored: Monday is 1, Tuesday 2, … Sunday 64."""
    return sum(1 << day for day in set(weekdays))


def weekdays_of(bits: int) -> frozenset[int]:
    """What weekday_bits() wrote."""
    return frozenset(day for day in range(7) if bits >> day & 1)
