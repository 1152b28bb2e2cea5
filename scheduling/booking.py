"""Booking what was held. Every time stored here passes occupancy.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduling import agenda, checked_input, patient_records, pumps, recalls
from scheduling.database import new_id
from scheduling.errors import (
    HoldExpired,
    NotBookable,
    PatientBusy,
    Refusal,
)
from scheduling.holds import (
    hold,
    release_expired_holds,
    release_holds,
    renew_hold,
)
from scheduling.offers import OfferRule, find_slots, rule_for
from scheduling.placing import PatientTaken, TimeTaken, place_new
from scheduling.slots import Slot
from scheduling.states import VisitStatus
from scheduling.tables import Hold, Provider, Visit, VisitType
from scheduling.visit_log import BOOKED, record, visit_of

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.requests import Request

__all__ = [
    "Slot",
    "book_hold",
    "find_slots",
    "hold",
    "release_expired_holds",
    "release_holds",
    "renew_hold",
]


def book_hold(
    session: Session,
    *,
    clinic_id: str,
    hold_id: UUID,
    patient_id: UUID,
    callback_number: str | None,
    request: Request,
    slot: Slot | None = None,
    pump_id: UUID | None = None,
) -> Visit:
    """Turn a hold into a visit of the patient. The same request again gives the same visit.

    A hold that has run out is booked all the same while nobody has displaced it. `slot`: what was
    held, so that even a displaced or released hold is booked where its time is free again.
    callback_number: E.164. pump_id: which pump a refill fills; the one due first, if left out.

    Raises HoldExpired where the hold is gone and its time too, PatientBusy where the patient has
    another visit then, NotBookable where the clinic has closed that time since or the patient may
    not book this, UnknownPatient, UnknownPump, KeyReused, InvalidInput.
    """
    if callback_number is not None:
        checked_input.phone(callback_number, "the callback number")

    patient_id = patient_records.locked(session, clinic_id, patient_id).id
    # This lock comes before the look: whoever waited behind the same request must see its visit.
    kept = session.scalar(
        select(Hold).where(Hold.clinic_id == clinic_id, Hold.id == hold_id).with_for_update()
    )
    booked = visit_of(session, clinic_id, request, BOOKED, hold_id=str(hold_id))
    if booked is not None:
        return session.get_one(Visit, (clinic_id, booked))
    if kept is not None:
        slot = slot_of_hold(session, kept)
    if slot is None or slot.clinic_id != clinic_id:
        raise HoldExpired("the hold has run out and its time is gone: choose another slot")
    rule = rule_for(session, slot)
    refuse_what_breaks_a_rule(session, rule, slot, kept, patient_id, request, pump_id)
    visit = Visit(
        clinic_id=clinic_id,
        id=new_id(),
        patient_id=patient_id,
        visit_type_id=rule.visit_type.id,
        provider_id=slot.provider_id,
        room_id=slot.room_id,
        pump_id=_pump_of(session, rule, patient_id, pump_id),
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        status=VisitStatus.BOOKED.value,
        version=1,
        callback_number=callback_number,
        booked_channel=request.channel.value,
        created_at=request.now,
        idempotency_key=request.key,
    )
    try:
        place_new(session, visit, rule.visit_type, kept=kept, now=request.now)
    except TimeTaken as error:
        raise HoldExpired(
            "the hold has run out and its time is gone: choose another slot",
            other_slots(session, rule, slot, patient_id, request, pump_id),
        ) from error
    except PatientTaken as error:
        raise PatientBusy(
            "the patient has another visit at this time: choose another slot, or move that visit",
            other_slots(session, rule, slot, patient_id, request, pump_id),
        ) from error
    record(
        session,
        visit,
        BOOKED,
        request,
        hold_id=str(hold_id),
        starts_at=slot.starts_at.isoformat(),
    )
    session.flush()
    recalls.visit_booked(session, visit, request)
    agenda.record_change(session, clinic_id)
    return visit


def _pump_of(
    session: Session, rule: OfferRule, patient_id: UUID, pump_id: UUID | None
) -> UUID | None:
    if not rule.visit_type.refills_pump:
        return None
    pump = pumps.pump_to_refill(session, rule.clinic_id, patient_id, pump_id)
    if pump is None:
        raise NotBookable(Refusal.NO_PUMP)
    return pump.id


def refuse_what_breaks_a_rule(
    session: Session,
    rule: OfferRule,
    slot: Slot,
    kept: Hold | None,
    patient_id: UUID,
    request: Request,
    pump_id: UUID | None,
) -> None:
    """Raise NotBookable where `slot` may not become the patient's."""
    refused = rule.refusal(session, slot, chosen_at(kept, request.now)) or rule.refusal_of_patient(
        session, slot, patient_id, now=request.now, by_staff=request.by_staff, pump_id=pump_id
    )
    if refused is not None:
        raise NotBookable(refused)


def other_slots(
    session: Session,
    rule: OfferRule,
    slot: Slot,
    patient_id: UUID,
    request: Request,
    pump_id: UUID | None,
    moving: UUID | None = None,
) -> list[Slot]:
    """What to offer a patient who did not get `slot`."""
    return rule.alternatives(
        session,
        slot,
        request.now,
        patient_id=patient_id,
        by_staff=request.by_staff,
        moving=moving,
        pump_id=pump_id,
    )


def chosen_at(kept: Hold | None, now: datetime) -> datetime:
    """From when notice counts: while the hold lives, from when the caller chose.

    The seconds of the read-back do not lose the slot.
    """
    return kept.created_at if kept is not None and kept.expires_at > now else now


def slot_of_hold(session: Session, kept: Hold) -> Slot:
    """What is held."""
    visit_type = session.get_one(VisitType, (kept.clinic_id, kept.visit_type_id))
    provider = session.get_one(Provider, (kept.clinic_id, kept.provider_id))
    return Slot(
        clinic_id=kept.clinic_id,
        visit_type_key=visit_type.key,
        provider_id=kept.provider_id,
        provider_name=provider.name,
        room_id=kept.room_id,
        starts_at=kept.starts_at,
        ends_at=kept.ends_at,
    )
