"""The text with the link that a caller asks for: stored with their yes, sent by day, once.

Anything else that texts callers or patients follows the same three rules, so they stand apart:
text_consent (who may be texted), texting_hours (when), at most once (see AT_MOST_ONCE).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ivr.messages import given_up, outbox, text_consent
from ivr.messages.tables import OutboxMessage
from ivr.messages.telephony import Trouble
from ivr.messages.texting_hours import text_at

KIND: outbox.Kind = "link_sms"

AT_MOST_ONCE = frozenset({KIND})
"""Kinds of which none is sent twice: where it cannot be known whether one went out, the desk gets
it. A page may come twice, and must come once."""

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


def stop(session: Session, *, clinic_id: str, number: str, source: str, now: datetime) -> None:
    """The number's owner wants no more texts: what still waits for it is not sent.

    number: E.164. source: the MessageSid. now: aware UTC. Raises UnsuitablePhone, UnsuitableText.
    """
    text_consent.record(
        session, clinic_id=clinic_id, number=number, granted=False, source=source, now=now
    )
    outbox.cancel(session, clinic_id=clinic_id, subject=_subject(number))


def is_unsure(message: OutboxMessage, error: Trouble | None) -> bool:
    """Whether it may have gone out although nothing says so.

    message: as it was claimed. error: how this attempt failed; None before it is made.
    """
    if message.kind not in AT_MOST_ONCE:
        return False
    # An attempt that failed says why; one that says nothing was cut off while it was sent.
    cut_off = message.attempts > 1 and message.last_error is None
    return error is Trouble.TIMEOUT or (error is None and cut_off)


def not_delivered(
    session: Session,
    *,
    clinic_id: str,
    message_id: UUID,
    error: Trouble,
    error_code: int | None,
    now: datetime,
) -> None:
    """The carrier took it, and could not deliver it: to a landline, say. The desk is told, once.

    error_code: the carrier's own. now: aware UTC.
    """
    message = session.get(OutboxMessage, (clinic_id, message_id))
    if message is None or message.kind != KIND:
        return
    message.last_error, message.last_error_code = error.value, error_code
    note_refusal(session, message, error, now)
    given_up.tell_desk(
        session,
        message,
        error=error,
        error_code=error_code,
        attempts=message.attempts,
        now=now,
    )


def note_refusal(session: Session, message: OutboxMessage, error: str, now: datetime) -> None:
    """Keep the no of a number whose owner told the carrier to stop, and not us."""
    if message.kind == KIND and error == Trouble.OPTED_OUT:
        stop(
            session,
            clinic_id=message.clinic_id,
            number=message.to_number,
            source=f"message:{message.id}",
            now=now,
        )


def put_off(
    session: Session,
    messages: Sequence[OutboxMessage],
    zones: Mapping[str, ZoneInfo],
    now: datetime,
) -> list[OutboxMessage]:
    """Those of the claimed messages that may go out now; the others wait for the morning.

    A text that fell due by day may be claimed at night: after an outage, or to be tried again.
    zones: clinic id -> its zone. now: aware UTC.
    """
    kept = []
    for message in messages:
        due_at = text_at(now, zones[message.clinic_id]) if message.kind == KIND else now
        if due_at == now:
            kept.append(message)
            continue
        message.due_at, message.claimed_until = due_at, None
        message.attempts -= 1
    session.flush()
    return kept


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
