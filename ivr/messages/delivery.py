"""What the carrier reports of a text or call once it has taken it. Late, repeated, out of order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.messages import at_most_once, given_up, opting_out, outbox
from ivr.messages.tables import OutboxMessage
from ivr.messages.telephony import Trouble

ANSWERED, MACHINE = "answered", "machine"
"""A call was picked up: by a person as far as anybody can tell, or by a machine."""

_LAST: Final = 9

ORDER: Final[Mapping[str, int]] = {
    "accepted": 0,
    "scheduled": 0,
    "queued": 0,
    "initiated": 1,
    "sending": 1,
    "ringing": 2,
    "sent": 3,
    "in-progress": 3,
    "completed": 4,
    **dict.fromkeys(("delivered", "undelivered", "failed"), _LAST),
    **dict.fromkeys((ANSWERED, MACHINE, "busy", "no-answer", "canceled"), _LAST),
}
"""How far along each report says it is. Nothing follows the last ones: the first of them stands,
whatever comes late or again. That a call was picked up is our own report, and as final."""

NOT_DELIVERED: Final[frozenset[str]] = frozenset(
    {"undelivered", "failed", "busy", "no-answer", "canceled", "completed"}
)
"""Nobody was told anything. A call whose last word is "completed" was picked up, and what it had to
say was never fetched from us: they hung up first, or our answer did not come [twilio-rules 1]."""

_ARRIVED: Final[frozenset[str]] = frozenset({"delivered", ANSWERED, MACHINE})


def supersedes(report: str, before: str | None) -> bool:
    """Whether a report tells more than the one before. An unknown one tells nothing. Pure."""
    if report not in ORDER:
        return False
    return before is None or ORDER[report] > ORDER.get(before, -1)


def report(
    session: Session,
    *,
    clinic_id: str,
    message_id: UUID,
    status: str,
    sid: str,
    trouble: Trouble,
    error_code: int | None,
    now: datetime,
) -> None:
    """Keep what became of a message; of one that did not arrive the desk is told, once.

    sid: the carrier's id. trouble, error_code: why, where it did not arrive. now: aware UTC.
    A report also settles whether the carrier took a message whose answer never came.
    """
    message = session.scalar(
        select(OutboxMessage)
        .where(OutboxMessage.clinic_id == clinic_id, OutboxMessage.id == message_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if message is None or message.kind not in at_most_once.KINDS or status not in ORDER:
        return
    if message.state != "sent" and sid:
        outbox.mark_sent(
            session, clinic_id=clinic_id, message_id=message_id, provider_id=sid, now=now
        )
        session.refresh(message)
    if not supersedes(status, message.delivery):
        return
    message.delivery, message.delivered_at = status, now
    session.flush()
    if status in _ARRIVED and message.last_error is not None:
        given_up.take_back(session, message, now)
    if status not in NOT_DELIVERED:
        return
    message.last_error, message.last_error_code = trouble.value, error_code
    session.flush()
    opting_out.note_refusal(session, message, trouble, now)
    given_up.tell_desk(
        session,
        message,
        error=trouble,
        error_code=error_code,
        now=now,
    )
