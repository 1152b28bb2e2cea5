"""Which refills are overdue: the live recalls of pumps in use whose due date has passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from scheduling.hours import local_day, zone_of
from scheduling.refill_recalls import LIVE
from scheduling.states import OPEN_STATUSES
from scheduling.tables import Clinic, Patient, PatientPhone, Pump, Recall, Visit

TASK: Final = "overdue_refill"


@dataclass(frozen=True, slots=True)
class Overdue:
    """A recall whose due date has passed. number: E.164, of its patient, who speaks `language`."""

    recall_id: UUID
    pump_id: UUID
    due_on: date
    alarm_on: date
    visit_at: datetime | None
    language: str
    number: str | None

    @property
    def name(self) -> str:
        """The same for the same recall and due date; a task's source begins with it."""
        return f"{TASK}:{self.recall_id}:{self.due_on.isoformat()}:"

    @property
    def call(self) -> str:
        """What stands in the ticket for the id of a call: at most 64 characters."""
        return f"recall:{self.recall_id.hex}:{self.due_on.isoformat()}"


def overdue(
    session: Session, clinic_id: str, now: datetime, recall_id: UUID | None = None
) -> list[Overdue]:
    """Pumps in use whose recall's due date has passed, of the living; that due longest first.

    now: aware UTC. recall_id: that one alone; None asks for all.
    """
    today = local_day(now, zone_of(session.get_one(Clinic, clinic_id).timezone))
    a_number = (
        select(PatientPhone.number)
        .where(PatientPhone.clinic_id == clinic_id, PatientPhone.patient_id == Recall.patient_id)
        .order_by(PatientPhone.number)
        .limit(1)
        .scalar_subquery()
    )
    asked = (
        select(
            Recall.id,
            Recall.due_on,
            Pump.id.label("pump_id"),
            Pump.alarm_on,
            Visit.starts_at,
            Visit.callback_number,
            Patient.language,
            a_number.label("number"),
        )
        .join(Pump, and_(Pump.clinic_id == Recall.clinic_id, Pump.id == Recall.pump_id))
        .join(Patient, and_(Patient.clinic_id == Recall.clinic_id, Patient.id == Recall.patient_id))
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
            Recall.status.in_(LIVE),
            Recall.due_on < today,
            Pump.active.is_(True),
            Patient.deceased_on.is_(None),
        )
        .order_by(Recall.due_on, Recall.id)
    )
    if recall_id is not None:
        asked = asked.where(Recall.id == recall_id)
    return [
        Overdue(
            recall_id=row.id,
            pump_id=row.pump_id,
            due_on=row.due_on,
            alarm_on=row.alarm_on,
            visit_at=row.starts_at,
            language=row.language,
            number=row.callback_number or row.number,
        )
        for row in session.execute(asked)
    ]
