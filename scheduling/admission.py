"""Who may have a visit of a type, and on which days: for a refill that is up to their pump."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import select

from scheduling import pumps, refill_rules
from scheduling.errors import Refusal
from scheduling.policy import BookedBy
from scheduling.states import VisitStatus
from scheduling.tables import Visit

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.tables import VisitType

Days: TypeAlias = tuple[date, date]
"""First and last day, of the clinic's calendar."""

ANY_DAY: Days = (date.min, date.max)


def refusal_of(
    session: Session,
    visit_type: VisitType,
    patient_id: UUID,
    day: date,
    *,
    today: date,
    by_staff: bool,
    pump_id: UUID | None = None,
) -> Refusal | None:
    """Why the patient may not have such a visit on `day`, asked for today.

    by_staff: staff may give a refill any day. pump_id: which pump a refill fills; the one due
    first, if left out.
    """
    if _is_closed_to(session, visit_type, patient_id):
        return Refusal.EXISTING_PATIENTS_ONLY
    if not visit_type.refills_pump:
        return None
    pump = pumps.pump_to_refill(session, visit_type.clinic_id, patient_id, pump_id)
    if pump is None:
        return Refusal.NO_PUMP
    return refill_rules.refusal_of_day(
        day,
        today=today,
        due=pumps.due_date(pump),
        preparation_days=pump.preparation_days,
        opens_days=visit_type.refill_opens_days,
        by_staff=by_staff,
    )


def days_for(
    session: Session,
    visit_type: VisitType,
    patient_id: UUID,
    *,
    today: date,
    by_staff: bool,
    pump_id: UUID | None = None,
) -> Days | None:
    """The days on which refusal_of() has nothing against the visit; None where it always has.

    So it has by phone against a refill that is overdue or cannot be prepared before it is due.
    """
    if _is_closed_to(session, visit_type, patient_id):
        return None
    if not visit_type.refills_pump:
        return ANY_DAY
    pump = pumps.pump_to_refill(session, visit_type.clinic_id, patient_id, pump_id)
    if pump is None:
        return None
    if by_staff:
        return ANY_DAY
    first, last = refill_rules.window(
        today, pumps.due_date(pump), pump.preparation_days, visit_type.refill_opens_days
    )
    return (first, last) if first <= last else None


def _is_closed_to(session: Session, visit_type: VisitType, patient_id: UUID) -> bool:
    """Whether it is for patients whom the clinic has seen, and they are not among them."""
    if visit_type.booked_by != BookedBy.EXISTING_PATIENTS:
        return False
    completed = select(Visit.id).where(
        Visit.clinic_id == visit_type.clinic_id,
        Visit.patient_id == patient_id,
        Visit.status == VisitStatus.COMPLETED.value,
    )
    return not session.scalar(select(completed.exists()))
