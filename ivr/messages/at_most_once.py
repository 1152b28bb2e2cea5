"""Texts and calls of which none goes out twice: what callers and patients get, unlike pages.

Exactly once cannot be had over a network. So each is marked right before it is handed to the
carrier, in a transaction of its own:

    begin    marked, and only where it is still true and still to be sent
    send     outside any transaction
    record   sent, or plainly refused, and the mark is gone

A mark that is left over, because the worker died or no answer came, means that nobody here knows.
Then the carrier is asked: what its list shows was sent; what its list does not show, long after
it should, was not, and is sent again. Where it cannot be asked, the desk gets it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from ivr.messages import outbox
from ivr.messages.backoff import backoff
from ivr.messages.tables import OutboxMessage
from ivr.messages.telephony import CarrierError, Telephony, Trouble

CALLS: frozenset[outbox.Kind] = frozenset({"reminder_call", "offer_call", "recall_call"})

KINDS: frozenset[outbox.Kind] = CALLS | {
    "link_sms",
    "answer_sms",
    "visit_sms",
    "reminder_sms",
    "offer_sms",
    "recall_sms",
}
"""All that is not for staff; CALLS ring, the others are texts."""

LISTED_WITHIN = timedelta(minutes=2)
"""By then the carrier's list shows what it has taken. It lags by some seconds, the local phone
company's by 30 [a judgement: four times as long]."""

UNDECIDED_FOR = timedelta(hours=1)
"""For so long the carrier is asked, then the desk gets it: later nobody could do much about it."""

ASK_AGAIN_AFTER = timedelta(minutes=1)

CLOCKS_DIFFER = timedelta(minutes=1)
"""By how much the carrier's clock may be behind ours."""

UNDECIDED = "undecided"
"""In place of a Trouble: it may have been sent or not, and the carrier would not say."""

_NO_FAULT_OF_THE_REQUEST = 500


def begin(session: Session, message: OutboxMessage, now: datetime) -> bool:
    """Mark it as being handed over; False where it is not to be sent (any more).

    message: as it was claimed. now: aware UTC.
    """
    marked = session.scalar(
        update(OutboxMessage)
        .where(
            *outbox.claimed_as(message.clinic_id, message.id, message.attempts),
            OutboxMessage.handed_at.is_(None),
        )
        .values(handed_at=now)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    return marked is not None


def is_undecided(error: CarrierError) -> bool:
    """Whether the carrier may have taken it although it did not say so."""
    return (
        error.kind is Trouble.TIMEOUT
        or error.http_status is None
        or error.http_status >= _NO_FAULT_OF_THE_REQUEST
    )


def leave_undecided(
    session: Session, message: OutboxMessage, *, error: str, error_code: int | None, now: datetime
) -> None:
    """No answer came: the mark stays, and the carrier is asked once its list must show it."""
    session.execute(
        update(OutboxMessage)
        .where(*outbox.claimed_as(message.clinic_id, message.id, message.attempts))
        .values(
            last_error=error,
            last_error_code=error_code,
            claimed_until=None,
            due_at=now + LISTED_WITHIN,
        )
        .execution_options(synchronize_session=False)
    )


def claim_undecided(
    session: Session, *, now: datetime, limit: int, lease: timedelta
) -> Sequence[OutboxMessage]:
    """Take up to `limit` messages of which nobody knows whether they went out. All clinics."""
    claimed = session.scalars(
        select(OutboxMessage)
        .where(
            OutboxMessage.state == "pending",
            OutboxMessage.handed_at <= now - LISTED_WITHIN,
            or_(OutboxMessage.claimed_until.is_(None), OutboxMessage.claimed_until <= now),
        )
        .order_by(OutboxMessage.handed_at, OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for message in claimed:
        message.claimed_until = now + lease
    session.flush()
    return claimed


def known_to_us(session: Session, message: OutboxMessage) -> frozenset[str]:
    """The carrier's ids of what else went to that number of late: they are not this message."""
    assert message.handed_at is not None  # noqa: S101  # only marked ones are claimed
    ids = session.scalars(
        select(OutboxMessage.provider_id).where(
            OutboxMessage.clinic_id == message.clinic_id,
            OutboxMessage.to_number == message.to_number,
            OutboxMessage.provider_id.is_not(None),
            OutboxMessage.sent_at >= message.handed_at - 2 * UNDECIDED_FOR,
        )
    )
    return frozenset(one for one in ids if one is not None)


def ask(
    telephony: Telephony, message: OutboxMessage, sender: str, known: Collection[str]
) -> str | None:
    """The carrier's id of the message, where its list shows that it went out. Raises CarrierError.

    sender: the clinic's line, E.164. known: see known_to_us().
    """
    assert message.handed_at is not None  # noqa: S101  # only marked ones are claimed
    since = message.handed_at - CLOCKS_DIFFER
    if message.kind in CALLS:
        calls = telephony.list_calls(since=since, to=message.to_number, from_=sender)
        found = [one.sid for one in calls if one.parent_sid is None]
    else:
        texts = telephony.list_texts(since=since, to=message.to_number, from_=sender)
        found = [one.sid for one in texts if one.body == message.body]
    return next((sid for sid in found if sid not in known), None)


def settle(session: Session, message: OutboxMessage, sid: str | None, now: datetime) -> bool:
    """Record what the carrier's list says: sent, or to be sent again; whether it was sent.

    sid: the carrier's id; None where the list does not show it. message: as it was claimed.
    Whatever became known of it meanwhile stands.
    """
    if sid is not None:
        outbox.mark_sent(
            session, clinic_id=message.clinic_id, message_id=message.id, provider_id=sid, now=now
        )
        return True
    kind = Trouble(message.last_error) if message.last_error else Trouble.TIMEOUT
    wait = backoff(message.attempts, kind)
    outbox.mark_failed(
        session,
        clinic_id=message.clinic_id,
        message_id=message.id,
        attempt=message.attempts,
        error=kind.value,
        error_code=message.last_error_code,
        now=now,
        retry_at=None if wait is None else now,
    )
    return False


def still_undecided(session: Session, message: OutboxMessage, now: datetime) -> None:
    """The carrier could not be asked: ask again soon, or leave it to the desk in the end."""
    assert message.handed_at is not None  # noqa: S101  # only marked ones are claimed
    if now - message.handed_at < UNDECIDED_FOR:
        session.execute(
            update(OutboxMessage)
            .where(*outbox.claimed_as(message.clinic_id, message.id, message.attempts))
            .values(claimed_until=now + ASK_AGAIN_AFTER)
            .execution_options(synchronize_session=False)
        )
        return
    outbox.mark_failed(
        session,
        clinic_id=message.clinic_id,
        message_id=message.id,
        attempt=message.attempts,
        error=UNDECIDED,
        error_code=message.last_error_code,
        now=now,
        retry_at=None,
    )
