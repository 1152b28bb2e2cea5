"""What a clinic is made of, as directory.load_clinic() takes it. Checked when it is built.

Every class here raises InvalidDefinition, or the error named for the value at fault.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduling import checked_input
from scheduling.errors import InvalidDefinition
from scheduling.hours import WeeklySession, public_holidays, zone_of
from scheduling.policy import BookedBy
from scheduling.refill_rules import RefillPolicy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

WeeklyHoursDefinition = WeeklySession
"""weekday, opens, closes, effective_from, effective_until: see scheduling.hours."""

_ANY_YEAR = 2026


@dataclass(frozen=True, slots=True)
class ProviderDefinition:
    """Whoever sees patients. `name` as it is spoken: "Doctor Fura"."""

    key: str
    name: str
    hours: tuple[WeeklyHoursDefinition, ...] = ()

    def __post_init__(self) -> None:
        checked_input.text(self.key, "a provider's key", at_most=checked_input.KEY_LENGTH)
        checked_input.text(self.name, f"the name of provider {self.key}")


@dataclass(frozen=True, slots=True)
class RoomDefinition:
    """A room. Without hours of its own it is open whenever a provider is."""

    key: str
    name: str
    hours: tuple[WeeklyHoursDefinition, ...] = ()

    def __post_init__(self) -> None:
        checked_input.text(self.key, "a room's key", at_most=checked_input.KEY_LENGTH)
        checked_input.text(self.name, f"the name of room {self.key}")


@dataclass(frozen=True, slots=True)
class VisitTypeDefinition:
    """What a visit is for. Minutes are elapsed time, days are the clinic's calendar days.

    providers, rooms: keys of those who take it and where; empty is all of them. Rooms are named
        only for a type that needs one.
    refill: the rules of a pump refill; None for every other visit.
    """

    key: str
    duration_minutes: int
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    notice_minutes: int = 0
    horizon_days: int = 90
    needs_room: bool = False
    booked_by: BookedBy = BookedBy.ANYONE
    providers: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    refill: RefillPolicy | None = None

    def __post_init__(self) -> None:
        checked_input.text(self.key, "a visit type's key", at_most=checked_input.KEY_LENGTH)
        if not 1 <= self.duration_minutes <= 24 * 60:
            raise InvalidDefinition(
                f"visit type {self.key} lasts {self.duration_minutes} minutes: give 1 to 1440"
            )
        for name in ("buffer_before_minutes", "buffer_after_minutes"):
            if not 0 <= getattr(self, name) <= 24 * 60:
                raise InvalidDefinition(f"visit type {self.key}: {name} must be 0 to 1440")
        if self.notice_minutes < 0:
            raise InvalidDefinition(f"visit type {self.key}: notice_minutes must not be negative")
        if not 0 <= self.horizon_days <= 730:
            raise InvalidDefinition(f"visit type {self.key}: horizon_days must be 0 to 730")
        if self.rooms and not self.needs_room:
            raise InvalidDefinition(
                f"visit type {self.key} names rooms and needs none: set needs_room, or name none"
            )
        # A plain string from a file becomes the enumeration's member, or is refused.
        try:
            object.__setattr__(self, "booked_by", BookedBy(self.booked_by))
        except ValueError as error:
            raise InvalidDefinition(
                f"visit type {self.key}: booked_by must be one of {', '.join(BookedBy)}"
            ) from error


@dataclass(frozen=True, slots=True)
class ClosureDefinition:
    """A closed stretch of a provider, of a room or, with neither key, of the whole clinic.

    starts_at, ends_at: aware; stored in UTC.
    """

    starts_at: datetime
    ends_at: datetime
    reason: str
    provider_key: str | None = None
    room_key: str | None = None

    def __post_init__(self) -> None:
        checked_input.span(self.starts_at, self.ends_at, "a closure")
        checked_input.text(self.reason, "a closure's reason")
        if self.provider_key is not None and self.room_key is not None:
            raise InvalidDefinition(
                f"a closure names provider {self.provider_key} and room {self.room_key}: make it "
                "two closures"
            )


@dataclass(frozen=True, slots=True)
class ExtraSessionDefinition:
    """A stretch in which a provider or a room is open beyond weekly hours, on a holiday too.

    starts_at, ends_at: aware; stored in UTC. Exactly one of the two keys is given.
    """

    starts_at: datetime
    ends_at: datetime
    provider_key: str | None = None
    room_key: str | None = None

    def __post_init__(self) -> None:
        checked_input.span(self.starts_at, self.ends_at, "an extra session")
        if (self.provider_key is None) == (self.room_key is None):
            raise InvalidDefinition(
                "an extra session belongs to one provider or to one room: name one of them"
            )


@dataclass(frozen=True, slots=True)
class ClinicDefinition:
    """A whole clinic.

    id: slug. timezone: IANA name. holidays_region: "US-TX" or None. phone_number: E.164.
    desk_hours: when the desk answers. desk_number: on which telephone, E.164.
    """

    id: str
    name: str
    timezone: str
    phone_number: str
    holidays_region: str | None = None
    observes_holidays: bool = True
    desk_hours: tuple[WeeklyHoursDefinition, ...] = ()
    providers: tuple[ProviderDefinition, ...] = ()
    rooms: tuple[RoomDefinition, ...] = ()
    visit_types: tuple[VisitTypeDefinition, ...] = ()
    closures: tuple[ClosureDefinition, ...] = ()
    extra_sessions: tuple[ExtraSessionDefinition, ...] = ()
    desk_number: str | None = None

    def __post_init__(self) -> None:
        checked_input.text(self.id, "the clinic's id", at_most=checked_input.KEY_LENGTH)
        checked_input.text(self.name, "the clinic's name")
        checked_input.phone(self.phone_number, "the clinic's phone_number")
        if self.desk_number is not None:
            checked_input.phone(self.desk_number, "the clinic's desk_number")
        zone_of(self.timezone)
        if self.holidays_region is not None:
            public_holidays(self.holidays_region, _ANY_YEAR)
        self._refuse_doubled_keys()
        self._refuse_unknown_keys()
        refills = [one.key for one in self.visit_types if one.refill is not None]
        if len(refills) > 1:
            raise InvalidDefinition(
                f"{', '.join(refills)} are all refills: keep one, from which every pump takes its "
                "margin and preparation days"
            )

    def _refuse_doubled_keys(self) -> None:
        for what, keys in (
            ("provider", [provider.key for provider in self.providers]),
            ("room", [room.key for room in self.rooms]),
            ("visit type", [visit_type.key for visit_type in self.visit_types]),
        ):
            doubled = sorted(key for key, count in Counter(keys).items() if count > 1)
            if doubled:
                raise InvalidDefinition(
                    f"{what} {', '.join(doubled)} is defined twice: give each a key of its own"
                )

    def _refuse_unknown_keys(self) -> None:
        providers = {provider.key for provider in self.providers}
        rooms = {room.key for room in self.rooms}
        for visit_type in self.visit_types:
            _refuse_unknown(
                f"visit type {visit_type.key}", "provider", visit_type.providers, providers
            )
            _refuse_unknown(f"visit type {visit_type.key}", "room", visit_type.rooms, rooms)
        for what, spans in (
            ("a closure", self.closures),
            ("an extra session", self.extra_sessions),
        ):
            for span in spans:
                _refuse_unknown(what, "provider", filter(None, [span.provider_key]), providers)
                _refuse_unknown(what, "room", filter(None, [span.room_key]), rooms)


def _refuse_unknown(whose: str, what: str, keys: Iterable[str], known: Collection[str]) -> None:
    for key in keys:
        if key not in known:
            raise InvalidDefinition(
                f"{whose} names {what} {key}, which the clinic does not have: use one of "
                f"{', '.join(sorted(known)) or 'none'}"
            )
