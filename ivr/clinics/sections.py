"""The tables of a clinic.toml, each checked by itself. See definition.py for the whole file."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from ivr.clinics.values import Key, PhoneNumber, Text, WallDateTime, WallTime
from scheduling.hours import WeeklySession, public_holidays, zone_of
from scheduling.policy import BookedBy

_ANY_YEAR = 2026


class Section(BaseModel):
    """A table of the file: frozen, and an unknown key in it is a mistake to be named."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Keyed(Section):
    """A table of which there may be several, told apart by key."""

    key: Key


KeyedT = TypeVar("KeyedT", bound=Keyed)


def with_keys_of_their_own(values: tuple[KeyedT, ...]) -> tuple[KeyedT, ...]:
    """`values`, if no two have the same key. Raises ValueError."""
    doubled = sorted(key for key, count in Counter(one.key for one in values).items() if count > 1)
    if doubled:
        raise ValueError(f"key {', '.join(doubled)} is there twice: give each a key of its own")
    return values


class Spoken(Section):
    """The same said in every language of the line."""

    en: Text
    es: Text


class ClinicSection(Section):
    """[clinic]: who it is and where.

    name: as staff and text messages see it, so neutral (no "pain", no "pump").
    spoken_name, address: as the line says them.
    timezone: IANA name; every local time of the file is in it.
    holidays_region: country, or country and part, whose public holidays close the clinic.
    """

    id: Key
    name: Text
    spoken_name: Spoken
    address: Spoken
    timezone: str
    holidays_region: str | None = None
    observes_holidays: bool = True

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        zone_of(value)
        return value

    @field_validator("holidays_region")
    @classmethod
    def _known_region(cls, value: str | None) -> str | None:
        if value is not None:
            public_holidays(value, _ANY_YEAR)
        return value


class NumbersSection(Section):
    """[numbers], all in E.164.

    line: the number patients call. desk: where the line transfers a caller who wants a person.
    fallback_on_call: rung when an urgent call finds the database away and nobody else is known.
    """

    line: PhoneNumber
    desk: PhoneNumber
    fallback_on_call: PhoneNumber

    @field_validator("desk", "fallback_on_call")
    @classmethod
    def _not_the_line(cls, value: str, info: ValidationInfo) -> str:
        return not_the_line(value, info.data.get("line"))


def not_the_line(value: str, line: str | None) -> str:
    """`value`, unless it is the line's own number. Raises ValueError."""
    if value == line:
        raise ValueError(
            "is the line's own number, so the line would call itself: give the telephone "
            "that a person answers"
        )
    return value


class VoiceSection(Section):
    """One of [voices]: who speaks a language.

    voice: as `<Say>` names it. Only Amazon Polly and basic voices, since only they are covered
        by Twilio's agreement on patients' data (HIPAA).
    language: BCP 47 tag, also the language in which the carrier listens.
    """

    voice: Annotated[
        str,
        Field(
            pattern=r"^(Polly\.[A-Z][A-Za-z-]*|alice|man|woman)$",
            description='an Amazon Polly voice such as "Polly.Joanna", or "man" or "woman"',
        ),
    ]
    language: Annotated[
        str, Field(pattern=r"^[a-z]{2}-[A-Z]{2}$", description='a language such as "en-US"')
    ]


class VoicesSection(Section):
    """[voices]: one for each language of the line."""

    en: VoiceSection
    es: VoiceSection

    def __getitem__(self, language: str) -> VoiceSection:
        """The voice of "en" or "es". Raises KeyError for another language."""
        return {"en": self.en, "es": self.es}[language]


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


class DeskSection(Section):
    """[desk]: when somebody answers at the desk's number."""

    hours: Annotated[tuple[HoursSection, ...], Field(min_length=1)]


class ProviderSection(Keyed):
    """[[providers]]: whoever sees patients. name: as it is spoken, "Doctor Fura"."""

    name: Text
    hours: Annotated[tuple[HoursSection, ...], Field(min_length=1)]


class RoomSection(Keyed):
    """[[rooms]]. Without hours of its own a room is open whenever a provider is."""

    name: Text
    hours: tuple[HoursSection, ...] = ()


class VisitTypeSection(Keyed):
    """[[visit_types]]. Minutes and hours are elapsed time, days the clinic's calendar days.

    notice_hours: how long before its start a visit may still be booked.
    horizon_days: how many days ahead it may be booked.
    """

    duration_minutes: Annotated[int, Field(ge=5, le=1440, multiple_of=5)]
    buffer_before_minutes: Annotated[int, Field(ge=0, le=1440, multiple_of=5)] = 0
    buffer_after_minutes: Annotated[int, Field(ge=0, le=1440, multiple_of=5)] = 0
    notice_hours: Annotated[int, Field(ge=0, le=8760)]
    horizon_days: Annotated[int, Field(ge=1, le=730)]
    needs_room: bool = False
    booked_by: BookedBy = BookedBy.ANYONE


class ClosureSection(Section):
    """[[closures]]: closed from `starts` to `ends`, local wall time of the clinic.

    provider: the key of the one who is away; without it the whole clinic is closed.
    """

    starts: WallDateTime
    ends: WallDateTime
    reason: Text
    provider: Key | None = None

    @field_validator("ends")
    @classmethod
    def _after_it_starts(cls, value: datetime, info: ValidationInfo) -> datetime:
        starts = info.data.get("starts")
        if starts is not None and value <= starts:
            raise ValueError("is not after starts: swap or correct them")
        return value


class OnCallSection(Keyed):
    """[[on_call]]: who is rung in an urgent call, in this order. number: E.164, their own phone."""

    name: Text
    number: PhoneNumber
