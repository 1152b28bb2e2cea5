"""Which slots there are. The one rule for what is offered and for what may be stored."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from scheduling import admission, checked_input
from scheduling.admission import ANY_DAY, Days
from scheduling.availability import GRID, starts
from scheduling.clinic_rules import ClinicRules, clinic_rules
from scheduling.errors import InvalidInput, NotBookable, Refusal, UnknownVisitType
from scheduling.hours import local_day
from scheduling.intervals import Interval
from scheduling.occupancy import clinic_time
from scheduling.policy import (
    BookedBy,
    BookingRules,
    bookable_window,
    refusal_of_start,
)
from scheduling.preferences import ANY_TIME, Wishes
from scheduling.resources import shape_of
from scheduling.searching import Search, Walk
from scheduling.slots import Slot

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from scheduling.tables import VisitType

_ALTERNATIVES = 3
"""How many other slots a SlotTaken brings along: more cannot be kept in mind on the phone."""


def find_slots(
    session: Session,
    *,
    clinic_id: str,
    visit_type_key: str,
    now: datetime,
    after: datetime | None = None,
    limit: int = 3,
    wishes: Wishes = ANY_TIME,
    patient_id: UUID | None = None,
    by_staff: bool = False,
    moving: UUID | None = None,
    pump_id: UUID | None = None,
) -> list[Slot]:
    """The next free slots, earliest first, at most `limit`; [] where there are none.

    Each start comes once, with the provider who has the fewest hours taken on that day (by key
    where that is equal), and each slot lies a whole visit, buffers included, after the one
    before: three offers are three different times to come.

    now: aware. after: the start of the last slot already offered, aware; the search goes on as
    if it were in the same list. patient_id: for whom; their own visits are in the way, and nothing
    is offered that they may not have: see admission.days_for(). by_staff, pump_id: as there.
    moving: the visit that is to be moved; its own time counts as free.
    Raises UnknownClinic, UnknownVisitType, NaiveTime, InvalidInput, also for a refill without a
    patient.
    """
    if limit < 1:
        raise InvalidInput(f"limit is {limit}: ask for at least one slot")
    now = checked_input.aware(now, "now")
    rule = OfferRule(session, clinic_id, visit_type_key)
    if patient_id is None and rule.visit_type.refills_pump:
        raise InvalidInput("a refill is offered to a patient: say to whom")
    days = rule.days_for(session, patient_id, now=now, by_staff=by_staff, pump_id=pump_id)
    if days is None:
        return []
    earliest = now
    if after is not None:
        earliest = checked_input.aware(after, "after") + rule.shape.whole
    search = Search(
        now=now,
        earliest=earliest,
        limit=limit,
        wishes=wishes,
        patient_id=patient_id,
        days=days,
        moving=moving,
    )
    return rule.free_slots(session, search)


class OfferRule:
    """Everything that decides on slots of one visit type; what is occupied is read by window."""

    def __init__(self, session: Session, clinic_id: str, visit_type_key: str) -> None:
        """Raises UnknownClinic, UnknownVisitType."""
        clinic = clinic_rules(session, clinic_id)
        self.clinic_id = clinic_id
        self.zone: ZoneInfo = clinic.zone
        self.visit_type = _visit_type(clinic, clinic_id, visit_type_key)
        self.shape = shape_of(self.visit_type)
        self.rules = BookingRules(
            timedelta(minutes=self.visit_type.notice_minutes),
            self.visit_type.horizon_days,
            BookedBy(self.visit_type.booked_by),
        )
        self._hours = clinic.hours
        self._resources = clinic.resources[visit_type_key]

    def wanted(self, slot: Slot) -> dict[str, Interval]:
        """The resources that `slot` keeps, buffers included; the patient comes with booking."""
        return clinic_time(slot.provider_id, slot.room_id, self.shape.span(slot.starts_at))

    def refusal(self, session: Session, slot: Slot, now: datetime) -> Refusal | None:
        """Why `slot` may not be stored at `now`, whether or not it is still free."""
        if not self._offers_resources_of(slot):
            return Refusal.NOT_OFFERED
        if slot.ends_at - slot.starts_at != self.shape.duration:
            return Refusal.WRONG_LENGTH
        refused = refusal_of_start(slot.starts_at, now, self.rules, self.zone)
        if refused is not None:
            return refused
        return None if self._is_open_for(session, slot) else Refusal.OUTSIDE_HOURS

    def refusal_of_place(self, session: Session, slot: Slot) -> Refusal | None:
        """Why a visit that is at this time already may not be with this provider in this room.

        Notice and horizon are kept: the time was chosen when it was booked.
        """
        if not self._offers_resources_of(slot):
            return Refusal.NOT_OFFERED
        if slot.ends_at - slot.starts_at != self.shape.duration:
            return Refusal.WRONG_LENGTH
        return None if self._is_open_for(session, slot) else Refusal.OUTSIDE_HOURS

    def refusal_of_patient(
        self,
        session: Session,
        slot: Slot,
        patient_id: UUID,
        *,
        now: datetime,
        by_staff: bool,
        pump_id: UUID | None = None,
    ) -> Refusal | None:
        """Why `slot` may not be this patient's, asked for at `now`: see admission.refusal_of()."""
        return admission.refusal_of(
            session,
            self.visit_type,
            patient_id,
            local_day(slot.starts_at, self.zone),
            today=local_day(now, self.zone),
            by_staff=by_staff,
            pump_id=pump_id,
        )

    def days_for(
        self,
        session: Session,
        patient_id: UUID | None,
        *,
        now: datetime,
        by_staff: bool,
        pump_id: UUID | None = None,
    ) -> Days | None:
        """The days on which refusal_of_patient() has nothing against a slot; None if on none.

        While nobody is known: any day, but none for a refill.
        """
        if patient_id is None:
            return None if self.visit_type.refills_pump else ANY_DAY
        return admission.days_for(
            session,
            self.visit_type,
            patient_id,
            today=local_day(now, self.zone),
            by_staff=by_staff,
            pump_id=pump_id,
        )

    def free_slots(self, session: Session, search: Search) -> list[Slot]:
        """The first `search.limit` free slots, as find_slots() gives them."""
        walk = Walk(
            session,
            self.clinic_id,
            self._hours,
            self._resources,
            self.shape,
            self.zone,
            search,
        )
        bounds = search.bounds(bookable_window(search.now, self.rules, self.zone), self.zone)
        found: list[Slot] = []
        for free in walk.free_starts(bounds):
            if found and free.start < found[-1].starts_at + self.shape.whole:
                continue
            found.append(self._slot(free.provider_id, free.room_id, free.start))
            if len(found) >= search.limit:
                break
        return found

    def alternatives(
        self,
        session: Session,
        slot: Slot,
        now: datetime,
        *,
        patient_id: UUID | None = None,
        by_staff: bool = False,
        moving: UUID | None = None,
        pump_id: UUID | None = None,
    ) -> list[Slot]:
        """What to offer whoever did not get `slot`: the next free ones, else the first of all."""
        days = self.days_for(session, patient_id, now=now, by_staff=by_staff, pump_id=pump_id)
        if days is None:
            return []
        for earliest in (slot.starts_at, now):
            found = self.free_slots(
                session,
                Search(
                    now=now,
                    earliest=earliest,
                    limit=_ALTERNATIVES,
                    patient_id=patient_id,
                    days=days,
                    moving=moving,
                ),
            )
            if found:
                return found
        return []

    def refusal_of_start(
        self,
        session: Session,
        provider_id: UUID,
        starts_at: datetime,
        now: datetime,
        room_id: UUID | None = None,
    ) -> Refusal | None:
        """Why nobody could start there with this provider in any room, taken or not.

        room_id: in this room alone.
        """
        if provider_id not in self._resources.providers:
            return Refusal.NOT_OFFERED
        refused: Refusal | None = Refusal.NOT_OFFERED
        for room in self.rooms_or_none(room_id):
            refused = self.refusal(session, self._slot(provider_id, room, starts_at), now)
            if refused is None:
                break
        return refused

    def rooms_or_none(self, room_id: UUID | None = None) -> Sequence[UUID | None]:
        """The rooms to try: this one, or every fit one in order; None where none is needed."""
        if room_id is not None:
            return (room_id,)
        return tuple(self._resources.rooms) or (None,)

    def has_provider(self, provider_id: UUID) -> bool:
        """Whether this provider takes such visits."""
        return provider_id in self._resources.providers

    def placed(self, provider_id: UUID, room_id: UUID | None, starts_at: datetime) -> Slot:
        """A start of theirs in a room, whether or not anything is against it."""
        return self._slot(provider_id, room_id, starts_at)

    def unplaced(self, provider_id: UUID, starts_at: datetime) -> Slot:
        """A start as a slot without a room, as what other slots are looked for beside."""
        return self._slot(provider_id, None, starts_at)

    def _slot(self, provider_id: UUID, room_id: UUID | None, starts_at: datetime) -> Slot:
        return Slot(
            clinic_id=self.clinic_id,
            visit_type_key=self.visit_type.key,
            provider_id=provider_id,
            provider_name=self._resources.providers[provider_id],
            room_id=room_id,
            starts_at=starts_at,
            ends_at=starts_at + self.shape.duration,
        )

    def _offers_resources_of(self, slot: Slot) -> bool:
        fit = self._resources
        if slot.room_id is None:
            return slot.provider_id in fit.providers and not fit.needs_room
        return slot.provider_id in fit.providers and slot.room_id in fit.rooms

    def _is_open_for(self, session: Session, slot: Slot) -> bool:
        span = self.shape.span(slot.starts_at)
        rooms = [] if slot.room_id is None else [slot.room_id]
        open_times = self._hours.of(session, [slot.provider_id], rooms, span).values()
        this_start = (slot.starts_at, slot.starts_at + GRID)
        return all(
            slot.starts_at in starts(open_time, self.shape, self.zone, this_start)
            for open_time in open_times
        )


def rule_for(session: Session, slot: Slot) -> OfferRule:
    """The rule that `slot` has to obey. Raises UnknownClinic, and NotBookable where it has none."""
    try:
        return OfferRule(session, slot.clinic_id, slot.visit_type_key)
    except UnknownVisitType as error:
        raise NotBookable(Refusal.NOT_OFFERED) from error


def _visit_type(clinic: ClinicRules, clinic_id: str, key: str) -> VisitType:
    found = clinic.visit_types.get(key)
    if found is None:
        raise UnknownVisitType(
            f"clinic {clinic_id} offers no visit type {key[:80]!r}: use a key of its definition"
        )
    return found
