"""Which slots there are. The one rule for what is offered and for what may be stored."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduling import checked_input, directory, pumps, refill_rules
from scheduling.availability import GRID, starts
from scheduling.errors import InvalidInput, NotBookable, Refusal, UnknownVisitType
from scheduling.hours import local_day, zone_of
from scheduling.intervals import Interval, covers
from scheduling.occupancy import clinic_time
from scheduling.opening import OpeningHours
from scheduling.policy import (
    BookedBy,
    BookingRules,
    bookable_window,
    refusal_of_patient,
    refusal_of_start,
)
from scheduling.preferences import ANY_TIME, Wishes
from scheduling.resources import fit_for, shape_of
from scheduling.searching import Search, Walk
from scheduling.slots import Slot
from scheduling.states import VisitStatus
from scheduling.tables import Visit, VisitType

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

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
    if it were in the same list. patient_id: for whom; their own visits are in the way, and of a
    refill only the days are offered on which their pump may be refilled. pump_id: which one, where
    they have several; the one due first, if left out. by_staff: any day will do for a refill.
    moving: the visit that is to be moved; its own time counts as free.
    Raises UnknownClinic, UnknownVisitType, NaiveTime, InvalidInput, also for a refill without a
    patient.
    """
    if limit < 1:
        raise InvalidInput(f"limit is {limit}: ask for at least one slot")
    now = checked_input.aware(now, "now")
    rule = OfferRule(session, clinic_id, visit_type_key)
    days = None
    if rule.visit_type.refills_pump:
        if patient_id is None:
            raise InvalidInput("a refill is offered to a patient: say to whom")
        if not by_staff:
            days = rule.refill_days(session, patient_id, now, pump_id)
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
    """Everything that decides on slots of one visit type, read once; times are read by window."""

    def __init__(self, session: Session, clinic_id: str, visit_type_key: str) -> None:
        """Raises UnknownClinic, UnknownVisitType."""
        clinic = directory.clinic(session, clinic_id)
        self.clinic_id = clinic_id
        self.zone: ZoneInfo = zone_of(clinic.timezone)
        self.visit_type = _visit_type(session, clinic_id, visit_type_key)
        self.shape = shape_of(self.visit_type)
        self.rules = BookingRules(
            timedelta(minutes=self.visit_type.notice_minutes),
            self.visit_type.horizon_days,
            BookedBy(self.visit_type.booked_by),
        )
        self._hours = OpeningHours(session, clinic, self.zone)
        self._resources = fit_for(session, self.visit_type)

    def wanted(self, slot: Slot) -> dict[str, Interval]:
        """The resources that `slot` keeps, buffers included; the patient comes with booking."""
        return clinic_time(slot.provider_id, slot.room_id, self.shape.span(slot.starts_at))

    def refusal(self, slot: Slot, now: datetime) -> Refusal | None:
        """Why `slot` may not be stored at `now`, whether or not it is still free."""
        if not self._offers_resources_of(slot):
            return Refusal.NOT_OFFERED
        if slot.ends_at - slot.starts_at != self.shape.duration:
            return Refusal.WRONG_LENGTH
        refused = refusal_of_start(slot.starts_at, now, self.rules, self.zone)
        if refused is not None:
            return refused
        return None if self._is_open_for(slot) else Refusal.OUTSIDE_HOURS

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
        """Why `slot` may not be this patient's, asked for at `now`, whatever its time."""
        refused = refusal_of_patient(
            is_existing=_has_been_seen(session, self.clinic_id, patient_id), rules=self.rules
        )
        if refused is not None or not self.visit_type.refills_pump:
            return refused
        pump = pumps.pump_to_refill(session, self.clinic_id, patient_id, pump_id)
        if pump is None:
            return Refusal.NO_PUMP
        return refill_rules.refusal_of_day(
            local_day(slot.starts_at, self.zone),
            today=local_day(now, self.zone),
            due=pumps.due_date(pump),
            preparation_days=pump.preparation_days,
            opens_days=self.visit_type.refill_opens_days,
            by_staff=by_staff,
        )

    def refill_days(
        self, session: Session, patient_id: UUID, now: datetime, pump_id: UUID | None = None
    ) -> tuple[date, date] | None:
        """First and last day on which the patient may have their pump refilled.

        None where there is no such day for them to choose: no pump is on file, the refill is
        overdue, or it cannot be prepared before it is due. Then it is for staff.
        """
        pump = pumps.pump_to_refill(session, self.clinic_id, patient_id, pump_id)
        if pump is None:
            return None
        first, last = refill_rules.window(
            local_day(now, self.zone),
            pumps.due_date(pump),
            pump.preparation_days,
            self.visit_type.refill_opens_days,
        )
        return (first, last) if first <= last else None

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
            found.append(
                Slot(
                    clinic_id=self.clinic_id,
                    visit_type_key=self.visit_type.key,
                    provider_id=free.provider_id,
                    provider_name=self._resources.providers[free.provider_id],
                    room_id=free.room_id,
                    starts_at=free.start,
                    ends_at=free.start + self.shape.duration,
                )
            )
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
        days = None
        if self.visit_type.refills_pump and not by_staff:
            days = self.refill_days(session, patient_id, now, pump_id) if patient_id else None
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

    def _offers_resources_of(self, slot: Slot) -> bool:
        fit = self._resources
        if slot.room_id is None:
            return slot.provider_id in fit.providers and not fit.needs_room
        return slot.provider_id in fit.providers and slot.room_id in fit.rooms

    def _is_open_for(self, slot: Slot) -> bool:
        span = self.shape.span(slot.starts_at)
        open_time = self._hours.of_providers([slot.provider_id], span)[slot.provider_id]
        this_start = (slot.starts_at, slot.starts_at + GRID)
        if slot.starts_at not in starts(open_time, self.shape, self.zone, this_start):
            return False
        if slot.room_id is None:
            return True
        return covers(self._hours.of_rooms([slot.room_id], span)[slot.room_id], span)


def rule_for(session: Session, slot: Slot) -> OfferRule:
    """The rule that `slot` has to obey. Raises UnknownClinic, and NotBookable where it has none."""
    try:
        return OfferRule(session, slot.clinic_id, slot.visit_type_key)
    except UnknownVisitType as error:
        raise NotBookable(Refusal.NOT_OFFERED) from error


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


def _has_been_seen(session: Session, clinic_id: str, patient_id: UUID) -> bool:
    completed = select(Visit.id).where(
        Visit.clinic_id == clinic_id,
        Visit.patient_id == patient_id,
        Visit.status == VisitStatus.COMPLETED.value,
    )
    return bool(session.scalar(select(completed.exists())))
