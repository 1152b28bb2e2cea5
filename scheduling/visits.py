"""What happens to a visit once it is booked: confirmed, moved, cancelled, kept, or missed.

Each function is one step of the state machine in states.py. It locks the visit, refuses what its
state, its version or its rules do not allow, stores the change with its event, and tells the
recalls and the waitlist; all of it or none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scheduling import checked_input, recalls
from scheduling.booking import other_slots, refuse_what_breaks_a_rule
from scheduling.errors import (
    NotBookable,
    PatientBusy,
    RefillNeedsReplacement,
    Refusal,
    SlotTaken,
)
from scheduling.occupancy import vacate
from scheduling.offers import rule_for
from scheduling.placing import PatientTaken, TimeTaken, place_again, time_of
from scheduling.states import Step, VisitStatus
from scheduling.tables import Hold, Visit
from scheduling.undoing import take_time_back
from scheduling.visit_step import BegunStep

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.pumps import RefillOutcome
    from scheduling.requests import Request
    from scheduling.slots import Slot

REASON_LENGTH = 200
"""Characters in the reason for a cancellation."""


def confirm(
    session: Session,
    *,
    clinic_id: str,
    visit_id: UUID,
    request: Request,
    version: int | None = None,
) -> Visit:
    """The patient says that they will come. Confirming again changes nothing.

    version: what the caller of this saw; None where nobody looked. Every function here raises
    UnknownVisit, StaleVersion, IllegalStep, KeyReused; this one also TooLate.
    """
    step = BegunStep(session, Step.CONFIRM, clinic_id, visit_id, request, version)
    if not step.is_repeated:
        step.store()
    return step.visit


def check_in(
    session: Session,
    *,
    clinic_id: str,
    visit_id: UUID,
    request: Request,
    version: int | None = None,
) -> Visit:
    """The patient is here; also one who was taken for missing, if their time is still free.

    Raises NotYet before the visit's day, TimeGivenAway where a missed visit's time has been given
    to somebody else.
    """
    step = BegunStep(session, Step.CHECK_IN, clinic_id, visit_id, request, version)
    if step.is_repeated:
        return step.visit
    if step.visit.status == VisitStatus.NO_SHOW:
        take_time_back(session, step)
        recalls.visit_booked(session, step.visit, request)
    step.store()
    return step.visit


def undo_check_in(
    session: Session,
    *,
    clinic_id: str,
    visit_id: UUID,
    request: Request,
    version: int | None = None,
) -> Visit:
    """The wrong patient was checked in."""
    step = BegunStep(session, Step.UNDO_CHECK_IN, clinic_id, visit_id, request, version)
    if not step.is_repeated:
        step.store()
    return step.visit


def complete(
    session: Session,
    *,
    clinic_id: str,
    visit_id: UUID,
    request: Request,
    refill: RefillOutcome | None = None,
    version: int | None = None,
) -> Visit:
    """The visit took place. refill: what the programmer printed; a refill cannot do without.

    Raises RefillOutcomeMissing, InvalidInput for an alarm date that cannot be meant.
    """
    step = BegunStep(session, Step.COMPLETE, clinic_id, visit_id, request, version)
    if step.is_repeated:
        return step.visit
    before = recalls.visit_completed(session, step.visit, refill, request)
    step.store(**before)
    return step.visit


def cancel(
    session: Session,
    *,
    clinic_id: str,
    visit_id: UUID,
    request: Request,
    reason: str,
    version: int | None = None,
) -> Visit:
    """Give the visit's time back, and offer it to whoever waits.

    reason: for the history, up to 200 characters.
    Raises RefillNeedsReplacement where anybody but the desk cancels a refill: without another
    one in its place the pump might run dry. Raises TooLate, UnsuitableText.
    """
    checked_input.text(reason, "the reason", at_most=REASON_LENGTH)
    step = BegunStep(session, Step.CANCEL, clinic_id, visit_id, request, version)
    if step.is_repeated:
        return step.visit
    if step.visit.pump_id is not None and not request.by_staff:
        raise RefillNeedsReplacement(
            "a refill is given up only for another one: offer to reschedule it, or connect the "
            "patient to the desk; the visit stands"
        )
    _give_up_time(session, step, reason=reason)
    return step.visit


def miss(
    session: Session,
    *,
    clinic_id: str,
    visit_id: UUID,
    request: Request,
    version: int | None = None,
) -> Visit:
    """The patient did not come. Raises NotYet before the visit's start."""
    step = BegunStep(session, Step.MISS, clinic_id, visit_id, request, version)
    if not step.is_repeated:
        _give_up_time(session, step)
    return step.visit


def reschedule(
    session: Session,
    *,
    clinic_id: str,
    visit_id: UUID,
    slot: Slot,
    request: Request,
    hold_id: UUID | None = None,
    version: int | None = None,
) -> Visit:
    """Move the visit to `slot`; the old time goes to whoever waits for it.

    At its own time, to another provider or room, it stays confirmed and is asked for no notice.
    hold_id: under which `slot` was kept for this visit; without one it is taken where it is free.
    Raises SlotTaken or PatientBusy, with other slots, and NotBookable; the visit stands untouched
    then. Raises TooLate.
    """
    step = BegunStep(session, Step.RESCHEDULE, clinic_id, visit_id, request, version)
    if step.is_repeated:
        return step.visit
    visit, now = step.visit, request.now
    kept = _hold(session, clinic_id, hold_id)
    rule = rule_for(session, slot)
    if slot.clinic_id != clinic_id or rule.visit_type.id != visit.visit_type_id:
        raise NotBookable(Refusal.NOT_OFFERED)
    in_time = slot.starts_at == visit.starts_at
    if in_time:
        if (refused := rule.refusal_of_place(session, slot)) is not None:
            raise NotBookable(refused)
    else:
        refuse_what_breaks_a_rule(
            session, rule, slot, kept, visit.patient_id, request, visit.pump_id
        )
    freed = time_of(step.visit, step.visit_type)
    before = {
        "from": visit.starts_at.isoformat(),
        "from_provider": str(visit.provider_id),
        "from_room": None if visit.room_id is None else str(visit.room_id),
    }
    changes = {
        "provider_id": slot.provider_id,
        "room_id": slot.room_id,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
    }
    try:
        place_again(session, visit, rule.visit_type, changes, kept=kept, now=now)
    except TimeTaken as error:
        raise SlotTaken(
            "this time has just been taken: choose one of the others; the visit stands",
            other_slots(session, rule, slot, visit.patient_id, request, visit.pump_id, visit.id),
        ) from error
    except PatientTaken as error:
        raise PatientBusy(
            "the patient has another visit at this time: choose another slot; the visit stands",
            other_slots(session, rule, slot, visit.patient_id, request, visit.pump_id, visit.id),
        ) from error
    recalls.visit_booked(session, visit, request)
    step.store(
        freed=freed,
        # Who said that they would come said it of this time.
        keeps_status=in_time,
        to=slot.starts_at.isoformat(),
        to_provider=str(slot.provider_id),
        to_room=None if slot.room_id is None else str(slot.room_id),
        **before,
    )
    return visit


def _hold(session: Session, clinic_id: str, hold_id: UUID | None) -> Hold | None:
    if hold_id is None:
        return None
    return session.scalar(
        select(Hold).where(Hold.clinic_id == clinic_id, Hold.id == hold_id).with_for_update()
    )


def _give_up_time(session: Session, step: BegunStep, **detail: Any) -> None:
    freed = time_of(step.visit, step.visit_type)
    vacate(session, step.visit.clinic_id, visit_id=step.visit.id)
    before = recalls.visit_released(session, step.visit, step.request)
    step.store(freed=freed, **{**detail, **before})
