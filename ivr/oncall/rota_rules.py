"""THE ROTA RULE: who is on call at an instant, from weekly shifts and what departs from them. Pure.

Shifts are wall-clock time of the clinic's zone and become instants in scheduling.hours, so one
from 19:00 to 07:00 lasts 11 or 13 hours on the nights when the clock jumps. Of each level, an
override wins over the shifts of a public holiday, and these over the weekly ones; time off takes
a person out of whatever they are on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from scheduling.errors import InvalidDefinition, InvalidInput
from scheduling.hours import WeeklySession, local_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ivr.oncall.escalation import Person
    from scheduling.intervals import Interval

Level = Literal["primary", "backup"]
LEVELS: tuple[Level, ...] = ("primary", "backup")
"""In the order in which they are rung."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shift:
    """A duty that comes back every week, or every few.

    hours: wall-clock time of the clinic; the shift is of the day on which it begins.
    every_weeks, week: it takes place in the weeks whose number, counted by Mondays from the week
        of hours.effective_from (week 0), leaves `week` when divided by `every_weeks`.
    on_holidays: it takes place on public holidays alone, in place of its level's weekly shifts.

    Raises InvalidDefinition.
    """

    level: Level
    person_key: str
    hours: WeeklySession
    every_weeks: int = 1
    week: int = 0
    on_holidays: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.week < self.every_weeks:
            raise InvalidDefinition(
                f"week {self.week} never comes among {self.every_weeks}: count from 0"
            )
        if self.every_weeks > 1 and self.hours.effective_from is None:
            raise InvalidDefinition(
                "a rotation needs a week to count from: give the shift effective_from"
            )

    def begins_on(self, day: date) -> bool:
        """Whether it takes place on `day`, holidays aside."""
        if not self.hours.opens_on(day):
            return False
        first = self.hours.effective_from
        return first is None or (_week(day) - _week(first)) % self.every_weeks == self.week


@dataclass(frozen=True, slots=True)
class Override:
    """`person_key` has `level` from `starts_at` to before `ends_at`, aware UTC. InvalidInput."""

    level: Level
    person_key: str
    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        _check_span(self.starts_at, self.ends_at)


@dataclass(frozen=True, slots=True)
class TimeOff:
    """`person_key` is away from `starts_at` to before `ends_at`, aware UTC. InvalidInput."""

    person_key: str
    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        _check_span(self.starts_at, self.ends_at)


@dataclass(frozen=True, slots=True)
class Rota:
    """All that says who is on call.

    people: who may be rung, in the order of the fallback chain. overrides: the latest made last;
        where two are of one level and time, it wins. holidays: days of the clinic's calendar.
    last_resort: rung after everybody else, such as the clinic's fallback number.
    """

    zone: ZoneInfo
    people: tuple[Person, ...]
    shifts: tuple[Shift, ...] = ()
    overrides: tuple[Override, ...] = ()
    time_off: tuple[TimeOff, ...] = ()
    holidays: frozenset[date] = field(default_factory=frozenset)
    last_resort: Person | None = None


@dataclass(frozen=True, slots=True)
class OnCall:
    """Who is on call at one instant.

    duty: each level in order, with whoever has it; a level may have nobody.
    fallback: everybody else, in the order in which they are rung after the duty.
    """

    duty: tuple[tuple[Level, tuple[Person, ...]], ...]
    fallback: tuple[Person, ...]

    def ring_order(self) -> tuple[Person, ...]:
        """Everybody, each once; empty only where the rota has no people and no last resort."""
        on_duty = [person for _, people in self.duty for person in people]
        return tuple(dict.fromkeys([*on_duty, *self.fallback]))


def who_is_on_call(rota: Rota, at: datetime) -> OnCall:
    """Who has each level at `at` (aware), and who stands in. People away are rung last of all."""
    away = {off.person_key for off in rota.time_off if off.starts_at <= at < off.ends_at}
    duty = tuple((level, _on_duty(rota, level, at, away)) for level in LEVELS)
    on_duty = {person.key for _, people in duty for person in people}
    rest = [person for person in rota.people if person.key not in on_duty]
    fallback = sorted(rest, key=lambda person: person.key in away)
    if rota.last_resort is not None:
        fallback.append(rota.last_resort)
    return OnCall(duty, tuple(fallback))


def swap(rota: Rota, first: Override, second: Override) -> tuple[Override, Override]:
    """Two duties, each with the other's person: what, added to the rota, exchanges them.

    Raises InvalidInput where a duty is not its person's from beginning to end.
    """
    if first.level == second.level and (
        first.starts_at < second.ends_at and second.starts_at < first.ends_at
    ):
        raise InvalidInput("the two shifts overlap: choose two that do not")
    for one in (first, second):
        for at in boundaries(rota, one.starts_at, one.ends_at):
            if one.person_key not in _holders(rota, one.level, at):
                raise InvalidInput(
                    f"{one.person_key} does not have all of that {one.level} shift: "
                    "choose a stretch of their own"
                )
    return (
        Override(first.level, second.person_key, first.starts_at, first.ends_at),
        Override(second.level, first.person_key, second.starts_at, second.ends_at),
    )


def boundaries(rota: Rota, start: datetime, end: datetime) -> list[datetime]:
    """`start`, and every later instant before `end` (aware) at which who is on call may change."""
    edges = {start}
    for spans in (rota.overrides, rota.time_off):
        for one in spans:
            edges.update((one.starts_at, one.ends_at))
    for day in _days(local_day(start, rota.zone), local_day(end, rota.zone)):
        for level in LEVELS:
            for _, (starts_at, ends_at) in _shifts_of(rota, level, day):
                edges.update((starts_at, ends_at))
    return sorted(edge for edge in edges if start <= edge < end)


def _on_duty(rota: Rota, level: Level, at: datetime, away: set[str]) -> tuple[Person, ...]:
    holders = _holders(rota, level, at) - away
    return tuple(person for person in rota.people if person.key in holders)


def _holders(rota: Rota, level: Level, at: datetime) -> set[str]:
    for override in reversed(rota.overrides):
        if override.level == level and override.starts_at <= at < override.ends_at:
            return {override.person_key}
    today = local_day(at, rota.zone)
    return {
        shift.person_key
        for day in _days(today, today)
        for shift, (starts_at, ends_at) in _shifts_of(rota, level, day)
        if starts_at <= at < ends_at
    }


def _shifts_of(rota: Rota, level: Level, day: date) -> Iterator[tuple[Shift, Interval]]:
    begun = [one for one in rota.shifts if one.level == level and one.begins_on(day)]
    special = [one for one in begun if one.on_holidays] if day in rota.holidays else []
    for shift in special or [one for one in begun if not one.on_holidays]:
        yield shift, shift.hours.on(day, rota.zone)


def _days(first: date, last: date) -> Iterator[date]:
    # A shift that runs past midnight began the day before.
    for number in range(-1, (last - first).days + 1):
        yield first + number * _DAY


def _week(day: date) -> int:
    return (day.toordinal() - 1) // 7


def _check_span(starts_at: datetime, ends_at: datetime) -> None:
    if starts_at.tzinfo is None or ends_at.tzinfo is None:
        raise InvalidInput("the times have no zone: give aware times")
    if ends_at <= starts_at:
        raise InvalidInput("it ends no later than it starts: swap or correct the times")
