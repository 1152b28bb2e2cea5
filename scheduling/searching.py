"""Walks the clinic's days and finds the slots that are free, a few days at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import chain, repeat
from operator import or_
from typing import TYPE_CHECKING

from scheduling.admission import ANY_DAY, Days
from scheduling.availability import Window, fitting, fitting_patient, is_first_showing
from scheduling.hours import local_day, midnight
from scheduling.occupancy import (
    occupied_granules,
    patient_resource,
    provider_resource,
    room_resource,
)
from scheduling.preferences import ANY_TIME, Wishes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from scheduling.availability import VisitShape
    from scheduling.intervals import Interval
    from scheduling.opening import OpeningHours
    from scheduling.resources import Resources

_A_DAY = timedelta(days=1)

_DAYS_AT_ONCE = (2, 4, 8, 16)
"""Days read per look: the next free time is mostly near, and a full book is walked fast."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for. Instants are aware UTC.

    earliest: the first start to consider. limit: how many slots.
    patient_id: whose own visits are in the way; None while nobody is known.
    days: first and last day that the visit may be on.
    inside: all of the visit, buffers included, must lie in it; None is without limit.
    moving: the visit for which another time is looked for; its own time counts as free.
    room_id: in this room alone; None is whichever is fit.
    """

    now: datetime
    earliest: datetime
    limit: int
    wishes: Wishes = ANY_TIME
    patient_id: UUID | None = None
    days: Days = ANY_DAY
    inside: Interval | None = None
    moving: UUID | None = None
    room_id: UUID | None = None

    def bounds(self, window: Interval, zone: ZoneInfo) -> Interval:
        """The starts to look at, of those that `window` allows: first included, end excluded."""
        first, end = max(window[0], self.earliest), window[1]
        if self.inside is not None:
            first, end = max(first, self.inside[0]), min(end, self.inside[1])
        wished = (self.wishes.from_on or date.min, self.wishes.until_on or date.max)
        for first_day, last_day in (self.days, wished):
            if first_day > local_day(first, zone):
                first = midnight(first_day, zone)
            if last_day < local_day(end, zone):
                end = midnight(last_day + _A_DAY, zone)
        return first, end


@dataclass(frozen=True, slots=True)
class FreeStart:
    """A start that is free, with one provider and, where it needs one, a room."""

    start: datetime
    provider_id: UUID
    room_id: UUID | None


class Walk:
    """One search through one clinic's book."""

    def __init__(
        self,
        session: Session,
        clinic_id: str,
        hours: OpeningHours,
        resources: Resources,
        shape: VisitShape,
        zone: ZoneInfo,
        search: Search,
    ) -> None:
        self._session = session
        self._clinic_id = clinic_id
        self._hours = hours
        self._rooms = {
            one: name for one, name in resources.rooms.items() if search.room_id in (None, one)
        }
        self._needs_room = resources.needs_room
        self._shape = shape
        self._zone = zone
        self._search = search
        wished = search.wishes.provider_id
        self._providers = [one for one in resources.providers if wished in (None, one)]
        self._names = {
            **{one: provider_resource(one) for one in self._providers},
            **{one: room_resource(one) for one in self._rooms},
        }
        if search.patient_id is not None:
            self._names[search.patient_id] = patient_resource(search.patient_id)

    def free_starts(self, bounds: Interval) -> Iterator[FreeStart]:
        """Every free start in `bounds` that suits, each once, ascending."""
        for days in self._portions(bounds):
            yield from self._free_on(days, bounds)

    def _portions(self, bounds: Interval) -> Iterator[list[Interval]]:
        """The days that `bounds` touches and that suit, in UTC, in portions that grow."""
        day = local_day(bounds[0], self._zone)
        portions = chain(_DAYS_AT_ONCE, repeat(_DAYS_AT_ONCE[-1]))
        while (begin := midnight(day, self._zone)) < bounds[1]:
            days = []
            for _ in range(next(portions)):
                end = midnight(day + _A_DAY, self._zone)
                if begin < bounds[1] and self._search.wishes.admits_day(day):
                    days.append((begin, end))
                begin, day = end, day + _A_DAY
            if days:
                yield days

    def _free_on(self, days: Sequence[Interval], bounds: Interval) -> Iterator[FreeStart]:
        look = self._look((self._shape.span(days[0][0])[0], self._shape.span(days[-1][1])[1]))
        for day in days:
            in_day = look.window.starts_in((max(day[0], bounds[0]), min(day[1], bounds[1])))
            if in_day & look.suitable:
                yield from self._in_order(look, in_day & look.suitable, look.window.wholly([day]))

    def _in_order(self, look: _Look, starts: int, day: int) -> Iterator[FreeStart]:
        # Who has fewest hours taken on that day comes first; by key where that is equal.
        fairly = sorted(look.providers, key=lambda one: (look.taken[one] & day).bit_count())
        for start in look.window.moments(starts):
            bit = look.window.bit_of(start)
            provider = next(one for one in fairly if look.providers[one] & bit)
            room = next((one for one in look.rooms if look.rooms[one] & bit), None)
            local = start.astimezone(self._zone)
            if is_first_showing(start, self._zone) and self._search.wishes.suits(local, provider):
                yield FreeStart(start, provider, room)

    def _look(self, within: Interval) -> _Look:
        """Read what is open and taken in `within`."""
        search, shape, window = self._search, self._shape, Window(within)
        places = occupied_granules(
            self._session,
            self._clinic_id,
            self._names.values(),
            within,
            search.now,
            moving=search.moving,
        )
        taken = {owner: window.at(places[name]) for owner, name in self._names.items()}
        usable = window.all if search.inside is None else window.wholly([search.inside])
        open_granules = self._hours.granules_of(
            self._session, self._providers, tuple(self._rooms), within
        )
        fits = {
            owner: fitting(open_then & usable & ~taken[owner], shape)
            for owner, open_then in open_granules.items()
        }
        providers = {one: fits[one] for one in self._providers}
        rooms = {one: fits[one] for one in self._rooms}
        suitable = _any(providers.values())
        if self._needs_room:
            suitable &= _any(rooms.values())
        if search.patient_id is not None:
            suitable &= fitting_patient(window.all & ~taken[search.patient_id], shape)
        return _Look(window, taken, providers, rooms, suitable)


@dataclass(frozen=True, slots=True)
class _Look:
    """One portion of days, as bits of one window.

    taken: what is occupied of each provider and room, and of the patient.
    providers, rooms: where each can start a visit.
    suitable: where anybody can, in some room, with this patient.
    """

    window: Window
    taken: dict[UUID, int]
    providers: dict[UUID, int]
    rooms: dict[UUID, int]
    suitable: int


def _any(sets: Iterable[int]) -> int:
    return reduce(or_, sets, 0)
