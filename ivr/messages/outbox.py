"""The outbox: what is to be sent, stored with what caused it, and recorded as it ended.

Claim, send, record are three steps, of which only the first and the last are transactions:

    claim    one worker takes the message until `claimed_until`: see claiming
    send     outside any transaction, since the carrier may take seconds to answer
    record   sent, or failed and due again, or given up to the desk

A worker that dies between send and record leaves a claim that lapses, and the message is sent
again: at least once, which is right for a page and wrong for a reminder. What must not go out twice
is marked right before it is sent; see at_most_once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NotRequired, TypedDict, Unpack
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from ivr.messages import given_up
from ivr.messages.tables import OutboxMessage
from scheduling.checked_input import aware, phone, text
from scheduling.database import new_id

Kind = Literal[
    "page_sms",
    "page_call",
    "hang_up",
    "trial_call",
    "link_sms",
    "answer_sms",
    "visit_sms",
    "reminder_sms",
    "reminder_call",
    "offer_call",
    "recall_call",
    "offer_sms",
    "recall_sms",
    "delete_recording",
]
"""A call's body is the URL that answers what is heard; a hang-up's, the carrier's id of a call, and
a deletion's, the carrier's id of a recording."""

Lane = Literal["urgent", "ordinary"]


class NewMessage(TypedDict):
    """What a message is stored with; see OutboxMessage. `now`: when that is, aware UTC."""

    id: NotRequired[UUID]
    clinic_id: str
    kind: Kind
    lane: Lane
    subject: str
    to_number: str
    body: str
    due_at: datetime
    now: datetime


def enqueue(session: Session, **message: Unpack[NewMessage]) -> OutboxMessage:
    """Store a message to be sent at `due_at` (aware UTC) or soon after.

    Raises UnsuitablePhone, UnsuitableText or NaiveTime.
    """
    row = OutboxMessage(
        id=message.get("id") or new_id(),
        clinic_id=message["clinic_id"],
        kind=message["kind"],
        lane=message["lane"],
        subject=message["subject"],
        to_number=phone(message["to_number"], "the number to send to"),
        body=text(message["body"], "the text to send", at_most=1600),
        due_at=aware(message["due_at"], "due_at"),
        attempts=0,
        state="pending",
        created_at=message["now"],
    )
    session.add(row)
    session.flush()
    return row


def enqueue_once(session: Session, **message: Unpack[NewMessage]) -> None:
    """The same, unless one of this kind to this number about this subject still waits."""
    waiting = session.scalar(
        select(OutboxMessage.id)
        .where(
            *_pending(message["clinic_id"], message["subject"]),
            OutboxMessage.kind == message["kind"],
            OutboxMessage.to_number == message["to_number"],
        )
        .limit(1)
    )
    if waiting is None:
        enqueue(session, **message)


def make_due(session: Session, *, clinic_id: str, subject: str, now: datetime) -> int:
    """Pull what is still to be sent about `subject` forward to `now`; return how many moved.

    One that is waiting after a failed attempt keeps waiting: the carrier asked for that.
    """
    hurried = session.scalars(
        update(OutboxMessage)
        .where(
            *_pending(clinic_id, subject), OutboxMessage.due_at > now, OutboxMessage.attempts == 0
        )
        .values(due_at=now)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    return len(hurried.all())


def cancel(session: Session, *, clinic_id: str, subject: str) -> int:
    """Do not send what is still to be sent about `subject`; return how many that were.

    One that a worker has in hand may still go out, and is then recorded as sent.
    """
    cancelled = session.scalars(
        update(OutboxMessage)
        .where(*_pending(clinic_id, subject))
        .values(state="cancelled", claimed_until=None)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    return len(cancelled.all())


def cancel_one(session: Session, message: OutboxMessage) -> bool:
    """Do not send this one, claimed by the caller; False where it is no longer theirs to decide."""
    cancelled = session.scalar(
        update(OutboxMessage)
        .where(*claimed_as(message.clinic_id, message.id, message.attempts))
        .values(state="cancelled", claimed_until=None)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    return cancelled is not None


def put_off(session: Session, message: OutboxMessage, due_at: datetime) -> None:
    """Send this one, claimed by the caller, at `due_at` (aware UTC) or soon after, not now.

    That it was claimed counts for no attempt.
    """
    session.execute(
        update(OutboxMessage)
        .where(*claimed_as(message.clinic_id, message.id, message.attempts))
        .values(due_at=due_at, claimed_until=None, attempts=OutboxMessage.attempts - 1)
        .execution_options(synchronize_session=False)
    )


def sent_since(
    session: Session, *, clinic_id: str, subject: str, kind: Kind, since: datetime
) -> Sequence[OutboxMessage]:
    """What the carrier took about `subject` since then (aware UTC)."""
    return session.scalars(
        select(OutboxMessage).where(
            OutboxMessage.clinic_id == clinic_id,
            OutboxMessage.subject == subject,
            OutboxMessage.kind == kind,
            OutboxMessage.state == "sent",
            OutboxMessage.sent_at >= since,
        )
    ).all()


def on_their_way(
    session: Session, *, clinic_id: str, kind: Kind, since: datetime
) -> Sequence[OutboxMessage]:
    """What of a kind is still to be sent, or was since then (aware UTC)."""
    return session.scalars(
        select(OutboxMessage).where(
            OutboxMessage.clinic_id == clinic_id,
            OutboxMessage.kind == kind,
            or_(
                OutboxMessage.state == "pending",
                and_(OutboxMessage.state == "sent", OutboxMessage.sent_at >= since),
            ),
        )
    ).all()


def mark_sent(
    session: Session, *, clinic_id: str, message_id: UUID, provider_id: str, now: datetime
) -> None:
    """The carrier has taken it. True whatever became of the message meanwhile: it did go out."""
    session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.clinic_id == clinic_id,
            OutboxMessage.id == message_id,
            OutboxMessage.state != "sent",
        )
        .values(state="sent", provider_id=provider_id, sent_at=now, claimed_until=None)
        .execution_options(synchronize_session=False)
    )


def mark_failed(
    session: Session,
    *,
    clinic_id: str,
    message_id: UUID,
    attempt: int,
    error: str,
    error_code: int | None,
    now: datetime,
    retry_at: datetime | None,
) -> None:
    """The carrier did not take it: try again at `retry_at`, or give up where that is None.

    Giving up opens a desk task, which names the reason.
    attempt: the message's `attempts` as it was claimed. Where another worker has claimed it since
        or it was cancelled or sent, nothing is recorded: this failure is no longer its state.
    """
    values: dict[str, object] = {
        "last_error": error,
        "last_error_code": error_code,
        "claimed_until": None,
        "handed_at": None,
    }
    values |= {"state": "failed"} if retry_at is None else {"due_at": retry_at}
    recorded = session.execute(
        update(OutboxMessage)
        .where(*claimed_as(clinic_id, message_id, attempt))
        .values(values)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if recorded is None or retry_at is not None:
        return
    given_up.tell_desk(
        session,
        session.get_one(OutboxMessage, (clinic_id, message_id)),
        error=error,
        error_code=error_code,
        now=now,
    )


def _pending(clinic_id: str, subject: str) -> tuple[ColumnElement[bool], ...]:
    return (
        OutboxMessage.clinic_id == clinic_id,
        OutboxMessage.subject == subject,
        OutboxMessage.state == "pending",
    )


def claimed_as(clinic_id: str, message_id: UUID, attempt: int) -> tuple[ColumnElement[bool], ...]:
    """Picks the message while it is still the one that was claimed as this attempt."""
    return (
        OutboxMessage.clinic_id == clinic_id,
        OutboxMessage.id == message_id,
        OutboxMessage.state == "pending",
        OutboxMessage.attempts == attempt,
    )
