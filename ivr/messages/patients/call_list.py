"""Whom somebody at the desk has to call a week ahead, as things to do, each once.

- A refill that is due within a week, of which no visit is booked and that nobody has put off.
- A visit within a week that is not confirmed, of somebody who has missed one before.

[caller-safety: staff call list at 7 days for refills, unconfirmed and previously missed.] Worked
out from the book as it is. What is settled is ticked off; what the desk ticked off stays so, until
the visit is moved or the due date changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Label, and_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from ivr.messages import desk_tasks
from ivr.messages.tables import DeskTask
from scheduling.hours import local_day, midnight, zone_of
from scheduling.states import VisitStatus
from scheduling.tables import Clinic, Patient, PatientPhone, Recall, Visit

AHEAD = timedelta(days=7)
"""Of the clinic's calendar [caller-safety]."""

REFILL: Final = "refill_not_booked"
VISIT: Final = "visit_unconfirmed"


@dataclass(frozen=True, slots=True)
class ToCall:
    """One thing to do. source: the same for the same recall and due date, or visit and start.

    number: E.164; None where none is known. language: the patient's.
    """

    kind: str
    source: str
    number: str | None
    language: str
    note: str


def is_due(due_on: date, today: date, snoozed_until: date | None) -> bool:
    """Whether a refill that nobody has booked is to be called about. Pure.

    Days of the clinic's calendar. One that was due before today is overdue, which is more urgent.
    """
    if snoozed_until is not None and today < snoozed_until:
        return False
    return today <= due_on <= today + AHEAD


def plan(session: Session, clinic_id: str, now: datetime) -> int:
    """Put on the desk's list whom it has to call, and tick off what is settled; how many changed.

    Takes the open transaction and never commits. now: aware UTC.
    """
    to_call = {one.source: one for one in due(session, clinic_id, now)}
    if to_call:
        known = session.scalars(
            select(DeskTask.source).where(
                DeskTask.clinic_id == clinic_id, DeskTask.source.in_(to_call)
            )
        ).all()
        for one in (to_call[source] for source in to_call if source not in known):
            desk_tasks.open_task(
                session,
                clinic_id=clinic_id,
                kind=one.kind,
                callback_number=one.number,
                language=one.language,
                note=one.note,
                source=one.source,
                now=now,
            )
        new = len(to_call) - len(known)
    else:
        new = 0
    waiting = session.execute(
        select(DeskTask.id, DeskTask.source).where(
            DeskTask.clinic_id == clinic_id,
            DeskTask.done_at.is_(None),
            DeskTask.kind.in_((REFILL, VISIT)),
        )
    ).all()
    settled = [row.id for row in waiting if row.source not in to_call]
    for task_id in settled:
        desk_tasks.mark_done(session, clinic_id, task_id, by=desk_tasks.SEEN_TO, now=now)
    return new + len(settled)


def due(session: Session, clinic_id: str, now: datetime) -> list[ToCall]:
    """Whom somebody has to call at `now` (aware UTC): refills, then visits, the next first."""
    return [*_refills(session, clinic_id, now), *_visits(session, clinic_id, now)]


def _refills(session: Session, clinic_id: str, now: datetime) -> list[ToCall]:
    today = local_day(now, zone_of(session.get_one(Clinic, clinic_id).timezone))
    rows = session.execute(
        select(
            Recall.id,
            Recall.due_on,
            Recall.snoozed_until,
            Patient.language,
            _a_number(Recall.patient_id, clinic_id),
        )
        .join(Patient, and_(Patient.clinic_id == Recall.clinic_id, Patient.id == Recall.patient_id))
        .where(
            Recall.clinic_id == clinic_id,
            Recall.status == "open",
            Recall.due_on >= today,
            Recall.due_on <= today + AHEAD,
            Recall.pump_id.is_not(None),
            Patient.deceased_on.is_(None),
        )
        .order_by(Recall.due_on, Recall.id)
    )
    return [
        ToCall(
            kind=REFILL,
            source=f"{REFILL}:{row.id}:{row.due_on.isoformat()}",
            number=row.number,
            language=row.language,
            note=f"A refill is due by {row.due_on} and no visit is booked. Call the patient and "
            "book one: see Recalls.",
        )
        for row in rows
        if is_due(row.due_on, today, row.snoozed_until)
    ]


def _visits(session: Session, clinic_id: str, now: datetime) -> list[ToCall]:
    zone = zone_of(session.get_one(Clinic, clinic_id).timezone)
    until = midnight(local_day(now, zone) + AHEAD + timedelta(days=1), zone)
    earlier = aliased(Visit)
    missed = (
        select(earlier.id)
        .where(
            earlier.clinic_id == Visit.clinic_id,
            earlier.patient_id == Visit.patient_id,
            earlier.starts_at < now,
            earlier.status == VisitStatus.NO_SHOW,
        )
        .exists()
    )
    rows = session.execute(
        select(
            Visit.id,
            Visit.starts_at,
            Visit.callback_number,
            Patient.language,
            _a_number(Visit.patient_id, clinic_id),
        )
        .join(Patient, and_(Patient.clinic_id == Visit.clinic_id, Patient.id == Visit.patient_id))
        .where(
            Visit.clinic_id == clinic_id,
            Visit.status == VisitStatus.BOOKED,
            Visit.starts_at > now,
            Visit.starts_at < until,
            Patient.deceased_on.is_(None),
            missed,
        )
        .order_by(Visit.starts_at, Visit.id)
    )
    return [
        ToCall(
            kind=VISIT,
            source=_name_of(row.id, row.starts_at),
            number=row.callback_number or row.number,
            language=row.language,
            note=f"The visit on {row.starts_at.astimezone(zone):%Y-%m-%d at %H:%M} is not "
            "confirmed, and the patient has missed one before. Call them and confirm or move it.",
        )
        for row in rows
    ]


def _name_of(visit_id: UUID, starts_at: datetime) -> str:
    return f"{VISIT}:{visit_id}:{starts_at.isoformat()}"


def _a_number(patient_id: InstrumentedAttribute[UUID], clinic_id: str) -> Label[str]:
    """One of the patient's numbers, always the same."""
    return (
        select(PatientPhone.number)
        .where(PatientPhone.clinic_id == clinic_id, PatientPhone.patient_id == patient_id)
        .order_by(PatientPhone.number)
        .limit(1)
        .scalar_subquery()
        .label("number")
    )
