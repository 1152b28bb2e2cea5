"""A start that somebody at the desk points at, with a provider, in a room or wherever is free."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from scheduling import checked_input
from scheduling.errors import NotBookable, PatientBusy, Refusal, SlotTaken, UnknownVisitType
from scheduling.hours import local_day
from scheduling.occupancy import occupied_granules
from scheduling.offers import OfferRule
from scheduling.preferences import Wishes
from scheduling.searching import Search
from scheduling.tables import Visit

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.slots import Slot


def slot_at(
    session: Session,
    *,
    clinic_id: str,
    visit_type_key: str,
    provider_id: UUID,
    starts_at: datetime,
    patient_id: UUID,
    now: datetime,
    by_staff: bool = False,
    moving: UUID | None = None,
    pump_id: UUID | None = None,
    room_id: UUID | None = None,
) -> Slot:
    """The free slot of this patient that starts exactly at `starts_at` (aware) with the provider.

    moving, by_staff, pump_id: as in offers.find_slots(). room_id: in this room alone.
    A visit that is moved at its own time is asked neither for notice nor for its refill's days.
    Raises NotBookable where a rule is against it, SlotTaken where the time is somebody else's, and
    PatientBusy where the patient has another visit then; both with the next free slots. Raises
    UnknownClinic, NaiveTime.
    """
    now, starts_at = checked_input.aware(now, "now"), checked_input.aware(starts_at, "the start")
    try:
        rule = OfferRule(session, clinic_id, visit_type_key)
    except UnknownVisitType as error:
        raise NotBookable(Refusal.NOT_OFFERED) from error
    moved = None if moving is None else session.get(Visit, (clinic_id, moving))
    if moved is not None and moved.starts_at == starts_at:
        return _at_its_own_time(session, rule, moved, provider_id, room_id, now)
    refused = rule.refusal_of_start(session, provider_id, starts_at, now, room_id)
    if refused is None:
        refused = rule.refusal_of_patient(
            session,
            rule.unplaced(provider_id, starts_at),
            patient_id,
            now=now,
            by_staff=by_staff,
            pump_id=pump_id,
        )
    if refused is not None:
        raise NotBookable(refused)
    free = _free_at(session, rule, provider_id, starts_at, now, patient_id, moving, room_id)
    if free is not None:
        return free
    others = rule.alternatives(
        session,
        rule.unplaced(provider_id, starts_at),
        now,
        patient_id=patient_id,
        by_staff=by_staff,
        moving=moving,
        pump_id=pump_id,
    )
    if _free_at(session, rule, provider_id, starts_at, now, None, moving, room_id) is not None:
        raise PatientBusy(
            "the patient has another visit at this time: choose another slot, or move that visit",
            others,
        )
    raise SlotTaken("this time has just been taken: choose one of the others", others)


def _at_its_own_time(
    session: Session,
    rule: OfferRule,
    visit: Visit,
    provider_id: UUID,
    room_id: UUID | None,
    now: datetime,
) -> Slot:
    """The same time with another provider or in another room; in the visit's own, if it can be."""
    if not rule.has_provider(provider_id):
        raise NotBookable(Refusal.NOT_OFFERED)
    rooms = sorted(rule.rooms_or_none(room_id), key=lambda one: one != visit.room_id)
    slots = [rule.placed(provider_id, one, visit.starts_at) for one in rooms]
    refusals = [rule.refusal_of_place(session, one) for one in slots]
    open_ones = [one for one, refused in zip(slots, refusals, strict=True) if refused is None]
    if not open_ones:
        raise NotBookable(next(one for one in refusals if one is not None))
    for slot in open_ones:
        wanted = rule.wanted(slot)
        taken = occupied_granules(
            session,
            visit.clinic_id,
            wanted,
            rule.shape.span(slot.starts_at),
            now,
            moving=visit.id,
        )
        if not any(taken.values()):
            return slot
    raise SlotTaken("this time has just been taken there: choose another place")


def _free_at(
    session: Session,
    rule: OfferRule,
    provider_id: UUID,
    starts_at: datetime,
    now: datetime,
    patient_id: UUID | None,
    moving: UUID | None,
    room_id: UUID | None,
) -> Slot | None:
    day = local_day(starts_at, rule.zone)
    search = Search(
        now=now,
        earliest=starts_at,
        limit=1,
        wishes=Wishes(from_on=day, until_on=day, provider_id=provider_id),
        patient_id=patient_id,
        inside=(
            starts_at - timedelta(days=1),
            rule.shape.span(starts_at)[1],
        ),
        moving=moving,
        room_id=room_id,
    )
    found = rule.free_slots(session, search)
    return found[0] if found and found[0].starts_at == starts_at else None
