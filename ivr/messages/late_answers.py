"""The answer to an urgent text that was not stored when it came: sent as soon as it is found.

The request that brought the text is over, so its answer is a message of its own.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.messages import outbox
from ivr.messages.tables import OutboxMessage

KIND: outbox.Kind = "answer_sms"

WITHIN = timedelta(hours=2)
"""After the text: later nobody waits for an answer, and who is called back hears more than it
says [a judgement]."""


def send(
    session: Session,
    *,
    clinic_id: str,
    number: str,
    body: str,
    ticket_id: UUID,
    came_at: datetime,
    now: datetime,
) -> None:
    """Text `body` to `number` (E.164), at night too: they wrote of something urgent.

    Nothing where the text came too long ago, or the number was texted about this ticket before:
    whoever is afraid writes more than once. came_at: when their text came. Times are aware UTC.
    Raises UnsuitableText.
    """
    subject = f"answer:{ticket_id}"
    texted = select(OutboxMessage.id).where(
        OutboxMessage.clinic_id == clinic_id,
        OutboxMessage.subject == subject,
        OutboxMessage.to_number == number,
    )
    if is_too_late(came_at, now) or session.scalar(texted.limit(1)) is not None:
        return
    outbox.enqueue(
        session,
        clinic_id=clinic_id,
        kind=KIND,
        # After the pages: those bring somebody.
        lane="ordinary",
        subject=subject,
        to_number=number,
        body=body,
        due_at=now,
        now=now,
    )


def is_too_late(came_at: datetime, now: datetime) -> bool:
    """Whether a text of `came_at` is not answered any more at `now`."""
    return now - came_at > WITHIN
