"""Booking what was held. Every time stored here passes occupancy.py."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduling import agenda, checked_input
from scheduling.database import new_id
from scheduling.errors import (
    HoldExpired,
    InvalidInput,
    NotBookable,
    PatientBusy,
    UnknownPatient,
)
from scheduling.holds import (
    flush_or_lose,
    hold,
    release_expired_holds,
    release_holds,
    renew_hold,
)
from scheduling.occupancy import (
    Occupied,
    clear_holds,
    hand_over,
    occupy,
    patient_resource,
)
from scheduling.offers import OfferRule, find_slots, rule_for
from scheduling.policy import refusal_of_patient
from scheduling.slots import Slot
from scheduling.states import Channel, VisitStatus
from scheduling.tables import Hold, Patient, Provider, Visit, VisitEvent, VisitType

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

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
    actor: str,
    channel: str,
    now: datetime,
    idempotency_key: str,
    slot: Slot | None = None,
) -> Visit:
    """Turn a hold into a visit of the patient. The same idempotency key gives the same visit.

    A hold that has run out is booked all the same while nobody has displaced it. `slot`: what was
    held, so that even a displaced or released hold is booked where its time is free again.
    callback_number: E.164. channel: a scheduling.states.Channel.

    Raises HoldExpired where the hold is gone and its time too, PatientBusy where the patient has
    another visit then, NotBookable where the clinic has closed that time since or the patient may
    not book this, UnknownPatient, InvalidInput.
    """
    now = checked_input.aware(now, "now")
    checked_input.text(actor, "the actor", at_most=checked_input.HOLDER_LENGTH)
    checked_input.text(idempotency_key, "the idempotency key", at_most=checked_input.HOLDER_LENGTH)
    if callback_number is not None:
        checked_input.phone(callback_number, "the callback number")
    came_in_by = _channel(channel)

    # The lock comes first: whoever waited for it behind the same request must see its visit.
    kept = session.scalar(
        select(Hold).where(Hold.clinic_id == clinic_id, Hold.id == hold_id).with_for_update()
    )
    booked = session.scalar(
        select(Visit).where(Visit.clinic_id == clinic_id, Visit.idempotency_key == idempotency_key)
    )
    if booked is not None:
        return booked
    if session.get(Patient, (clinic_id, patient_id)) is None:
        raise UnknownPatient(f"clinic {clinic_id} has no patient {patient_id}: register them first")

    if kept is not None:
        slot = _slot_of(session, kept)
    if slot is None or slot.clinic_id != clinic_id:
        raise HoldExpired("the hold has run out and its time is gone: choose another slot")
    rule = rule_for(session, slot)
    _refuse_what_breaks_a_rule(session, rule, slot, kept, patient_id, now)
    visit = Visit(
        clinic_id=clinic_id,
        id=new_id(),
        patient_id=patient_id,
        visit_type_id=rule.visit_type.id,
        provider_id=slot.provider_id,
        room_id=slot.room_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        status=VisitStatus.BOOKED.value,
        version=1,
        callback_number=callback_number,
        booked_channel=came_in_by.value,
        created_at=now,
        idempotency_key=idempotency_key,
    )
    _store(session, rule, slot, kept, visit, now)
    session.add(
        VisitEvent(
            clinic_id=clinic_id,
            visit_id=visit.id,
            at=now,
            kind="booked",
            actor=actor,
            channel=came_in_by.value,
            detail={"hold_id": str(hold_id), "starts_at": slot.starts_at.isoformat()},
        )
    )
    session.flush()
    agenda.record_change(session, clinic_id)
    return visit


def _store(
    session: Session, rule: OfferRule, slot: Slot, kept: Hold | None, visit: Visit, now: datetime
) -> None:
    """Store `visit` and all its granules, or nothing and SlotTaken."""
    patient = {patient_resource(visit.patient_id): (slot.starts_at, slot.ends_at)}
    try:
        with session.begin_nested():
            if kept is None:
                clear_holds(session, slot.clinic_id, rule.wanted(slot), expired_at=now)
            session.add(visit)
            flush_or_lose(session)
            if kept is None:
                _occupy_again(session, rule, slot, visit)
            else:
                hand_over(session, slot.clinic_id, hold_id=kept.id, visit_id=visit.id)
                session.delete(kept)
                session.flush()
            occupy(session, slot.clinic_id, patient, visit_id=visit.id)
    except HoldExpired as error:
        error.alternatives = rule.alternatives(session, slot, now)
        raise
    except Occupied as error:
        raise PatientBusy(
            "the patient has another visit at this time: choose another slot, or move that visit",
            rule.alternatives(session, slot, now),
        ) from error


def _occupy_again(session: Session, rule: OfferRule, slot: Slot, visit: Visit) -> None:
    try:
        occupy(session, slot.clinic_id, rule.wanted(slot), visit_id=visit.id)
    except Occupied as error:
        raise HoldExpired(
            "the hold has run out and its time is gone: choose another slot"
        ) from error


def _refuse_what_breaks_a_rule(
    session: Session,
    rule: OfferRule,
    slot: Slot,
    kept: Hold | None,
    patient_id: UUID,
    now: datetime,
) -> None:
    # While the hold lives, notice counts from when the caller chose: the seconds of the read-back
    # do not lose the slot.
    chosen_at = kept.created_at if kept is not None and kept.expires_at > now else now
    refused = rule.refusal(slot, chosen_at) or refusal_of_patient(
        is_existing=_has_been_seen(session, slot.clinic_id, patient_id), rules=rule.rules
    )
    if refused is not None:
        raise NotBookable(refused)


def _has_been_seen(session: Session, clinic_id: str, patient_id: UUID) -> bool:
    completed = select(Visit.id).where(
        Visit.clinic_id == clinic_id,
        Visit.patient_id == patient_id,
        Visit.status == VisitStatus.COMPLETED.value,
    )
    return bool(session.scalar(select(completed.exists())))


def _slot_of(session: Session, kept: Hold) -> Slot:
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


def _channel(name: str) -> Channel:
    try:
        return Channel(name)
    except ValueError as error:
        raise InvalidInput(
            f"channel {name[:20]!r} is unknown: use one of {', '.join(Channel)}"
        ) from error
