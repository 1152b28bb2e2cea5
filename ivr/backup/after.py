"""What must be seen to when a database comes back as it was some time ago."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ivr.audit import sealing
from ivr.call.tables import CallTurnRow
from ivr.frontdesk.tables import StaffSession
from ivr.messages import outbox
from ivr.messages.tables import OutboxMessage, WorkerHeartbeat
from ivr.oncall.tables import Ticket, TicketEvent
from scheduling.tables import Clinic, Visit, VisitEvent

HARMLESS_TWICE = ("hang_up", "delete_recording")

ERROR = "restored"
"""In place of a Trouble: nobody knows what became of it after the copy was made."""


@dataclass(frozen=True)
class Brought:
    """What came back.

    latest: the last thing in it that somebody did, aware UTC; None where there is nothing.
    held_back: messages left to the desk. broken: clinics whose audit is not what was sealed.
    """

    visits: int
    tickets: int
    latest: datetime | None
    held_back: int
    broken: tuple[str, ...]


def see_to(session: Session, *, key: bytes, now: datetime) -> Brought:
    """Hold back what may have gone out since the copy was made, and end what may have been ended.

    A page goes out again, which is right; any other message is left to the desk. Everybody at the
    desk signs in anew: a session that was revoked meanwhile would live again. key: of the seals.
    now: aware UTC.
    """
    session.execute(delete(StaffSession))
    session.execute(delete(WorkerHeartbeat))
    held = _hold_back(session, now)
    latest = [
        session.scalar(select(func.max(column)))
        for column in (CallTurnRow.answered_at, TicketEvent.at, VisitEvent.at)
    ]
    return Brought(
        visits=_count(session, Visit),
        tickets=_count(session, Ticket),
        latest=max((at for at in latest if at is not None), default=None),
        held_back=held,
        broken=tuple(
            clinic_id
            for clinic_id in session.scalars(select(Clinic.id).order_by(Clinic.id)).all()
            if sealing.first_broken(session, clinic_id, key) is not None
        ),
    )


def _hold_back(session: Session, now: datetime) -> int:
    due = session.scalars(
        select(OutboxMessage).where(
            OutboxMessage.state == "pending",
            OutboxMessage.lane == "ordinary",
            OutboxMessage.kind.not_in(HARMLESS_TWICE),
            OutboxMessage.due_at <= now,
        )
    ).all()
    for message in due:
        outbox.mark_failed(
            session,
            clinic_id=message.clinic_id,
            message_id=message.id,
            attempt=message.attempts,
            error=ERROR,
            error_code=None,
            now=now,
            retry_at=None,
        )
    return len(due)


def _count(session: Session, table: type[Visit | Ticket]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0
