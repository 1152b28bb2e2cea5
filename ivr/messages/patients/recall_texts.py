"""Texts whoever has to come back for a refill, in time and before the desk has to call them.

Worked out from the book as it is, each text stored once. What is booked, put off or closed
meanwhile is not sent. Every function takes the open transaction and never commits. Times are aware
UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.messages import outbox
from ivr.messages.notice_tables import ReminderRound
from ivr.messages.patients import notices, reach
from ivr.messages.patients.reach import OnFile, Reach
from ivr.messages.patients.recall_wording import recall_text
from ivr.messages.tables import OutboxMessage
from ivr.messages.texting_hours import text_at
from scheduling.contact import ConsentKind
from scheduling.hours import local_day, zone_of
from scheduling.tables import Clinic, Recall

KIND: outbox.Kind = "recall_sms"

STEPS: Final = (21, 14)
"""Days before the due date: when a refill may be booked at the latest, and once more. [J] At seven
days the desk calls."""

THE_DESKS: Final = 7
"""From so many days before on it is the desk's: see call_list.py."""

AT_ONCE = 50
"""Texts stored in one transaction."""


@dataclass(frozen=True, slots=True)
class Due:
    """A recall whose patient is to be texted. subject: the same for the same recall and step."""

    patient_id: UUID
    subject: str


def step_due(due_on: date, today: date, snoozed_until: date | None) -> int | None:
    """Which of STEPS is due; None for none. Pure.

    Days of the clinic's calendar. One that was missed is not made up for once the next is due.
    """
    if snoozed_until is not None and today < snoozed_until:
        return None
    days = (due_on - today).days
    if days <= THE_DESKS:
        return None
    return next((step for step in reversed(STEPS) if days <= step), None)


def plan(session: Session, clinic_id: str, now: datetime) -> int:
    """Store what is due; how many texts. For the worker; several may do it at once."""
    found = _due(session, clinic_id, now)
    if not found or not _locked(session, clinic_id):
        return 0
    known = set(
        session.scalars(
            select(OutboxMessage.subject).where(
                OutboxMessage.clinic_id == clinic_id,
                OutboxMessage.subject.in_([one.subject for one in found]),
            )
        )
    )
    new = [one for one in found if one.subject not in known][:AT_ONCE]
    people = reach.on_file(session, clinic_id, {one.patient_id for one in new})
    return sum(_text(session, clinic_id, one, people, now) for one in new)


def is_true(session: Session, message: OutboxMessage, now: datetime) -> bool:
    """Whether what such a text says still holds, and may still be said to this number."""
    recall_id, due_on, _ = message.subject.removeprefix("recall:").split(":")
    recall = session.get(Recall, (message.clinic_id, UUID(recall_id)))
    zone = zone_of(session.get_one(Clinic, message.clinic_id).timezone)
    if recall is None or recall.status != "open" or recall.due_on.isoformat() != due_on:
        return False
    if step_due(recall.due_on, local_day(now, zone), recall.snoozed_until) is None:
        return False
    person = reach.on_file(session, message.clinic_id, [recall.patient_id])[recall.patient_id]
    return reach.may_use(person, None, ConsentKind.SMS, message.to_number)


def _due(session: Session, clinic_id: str, now: datetime) -> Sequence[Due]:
    today = local_day(now, zone_of(session.get_one(Clinic, clinic_id).timezone))
    rows = session.execute(
        select(Recall.id, Recall.patient_id, Recall.due_on, Recall.snoozed_until)
        .where(
            Recall.clinic_id == clinic_id,
            Recall.status == "open",
            Recall.pump_id.is_not(None),
            Recall.due_on > today + timedelta(days=THE_DESKS),
            Recall.due_on <= today + timedelta(days=max(STEPS)),
        )
        .order_by(Recall.due_on, Recall.id)
    )
    return [
        Due(row.patient_id, f"recall:{row.id}:{row.due_on.isoformat()}:{step}")
        for row in rows
        if (step := step_due(row.due_on, today, row.snoozed_until)) is not None
    ]


def _locked(session: Session, clinic_id: str) -> bool:
    """Whether this transaction alone plans for the clinic, from now to its end."""
    held = select(ReminderRound.clinic_id).where(ReminderRound.clinic_id == clinic_id)
    return session.scalar(held.with_for_update()) is not None


def _text(
    session: Session, clinic_id: str, one: Due, people: Mapping[UUID, OnFile], now: datetime
) -> bool:
    clinic = session.get_one(Clinic, clinic_id)
    person = replace(people[one.patient_id], calls=False)
    way = reach.choose(person, None, zone_of(clinic.timezone))
    if not isinstance(way, Reach):
        # The desk has them on its list a week ahead.
        return False
    sent = notices.sent_lately(session, clinic_id, [way.number], now)
    if sent.get(way.number, 0) >= notices.MOST_A_DAY:
        return False
    outbox.enqueue(
        session,
        clinic_id=clinic_id,
        kind=KIND,
        lane="ordinary",
        subject=one.subject,
        to_number=way.number,
        body=recall_text(way.language, clinic=clinic.name, phone=clinic.phone_number),
        due_at=text_at(now, way.zone),
        now=now,
    )
    return True
