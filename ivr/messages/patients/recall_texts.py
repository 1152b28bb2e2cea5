"""Texts or calls whoever has to come back for a refill, in time and before the desk has to.

Worked out from the book as it is, each stored once. What is booked, put off or closed
meanwhile is not sent. Every function takes the open transaction and never commits. Times are aware
UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.messages import outbox
from ivr.messages.notice_tables import ReminderRound
from ivr.messages.patients import notices, reach, telling
from ivr.messages.patients.reach import OnFile, Reach
from ivr.messages.patients.recall_wording import recall_text
from ivr.messages.patients.telling import Told
from ivr.messages.tables import OutboxMessage
from ivr.messages.texting_hours import text_at
from scheduling.contact import ConsentKind
from scheduling.database import new_id
from scheduling.hours import local_day, zone_of
from scheduling.tables import Clinic, Recall

KIND: outbox.Kind = "recall_sms"
CALL: outbox.Kind = "recall_call"

RECALL_PATH = "/voice/recall"
"""Below PUBLIC_BASE_URL: what somebody hears whom we call because they have to come back."""

STEPS: Final = (21, 14)
"""Days before the due date: when a refill may be booked at the latest, and once more. [J] At seven
days the desk calls."""

THE_DESKS: Final = 7
"""From so many days before on it is the desk's: see call_list.py."""

AT_ONCE = 50
"""Texts and calls stored in one transaction."""


@dataclass(frozen=True, slots=True)
class Due:
    """A recall whose patient is to be told. subject: the same for the same recall and step."""

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


def plan(session: Session, clinic_id: str, *, base: str | None, now: datetime) -> int:
    """Store what is due; how many texts and calls. For the worker; several may do it at once.

    base: PUBLIC_BASE_URL; without it nobody is called.
    """
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
    return sum(_tell(session, clinic_id, one, people, base, now) for one in new)


def still_for(session: Session, message: OutboxMessage, now: datetime) -> OnFile | None:
    """Whom it is for, while what it says holds and may be said to this number; else None."""
    recall_id, due_on, _ = message.subject.removeprefix("recall:").split(":")
    recall = session.get(Recall, (message.clinic_id, UUID(recall_id)))
    zone = zone_of(session.get_one(Clinic, message.clinic_id).timezone)
    if recall is None or recall.status != "open" or recall.due_on.isoformat() != due_on:
        return None
    if step_due(recall.due_on, local_day(now, zone), recall.snoozed_until) is None:
        return None
    person = reach.on_file(session, message.clinic_id, [recall.patient_id])[recall.patient_id]
    channel = ConsentKind.CALL if message.kind == CALL else ConsentKind.SMS
    return person if reach.may_use(person, None, channel, message.to_number) else None


def told_by(
    session: Session, clinic_id: str, message_id: UUID, now: datetime
) -> tuple[str, str] | None:
    """Whom such a call goes to (E.164) and their language; None where nothing is due any more."""
    message = session.get(OutboxMessage, (clinic_id, message_id))
    if message is None or message.kind != CALL:
        return None
    person = still_for(session, message, now)
    return None if person is None else (message.to_number, person.language)


def told_last(
    session: Session, clinic_id: str, recalls: Collection[tuple[UUID, date]]
) -> Mapping[UUID, Told]:
    """What became of the last text or call about each recall that we sent one about.

    recalls: their ids and due dates.
    """
    subjects = {_subject(*one, step): one[0] for one in recalls for step in STEPS}
    told = telling.told_of(session, clinic_id, subjects)
    in_order = sorted(told.items(), key=lambda item: item[1].at)
    return {subjects[subject]: one for subject, one in in_order}


def _subject(recall_id: UUID, due_on: date, step: int) -> str:
    return f"recall:{recall_id}:{due_on.isoformat()}:{step}"


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
        Due(row.patient_id, _subject(row.id, row.due_on, step))
        for row in rows
        if (step := step_due(row.due_on, today, row.snoozed_until)) is not None
    ]


def _locked(session: Session, clinic_id: str) -> bool:
    """Whether this transaction alone plans for the clinic, from now to its end."""
    held = select(ReminderRound.clinic_id).where(ReminderRound.clinic_id == clinic_id)
    return session.scalar(held.with_for_update()) is not None


def _tell(
    session: Session,
    clinic_id: str,
    one: Due,
    people: Mapping[UUID, OnFile],
    base: str | None,
    now: datetime,
) -> bool:
    clinic, person = session.get_one(Clinic, clinic_id), people[one.patient_id]
    person = replace(person, calls=person.calls and base is not None)
    way = reach.choose(person, None, zone_of(clinic.timezone))
    if not isinstance(way, Reach):
        # The desk has them on its list a week ahead.
        return False
    sent = notices.sent_lately(session, clinic_id, [way.number], now)
    if sent.get(way.number, 0) >= notices.MOST_A_DAY:
        return False
    message_id = new_id()
    kind, body = CALL, f"{(base or '').rstrip('/')}{RECALL_PATH}/{message_id}"
    if way.channel is ConsentKind.SMS:
        kind = KIND
        body = recall_text(way.language, clinic=clinic.name, phone=clinic.phone_number)
    outbox.enqueue(
        session,
        id=message_id,
        clinic_id=clinic_id,
        kind=kind,
        lane="ordinary",
        subject=one.subject,
        to_number=way.number,
        body=body,
        due_at=text_at(now, way.zone),
        now=now,
    )
    return True
