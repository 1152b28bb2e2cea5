"""The answer to an urgent text that was not stored when it came: sent as soon as it is found.

The request that brought the text is over, so its answer is a message of its own.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ivr.messages import outbox

KIND: outbox.Kind = "answer_sms"


def send(
    session: Session, *, clinic_id: str, number: str, body: str, source: str, now: datetime
) -> None:
    """Text `body` to `number` (E.164) at once, at night too: they wrote of something urgent.

    source: the carrier's id of the text it answers. now: aware UTC. Raises UnsuitableText.
    """
    outbox.enqueue_once(
        session,
        clinic_id=clinic_id,
        kind=KIND,
        lane="urgent",
        subject=f"text:{source}",
        to_number=number,
        body=body,
        due_at=now,
        now=now,
    )
