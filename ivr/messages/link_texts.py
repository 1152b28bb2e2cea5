"""The text with the link that a caller asks for: stored with their yes, sent by day, once.

Anything else that texts callers or patients follows the same three rules, so they stand apart:
text_consent (who may be texted), texting_hours (when), at_most_once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ivr.messages import outbox, text_consent
from ivr.messages.tables import OutboxMessage
from ivr.messages.texting_hours import text_at

KIND: outbox.Kind = "link_sms"

MOST_A_DAY = 3
"""Texts to one number in 24 hours: anybody can key anybody's number."""

DAY = timedelta(hours=24)


class Fate(StrEnum):
    """What became of the wish for a text."""

    NOW = "now"
    MORNING = "morning"
    OPTED_OUT = "opted_out"
    ENOUGH = "enough"


def send(
    session: Session,
    *,
    clinic_id: str,
    zone: ZoneInfo,
    number: str,
    body: str,
    source: str,
    now: datetime,
) -> Fate:
    """Store the yes that was just said, and the text. A number that said STOP gets neither.

    number: E.164. source: the CallSid. now: aware UTC. Raises UnsuitablePhone, UnsuitableText.
    """
    if text_consent.consents(session, clinic_id, number) is False:
        return Fate.OPTED_OUT
    if _stored_lately(session, clinic_id, number, now) >= MOST_A_DAY:
        return Fate.ENOUGH
    text_consent.record(
        session, clinic_id=clinic_id, number=number, granted=True, source=source, now=now
    )
    due_at = text_at(now, zone)
    outbox.enqueue_once(
        session,
        clinic_id=clinic_id,
        kind=KIND,
        lane="ordinary",
        subject=_subject(number),
        to_number=number,
        body=body,
        due_at=due_at,
        now=now,
    )
    return Fate.NOW if due_at == now else Fate.MORNING


def _stored_lately(session: Session, clinic_id: str, number: str, now: datetime) -> int:
    counted = session.scalar(
        select(func.count())
        .select_from(OutboxMessage)
        .where(
            OutboxMessage.clinic_id == clinic_id,
            OutboxMessage.subject == _subject(number),
            OutboxMessage.created_at > now - DAY,
        )
    )
    return counted or 0


def _subject(number: str) -> str:
    return f"link:{number}"
