"""The tables of a clinic.toml that say when it is open. All times are the clinic's wall time."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, ValidationInfo, field_validator

from ivr.clinics.values import Section, Text, WallDateTime, WallTime
from scheduling.definition import ClosureDefinition, ExtraSessionDefinition
from scheduling.hours import WeeklySession, instant

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


class Weekday(StrEnum):
    """A day of the week, in the order of `date.weekday()`."""

    MONDAY = "mon"
    TUESDAY = "tue"
    WEDNESDAY = "wed"
    THURSDAY = "thu"
    FRIDAY = "fri"
    SATURDAY = "sat"
    SUNDAY = "sun"


class HoursSection(Section):
    """One entry of `hours`: the same session on some days of every week, in local wall time.

    Where `closes` is not after `opens`, it runs past midnight and closes on the next day.
    effective_from, effective_until: first and last day on which it opens, where it is limited.
    """

    days: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    opens: WallTime
    closes: WallTime
    effective_from: date | None = None
    effective_until: date | None = None

    def sessions(self) -> tuple[WeeklySession, ...]:
        """One session of scheduling for each of the days."""
        return tuple(
            WeeklySession(
                weekday=list(Weekday).index(day),
                opens=self.opens,
                closes=self.closes,
                effective_from=self.effective_from,
                effective_until=self.effective_until,
            )
            for day in dict.fromkeys(self.days)
        )

    @field_validator("effective_until")
    @classmethod
    def _not_before_it_begins(cls, value: date | None, info: ValidationInfo) -> date | None:
        begins = info.data.get("effective_from")
        if value is not None and begins is not None and value < begins:
            raise ValueError(f"is before effective_from ({begins}): swap or correct them")
        return value


def sessions_of(hours: tuple[HoursSection, ...]) -> tuple[WeeklySession, ...]:
    """All the sessions of an `hours` list."""
    return tuple(session for entry in hours for session in entry.sessions())


class Span(Section):
    """From `starts` to `ends`, local wall time of the clinic."""

    starts: WallDateTime
    ends: WallDateTime
    provider: str | None = None
    room: str | None = None

    @field_validator("ends")
    @classmethod
    def _after_it_starts(cls, value: datetime, info: ValidationInfo) -> datetime:
        starts = info.data.get("starts")
        if starts is not None and value <= starts:
            raise ValueError("is not after starts: swap or correct them")
        return value


class ClosureSection(Span):
    """[[closures]]: closed from `starts` to `ends`.

    provider, room: the key of whoever is away or of what is shut; with neither, the whole clinic
        is closed.
    """

    reason: Text

    def to_definition(self, zone: ZoneInfo) -> ClosureDefinition:
        """As scheduling has it, in UTC."""
        return ClosureDefinition(
            starts_at=instant(self.starts, zone),
            ends_at=instant(self.ends, zone),
            reason=self.reason,
            provider_key=self.provider,
            room_key=self.room,
        )


class ExtraSessionSection(Span):
    """[[extra_sessions]]: open from `starts` to `ends` beyond weekly hours, on a holiday too.

    provider, room: the key of the one that is; exactly one of the two.
    """

    def to_definition(self, zone: ZoneInfo) -> ExtraSessionDefinition:
        """As scheduling has it, in UTC."""
        return ExtraSessionDefinition(
            starts_at=instant(self.starts, zone),
            ends_at=instant(self.ends, zone),
            provider_key=self.provider,
            room_key=self.room,
        )
