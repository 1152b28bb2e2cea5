"""Which slots there are. The one rule for what is offered and for what may be stored."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, groupby, repeat
from operator import attrgetter
from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduling import checked_input, directory
from scheduling.availability import GRID, VisitShape, starts
from scheduling.errors import InvalidInput, NotBookable, Refusal, UnknownVisitType
from scheduling.hours import local_day, midnight, zone_of
from scheduling.intervals import Interval, covers, subtract
from scheduling.occupancy import occupied_spans, provider_resource, room_resource
from scheduling.opening import OpeningHours
from scheduling.policy import BookedBy, BookingRules, bookable_window, refusal_of_start
from scheduling.slots import Slot
from scheduling.tables import Provider, Room, VisitType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

_ALTERNATIVES = 3
"""How many other slots a SlotTaken brings along: more cannot be kept in mind on the phone."""

_DAYS_AT_ONCE = (1, 2, 4, 8)
"""Days read per look: the next free time is mostly near, and a full book is walked fast."""


def find_slots(
    session: Session,
    *,
    clinic_id: str,
    visit_type_key: str,
    now: datetime,
    after: datetime | None = None,
    limit: int = 3,
) -> list[Slot]:
    """The next free slots, earliest first, at most `limit`; [] where there are none.

    Each start comes once, with the provider who has the fewest hours taken on that day (by key
    where that is equal), and each slot lies a whole visit, buffers included, after the one
    before: three offers are three different times to come.

    now: aware. after: the start of the last slot already offered, aware; the search goes on as
    if it were in the same list.
    Raises UnknownClinic, UnknownVisitType, NaiveTime, InvalidInput.
    """
    if limit < 1:
        raise InvalidInput(f"limit is {limit}: ask for at least one slot")
    now = checked_input.aware(now, "now")
    rule = OfferRule(session, clinic_id, visit_type_key)
    earliest = now
    if after is not None:
        earliest = checked_input.aware(after, "after") + rule.shape.whole
    return list(rule.free_slots(session, now=now, earliest=earliest, limit=limit))


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Ordered by start, then by how much of the provider's day is taken, then by key."""

    start: datetime
    taken: timedelta
    provider: Provider

    def __lt__(self, other: _Candidate) -> bool:
        return (self.start, self.taken, self.provider.key) < (
            other.start,
            other.taken,
            other.provider.key,
        )


class OfferRule:
    """Everything that decides on slots of one visit type, read once; times are read by window."""

    def __init__(self, session: Session, clinic_id: str, visit_type_key: str) -> None:
        """Raises UnknownClinic, UnknownVisitType."""
        clinic = directory.clinic(session, clinic_id)
        self.clinic_id = clinic_id
        self.zone: ZoneInfo = zone_of(clinic.timezone)
        self.visit_type = _visit_type(session, clinic_id, visit_type_key)
        self.shape = VisitShape(
            timedelta(minutes=self.visit_type.duration_minutes),
            timedelta(minutes=self.visit_type.buffer_before_minutes),
            timedelta(minutes=self.visit_type.buffer_after_minutes),
        )
        self.rules = BookingRules(
            timedelta(minutes=self.visit_type.notice_minutes),
            self.visit_type.horizon_days,
            BookedBy(self.visit_type.booked_by),
        )
        self._hours = OpeningHours(session, clinic, self.zone)
        self._providers = {
            provider.id: provider
            for provider in session.scalars(
                select(Provider)
                .where(Provider.clinic_id == clinic_id, Provider.active)
                .order_by(Provider.key)
            )
        }
        self._rooms: list[UUID] = []
        if self.visit_type.needs_room:
            self._rooms = list(
                session.scalars(
                    select(Room.id)
                    .where(Room.clinic_id == clinic_id, Room.active)
                    .order_by(Room.key)
                )
            )

    def wanted(self, slot: Slot) -> dict[str, Interval]:
        """The resources that `slot` keeps, buffers included; the patient comes with booking."""
        span = self.shape.span(slot.starts_at)
        kept = {provider_resource(slot.provider_id): span}
        if slot.room_id is not None:
            kept[room_resource(slot.room_id)] = span
        return kept

    def refusal(self, slot: Slot, now: datetime) -> Refusal | None:
        """Why `slot` may not be stored at `now`, whether or not it is still free."""
        if slot.provider_id not in self._providers:
            return Refusal.NOT_OFFERED
        if (slot.room_id is not None) != self.visit_type.needs_room:
            return Refusal.NOT_OFFERED
        if slot.room_id is not None and slot.room_id not in self._rooms:
            return Refusal.NOT_OFFERED
        if slot.ends_at - slot.starts_at != self.shape.duration:
            return Refusal.WRONG_LENGTH
        refused = refusal_of_start(slot.starts_at, now, self.rules, self.zone)
        if refused is not None:
            return refused
        span = self.shape.span(slot.starts_at)
        open_time = self._hours.of_providers([slot.provider_id], span)[slot.provider_id]
        this_start = (slot.starts_at, slot.starts_at + GRID)
        if slot.starts_at not in starts(open_time, self.shape, self.zone, this_start):
            return Refusal.OUTSIDE_HOURS
        if slot.room_id is not None:
            room_open = self._hours.of_rooms([slot.room_id], span)[slot.room_id]
            if not covers(room_open, span):
                return Refusal.OUTSIDE_HOURS
        return None

    def free_slots(
        self, session: Session, *, now: datetime, earliest: datetime, limit: int
    ) -> list[Slot]:
        """See find_slots(). `earliest`: the first start to consider."""
        first, end = bookable_window(now, self.rules, self.zone)
        bounds = (max(first, earliest), end)
        found: list[Slot] = []
        for days in _days_to_look_at(bounds, self.zone):
            for slot in self._free_on(session, days, bounds, now):
                if found and slot.starts_at < found[-1].starts_at + self.shape.whole:
                    continue
                found.append(slot)
                if len(found) >= limit:
                    return found
        return found

    def alternatives(self, session: Session, slot: Slot, now: datetime) -> list[Slot]:
        """What to offer whoever did not get `slot`: the next free ones, else the first of all."""
        near = self.free_slots(session, now=now, earliest=slot.starts_at, limit=_ALTERNATIVES)
        return near or self.free_slots(session, now=now, earliest=now, limit=_ALTERNATIVES)

    def _free_on(
        self, session: Session, days: Sequence[Interval], bounds: Interval, now: datetime
    ) -> Iterator[Slot]:
        """The free starts of `days` within `bounds`, each once, ascending."""
        within = (self.shape.span(days[0][0])[0], self.shape.span(days[-1][1])[1])
        resources = [
            *map(provider_resource, self._providers),
            *map(room_resource, self._rooms),
        ]
        occupied = occupied_spans(session, self.clinic_id, resources, within, now)
        free = {
            provider: subtract(open_time, occupied[provider_resource(provider)])
            for provider, open_time in self._hours.of_providers(self._providers, within).items()
        }
        free_rooms = {
            room: subtract(open_time, occupied[room_resource(room)])
            for room, open_time in self._hours.of_rooms(self._rooms, within).items()
        }
        for day in days:
            ways = [
                self._candidates(
                    provider,
                    free[provider.id],
                    occupied[provider_resource(provider.id)],
                    day,
                    bounds,
                )
                for provider in self._providers.values()
            ]
            for _, same_start in groupby(heapq.merge(*ways), key=attrgetter("start")):
                chosen = next(same_start)
                room = self._free_room(free_rooms, chosen.start)
                if room is not None or not self.visit_type.needs_room:
                    yield self._slot(chosen.start, chosen.provider, room)

    def _candidates(
        self,
        provider: Provider,
        free: Sequence[Interval],
        occupied: Sequence[Interval],
        day: Interval,
        bounds: Interval,
    ) -> Iterator[_Candidate]:
        taken = sum(
            (
                min(end, day[1]) - max(start, day[0])
                for start, end in occupied
                if end > day[0] and start < day[1]
            ),
            timedelta(0),
        )
        clipped = (max(day[0], bounds[0]), min(day[1], bounds[1]))
        for start in starts(free, self.shape, self.zone, clipped):
            yield _Candidate(start, taken, provider)

    def _free_room(
        self, free_rooms: Mapping[UUID, Sequence[Interval]], start: datetime
    ) -> UUID | None:
        span = self.shape.span(start)
        return next((room for room, free in free_rooms.items() if covers(free, span)), None)

    def _slot(self, start: datetime, provider: Provider, room: UUID | None) -> Slot:
        return Slot(
            clinic_id=self.clinic_id,
            visit_type_key=self.visit_type.key,
            provider_id=provider.id,
            provider_name=provider.name,
            room_id=room,
            starts_at=start,
            ends_at=start + self.shape.duration,
        )


def rule_for(session: Session, slot: Slot) -> OfferRule:
    """The rule that `slot` has to obey. Raises UnknownClinic, and NotBookable where it has none."""
    try:
        return OfferRule(session, slot.clinic_id, slot.visit_type_key)
    except UnknownVisitType as error:
        raise NotBookable(Refusal.NOT_OFFERED) from error


def _days_to_look_at(bounds: Interval, zone: ZoneInfo) -> Iterator[list[Interval]]:
    """The clinic's calendar days that `bounds` touches, in UTC, in portions that grow."""
    day = local_day(bounds[0], zone)
    portions = chain(_DAYS_AT_ONCE, repeat(_DAYS_AT_ONCE[-1]))
    while (begin := midnight(day, zone)) < bounds[1]:
        days = []
        for _ in range(next(portions)):
            day += timedelta(days=1)
            end = midnight(day, zone)
            days.append((begin, end))
            begin = end
        yield days


def _visit_type(session: Session, clinic_id: str, key: str) -> VisitType:
    found = session.scalar(
        select(VisitType).where(
            VisitType.clinic_id == clinic_id, VisitType.key == key, VisitType.active
        )
    )
    if found is None:
        raise UnknownVisitType(
            f"clinic {clinic_id} offers no visit type {key[:80]!r}: use a key of its definition"
        )
    return found
