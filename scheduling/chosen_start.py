"""A start that somebody at the desk points at, with a provider, in whatever room is free then."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from scheduling import checked_input
from scheduling.errors import NotBookable, PatientBusy, Refusal, SlotTaken, UnknownVisitType
from scheduling.hours import local_day
from scheduling.offers import OfferRule
from scheduling.preferences import Wishes
from scheduling.searching import Search

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
) -> Slot:
    """The free slot of this patient that starts exactly at `starts_at` (aware) with the provider.

    moving, by_staff, pump_id: as in offers.find_slots().
    Raises NotBookable where a rule is against it, SlotTaken where the time is somebody else's, and
    PatientBusy where the patient has another visit then; both with the next free slots. Raises
    UnknownClinic, NaiveTime.
    """
    now, starts_at = checked_input.aware(now, "now"), checked_input.aware(starts_at, "the start")
    try:
        rule = OfferRule(session, clinic_id, visit_type_key)
    except UnknownVisitType as error:
        raise NotBookable(Refusal.NOT_OFFERED) from error
    refused = rule.refusal_of_start(session, provider_id, starts_at, now)
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
    free = _free_at(session, rule, provider_id, starts_at, now, patient_id, moving)
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
    if _free_at(session, rule, provider_id, starts_at, now, None, moving) is not None:
        raise PatientBusy(
            "the patient has another visit at this time: choose another slot, or move that visit",
            others,
        )
    raise SlotTaken("this time has just been taken: choose one of the others", others)


def _free_at(
    session: Session,
    rule: OfferRule,
    provider_id: UUID,
    starts_at: datetime,
    now: datetime,
    patient_id: UUID | None,
    moving: UUID | None,
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
    )
    found = rule.free_slots(session, search)
    return found[0] if found and found[0].starts_at == starts_at else None
