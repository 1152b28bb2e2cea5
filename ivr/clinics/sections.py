"""The tables of a clinic.toml, each checked by itself. See definition.py for the whole file."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from ivr.clinics.opening import HoursSection, sessions_of
from ivr.clinics.values import Key, PageAddress, PhoneNumber, Section, Text
from scheduling.definition import ProviderDefinition, RoomDefinition, VisitTypeDefinition
from scheduling.hours import public_holidays, zone_of
from scheduling.policy import BookedBy
from scheduling.refill_rules import LONGEST_REFILL_DAYS, RefillPolicy

_ANY_YEAR = 2026


class Keyed(Section):
    """A table of which there may be several, told apart by key."""

    key: Key


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
    page_url: of the clinic's own page on the treatment, texted to callers who ask for it.
    """

    id: Key
    name: Text
    spoken_name: Spoken
    address: Spoken
    timezone: str
    holidays_region: str | None = None
    observes_holidays: bool = True
    page_url: PageAddress | None = None

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


class DeskSection(Section):
    """[desk]: when somebody answers at the desk's number."""

    hours: Annotated[tuple[HoursSection, ...], Field(min_length=1)]


class ProviderSection(Keyed):
    """[[providers]]: whoever sees patients. name: as it is spoken, "Doctor Fura"."""

    name: Text
    hours: Annotated[tuple[HoursSection, ...], Field(min_length=1)]

    def to_definition(self) -> ProviderDefinition:
        """As scheduling has it."""
        return ProviderDefinition(self.key, self.name, sessions_of(self.hours))


class RoomSection(Keyed):
    """[[rooms]]. Without hours of its own a room is open whenever a provider is."""

    name: Text
    hours: tuple[HoursSection, ...] = ()

    def to_definition(self) -> RoomDefinition:
        """As scheduling has it."""
        return RoomDefinition(self.key, self.name, sessions_of(self.hours))


class RefillSection(Section):
    """[visit_types.refill]: makes a visit type the refill of a pump. Days of the clinic's calendar.

    Every figure is clinical: the clinic's physician signs it. See scheduling.refill_rules.

    margin_days: the refill is due this many days before the low-reservoir alarm date.
    preparation_days: it takes this many days to prepare the drug, so no visit comes sooner.
    opens_days: the visit may be booked for this many days up to the due date.
    """

    margin_days: Annotated[int, Field(ge=0, le=LONGEST_REFILL_DAYS)]
    preparation_days: Annotated[int, Field(ge=0, le=LONGEST_REFILL_DAYS)]
    opens_days: Annotated[int, Field(ge=0, le=LONGEST_REFILL_DAYS)]

    def to_policy(self) -> RefillPolicy:
        """As scheduling has it."""
        return RefillPolicy(self.margin_days, self.preparation_days, self.opens_days)


class VisitTypeSection(Keyed):
    """[[visit_types]]. Minutes and hours are elapsed time, days the clinic's calendar days.

    notice_hours: how long before its start a visit may still be booked.
    horizon_days: how many days ahead it may be booked.
    providers, rooms: keys of those who take it and of the rooms fit for it; all, where left out.
    """

    duration_minutes: Annotated[int, Field(ge=5, le=1440, multiple_of=5)]
    buffer_before_minutes: Annotated[int, Field(ge=0, le=1440, multiple_of=5)] = 0
    buffer_after_minutes: Annotated[int, Field(ge=0, le=1440, multiple_of=5)] = 0
    notice_hours: Annotated[int, Field(ge=0, le=8760)]
    horizon_days: Annotated[int, Field(ge=1, le=730)]
    needs_room: bool = False
    booked_by: BookedBy = BookedBy.ANYONE
    providers: Annotated[tuple[str, ...], Field(min_length=1)] = ()
    rooms: Annotated[tuple[str, ...], Field(min_length=1)] = ()
    refill: RefillSection | None = None

    def to_definition(self) -> VisitTypeDefinition:
        """As scheduling has it."""
        return VisitTypeDefinition(
            key=self.key,
            duration_minutes=self.duration_minutes,
            buffer_before_minutes=self.buffer_before_minutes,
            buffer_after_minutes=self.buffer_after_minutes,
            notice_minutes=self.notice_hours * 60,
            horizon_days=self.horizon_days,
            needs_room=self.needs_room,
            booked_by=self.booked_by,
            providers=self.providers,
            rooms=self.rooms,
            refill=None if self.refill is None else self.refill.to_policy(),
        )


class OnCallSection(Keyed):
    """[[on_call]]: who is rung in an urgent call, in this order. number: E.164, their own phone."""

    name: Text
    number: PhoneNumber


class Duty(StrEnum):
    """The levels of a rota, in the order in which they are rung."""

    PRIMARY = "primary"
    BACKUP = "backup"


class OnCallShiftSection(HoursSection):
    """[[on_call_shifts]]: a duty of one person, on some days of every week, or every few.

    person: key of one of [[on_call]]. every_weeks, week: see ivr.oncall.rota_rules.Shift.
    on_holidays: on public holidays alone, in place of the weekly shifts of this level.
    """

    person: Key
    level: Duty
    every_weeks: Annotated[int, Field(ge=1, le=52)] = 1
    week: Annotated[int, Field(ge=0, le=51)] = 0
    on_holidays: bool = False

    @model_validator(mode="after")
    def _comes_round(self) -> OnCallShiftSection:
        if self.week >= self.every_weeks:
            raise ValueError("has a week that never comes: count weeks from 0, below every_weeks")
        if self.every_weeks > 1 and self.effective_from is None:
            raise ValueError("has no week to count every_weeks from: add effective_from")
        return self
