"""Holds what is about to be sent to a patient against the book, consent and the clock: last moment.

Whoever changes a visit withdraws what waits about it; this finds what they did not know of, such as
a correction of an import, a number taken off the file, or a night that fell meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from ivr.messages import at_most_once, late_answers, outbox
from ivr.messages.notice_tables import VisitNotice
from ivr.messages.patients import notices, offers, reach, recall_texts
from ivr.messages.patients.reach import OnFile, Unreached
from ivr.messages.patients.reminder_rules import useful_until
from ivr.messages.patients.wording import Occasion
from ivr.messages.tables import OutboxMessage
from ivr.messages.texting_hours import text_at
from scheduling.contact import ConsentKind
from scheduling.hours import zone_of
from scheduling.states import VisitStatus
from scheduling.tables import Clinic, Visit

_AHEAD = (VisitStatus.BOOKED, VisitStatus.CONFIRMED)


_STILL_FOR: Mapping[str, Callable[[Session, OutboxMessage, datetime], OnFile | None]] = {
    offers.KIND: offers.still_for,
    offers.CALL: offers.still_for,
    recall_texts.KIND: recall_texts.still_for,
    recall_texts.CALL: recall_texts.still_for,
}
"""What is held against something else than a visit."""

_AT_ANY_HOUR = (late_answers.KIND,)
"""Whoever writes of something urgent at night is awake."""


def begin(session: Session, message: OutboxMessage, now: datetime) -> bool:
    """Mark it as being handed over, if it is to go out now; see at_most_once.

    message: as it was claimed. now: aware UTC. What is not true any more is cancelled, what may
    not go out at this hour waits for the morning.
    """
    clinic = session.get_one(Clinic, message.clinic_id)
    zone = zone_of(clinic.timezone)
    if message.kind in notices.KINDS:
        rows = _rows(session, message)
        if not rows or any(_is_untrue(row) for row in rows):
            _drop(session, message)
            return False
        people = reach.on_file(
            session, message.clinic_id, {row.patient_id for row in rows}, [message.to_number]
        )
        channel = ConsentKind.CALL if message.kind in at_most_once.CALLS else ConsentKind.SMS
        for row in rows:
            person = people[row.patient_id]
            if not reach.may_use(person, row.callback_number, channel, message.to_number):
                _drop(session, message)
                return False
            zone = person.zone or zone
        if any(now >= useful_until(Occasion(row.occasion), row.starts_at) for row in rows):
            _give_up(session, message, now)
            return False
    still_for = _STILL_FOR.get(message.kind)
    if still_for is not None:
        recipient = still_for(session, message, now)
        if recipient is None:
            outbox.cancel_one(session, message)
            return False
        zone = recipient.zone or zone
    if message.kind == late_answers.KIND and late_answers.is_too_late(message.created_at, now):
        outbox.cancel_one(session, message)
        return False
    due_at = text_at(now, zone)
    if due_at > now and message.kind not in _AT_ANY_HOUR:
        outbox.put_off(session, message, due_at)
        return False
    return at_most_once.begin(session, message, now)


def _rows(session: Session, message: OutboxMessage) -> Sequence[Any]:
    return session.execute(
        select(
            VisitNotice.occasion,
            VisitNotice.starts_at,
            Visit.id,
            Visit.status,
            Visit.starts_at.label("now_at"),
            Visit.patient_id,
            Visit.callback_number,
        )
        .join(
            Visit, and_(Visit.clinic_id == VisitNotice.clinic_id, Visit.id == VisitNotice.visit_id)
        )
        .where(VisitNotice.clinic_id == message.clinic_id, VisitNotice.message_id == message.id)
        .order_by(VisitNotice.starts_at)
    ).all()


def _is_untrue(row: Any) -> bool:
    if row.occasion == Occasion.CANCELLED:
        return bool(row.status != VisitStatus.CANCELLED)
    return bool(row.status not in _AHEAD or row.now_at != row.starts_at)


def _drop(session: Session, message: OutboxMessage) -> None:
    """Not sent, and nobody was told: what is still to be told is planned anew."""
    if outbox.cancel_one(session, message):
        notices.forget(session, message.clinic_id, [message.id])


def _give_up(session: Session, message: OutboxMessage, now: datetime) -> None:
    """It could not go out in time: the desk is told, who may still call."""
    outbox.mark_failed(
        session,
        clinic_id=message.clinic_id,
        message_id=message.id,
        attempt=message.attempts,
        error=Unreached.TOO_LATE.value,
        error_code=None,
        now=now,
        retry_at=None,
    )
