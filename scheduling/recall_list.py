"""Whom the desk has to call: recalls that are overdue or due soon, the most urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select

from scheduling import checked_input, directory, refill_rules
from scheduling.hours import local_day, zone_of
from scheduling.refill_recalls import LIVE
from scheduling.refill_rules import Standing
from scheduling.states import OPEN_STATUSES
from scheduling.tables import Patient, Pump, Recall, RecallAttempt, Visit, VisitType

if TYPE_CHECKING:
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

OPENS_DAYS = 30
"""A recall that is about no pump is listed for this many days up to its due date. [J]"""


@dataclass(frozen=True, slots=True)
class RecallLine:
    """One recall as the desk reads it. Days are of the clinic's calendar.

    patient_name: None where the caller left it to the desk. pump_label: None where the patient has
    one pump, or the recall is about none (then pump_id is None too).
    days_left: until due_on; negative once it has passed.
    standing: overdue also where the visit that is booked comes after due_on.
    visit_id, visit_at: the visit booked for it, and its start in UTC.
    last_outcome: a scheduling.recall_calls.AttemptOutcome.
    snoozed_until: the desk put it off until this day; None, or past, where it did not.
    """

    id: UUID
    version: int
    patient_id: UUID
    patient_name: str | None
    visit_type_key: str
    pump_id: UUID | None
    pump_label: str | None
    due_on: date
    days_left: int
    standing: Standing
    status: str
    visit_id: UUID | None
    visit_at: datetime | None
    attempts: int
    last_attempt_at: datetime | None
    last_outcome: str | None
    snoozed_until: date | None


def recall_list(session: Session, clinic_id: str, now: datetime) -> list[RecallLine]:
    """Overdue recalls, then those due soon; within both the one due first comes first.

    Left out are those that are booked in time, those put off until a later day, and patients who
    have died. Cost follows the recalls that are still to be done, not those of former years.
    Raises UnknownClinic, NaiveTime.
    """
    lines, today, zone = _lines(session, clinic_id, now)
    return [line for line in lines if _is_listed(line, today, zone)]


def put_off_list(session: Session, clinic_id: str, now: datetime) -> list[RecallLine]:
    """Recalls that the desk put off and that are not back on the list yet, in the same order.

    Raises UnknownClinic, NaiveTime.
    """
    lines, today, zone = _lines(session, clinic_id, now)
    return [
        line
        for line in lines
        if line.snoozed_until is not None
        and today < line.snoozed_until
        and line.status == "open"
        and not _is_listed(line, today, zone)
    ]


def _lines(
    session: Session, clinic_id: str, now: datetime
) -> tuple[list[RecallLine], date, ZoneInfo]:
    """Every recall that may be listed, in order; today; the clinic's zone."""
    now = checked_input.aware(now, "now")
    zone = zone_of(directory.clinic(session, clinic_id).timezone)
    today = local_day(now, zone)
    opens_days = session.scalar(
        select(func.max(VisitType.refill_opens_days)).where(VisitType.clinic_id == clinic_id)
    )
    last_due = today + timedelta(days=max(OPENS_DAYS, opens_days or 0))
    rows = session.execute(_live_recalls(clinic_id, last_due))
    lines = sorted(
        (_line(row, today, zone) for row in rows),
        key=lambda line: (line.standing is not Standing.OVERDUE, line.due_on, line.id),
    )
    return lines, today, zone


def _live_recalls(clinic_id: str, last_due: date) -> Select[Any]:
    """What may be on the list: a booked recall too, since its visit may come too late."""
    attempts = and_(
        RecallAttempt.clinic_id == Recall.clinic_id, RecallAttempt.recall_id == Recall.id
    )
    latest = (RecallAttempt.at.desc(), RecallAttempt.id.desc())
    return (
        select(
            Recall,
            VisitType,
            Patient.name.label("patient_name"),
            Pump.label.label("pump_label"),
            Visit.starts_at.label("visit_at"),
            select(func.count(RecallAttempt.id))
            .where(attempts)
            .scalar_subquery()
            .label("attempts"),
            select(RecallAttempt.at)
            .where(attempts)
            .order_by(*latest)
            .limit(1)
            .scalar_subquery()
            .label("last_attempt_at"),
            select(RecallAttempt.outcome)
            .where(attempts)
            .order_by(*latest)
            .limit(1)
            .scalar_subquery()
            .label("last_outcome"),
        )
        .join(
            VisitType,
            and_(VisitType.clinic_id == Recall.clinic_id, VisitType.id == Recall.visit_type_id),
        )
        .join(Patient, and_(Patient.clinic_id == Recall.clinic_id, Patient.id == Recall.patient_id))
        .outerjoin(Pump, and_(Pump.clinic_id == Recall.clinic_id, Pump.id == Recall.pump_id))
        .outerjoin(
            Visit,
            and_(
                Visit.clinic_id == Recall.clinic_id,
                Visit.id == Recall.visit_id,
                Visit.status.in_(OPEN_STATUSES),
            ),
        )
        .where(
            Recall.clinic_id == clinic_id,
            # Said by itself, so that the index leads past what is done and dropped.
            Recall.status.in_(LIVE),
            or_(Recall.status == "booked", Recall.due_on <= last_due),
            Patient.deceased_on.is_(None),
        )
    )


def _is_listed(line: RecallLine, today: date, zone: ZoneInfo) -> bool:
    return refill_rules.is_on_list(
        line.standing,
        today=today,
        visit_on=None if line.visit_at is None else local_day(line.visit_at, zone),
        snoozed_until=line.snoozed_until,
    )


def _line(row: Any, today: date, zone: ZoneInfo) -> RecallLine:
    recall: Recall = row.Recall
    visit_on = None if row.visit_at is None else local_day(row.visit_at, zone)
    opens_days = row.VisitType.refill_opens_days if recall.pump_id else OPENS_DAYS
    stands = refill_rules.standing_as_booked(recall.due_on, today, opens_days, visit_on)
    return RecallLine(
        id=recall.id,
        version=recall.version,
        patient_id=recall.patient_id,
        patient_name=row.patient_name,
        visit_type_key=row.VisitType.key,
        pump_id=recall.pump_id,
        pump_label=row.pump_label,
        due_on=recall.due_on,
        days_left=(recall.due_on - today).days,
        standing=stands,
        status=recall.status,
        visit_id=recall.visit_id,
        visit_at=row.visit_at,
        attempts=row.attempts,
        last_attempt_at=row.last_attempt_at,
        last_outcome=row.last_outcome,
        snoozed_until=recall.snoozed_until,
    )
