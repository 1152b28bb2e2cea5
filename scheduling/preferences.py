"""When and with whom a patient would like to come. Pure; by the clinic's clock and calendar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import IntFlag
from typing import Any, Self
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
class Unwanted:
    """When a patient cannot come; as it is, nothing is ruled out.

    times: a weekday, 0 for Monday, and parts of it: (0, ANY_PART) is every Monday.
    spans: first and last day of each stretch, both included.
    before, from_: wall-clock times: no visit starts before the one, none at the other or later.
    """

    times: frozenset[tuple[int, DayPart]] = frozenset()
    spans: tuple[tuple[date, date], ...] = ()
    before: time | None = None
    from_: time | None = None

    def __bool__(self) -> bool:
        return self != NOTHING_UNWANTED

    def rules_out(self, local_start: datetime) -> bool:
        """Whether a visit that starts then, by the clinic's clock, is not to be offered."""
        day, wall = local_start.date(), local_start.time()
        return (
            any(day.weekday() == one and day_part(wall) in parts for one, parts in self.times)
            or any(first <= day <= last for first, last in self.spans)
            or (self.before is not None and wall < self.before)
            or (self.from_ is not None and wall >= self.from_)
        )

    def joined(self, other: Unwanted) -> Unwanted:
        """Both; of two times of the day the later word counts."""
        return Unwanted(
            self.times | other.times,
            tuple(dict.fromkeys((*self.spans, *other.spans))),
            other.before or self.before,
            other.from_ or self.from_,
        )

    def to_json(self) -> dict[str, Any]:
        """As plain values, and only what is ruled out."""
        whole: dict[str, Any] = {
            "times": sorted([day, int(parts)] for day, parts in self.times),
            "spans": [[day.isoformat() for day in span] for span in self.spans],
            "before": self.before and self.before.isoformat("minutes"),
            "from": self.from_ and self.from_.isoformat("minutes"),
        }
        return {name: value for name, value in whole.items() if value}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The inverse of to_json()."""
        before, from_ = stored.get("before"), stored.get("from")
        return cls(
            frozenset((day, DayPart(parts)) for day, parts in stored.get("times", ())),
            tuple(
                (date.fromisoformat(first), date.fromisoformat(last))
                for first, last in stored.get("spans", ())
            ),
            time.fromisoformat(before) if before else None,
            time.fromisoformat(from_) if from_ else None,
        )


NOTHING_UNWANTED = Unwanted()


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a patient asked for; as it is, anything suits.

    weekdays: 0 is Monday, as in `date.weekday()`. from_on, until_on: first and last day; None is
    without limit. provider_id: None is anybody. unwanted: for a search; the waitlist keeps none.
    Raises InvalidInput where no time at all would suit, or a day comes with a time.
    """

    day_parts: DayPart = ANY_PART
    weekdays: frozenset[int] = ALL_DAYS
    from_on: date | None = None
    until_on: date | None = None
    provider_id: UUID | None = None
    unwanted: Unwanted = NOTHING_UNWANTED

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
            and not self.unwanted.rules_out(local_start)
        )


ANY_TIME = Wishes()


def weekday_bits(weekdays: Iterable[int]) -> int:
    """Weekdays as they are stored: Monday is 1, Tuesday 2, … Sunday 64."""
    return sum(1 << day for day in set(weekdays))


def weekdays_of(bits: int) -> frozenset[int]:
    """What weekday_bits() wrote."""
    return frozenset(day for day in range(7) if bits >> day & 1)
