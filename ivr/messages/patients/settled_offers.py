"""Ticks off what the desk was to do about a kept time, once nothing is kept any more.

The desk is asked to call about a time where nobody may text or call its patient, or where our text
or call did not arrive. When the time is taken, passed on or lapsed, a call would be in vain.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ivr.messages import desk_tasks, failures
from ivr.messages.patients.offers import CALL, KIND, OF_AN_OFFER, offer_id_of
from ivr.messages.tables import DeskTask, OutboxMessage
from scheduling.tables import WaitlistOffer


def tick_off(session: Session, clinic_id: str, now: datetime) -> int:
    """How many it were. Takes the open transaction and never commits. now: aware UTC."""
    about = _waiting(session, clinic_id)
    if not about:
        return 0
    kept = set(
        session.scalars(
            select(WaitlistOffer.id).where(
                WaitlistOffer.clinic_id == clinic_id,
                WaitlistOffer.id.in_(about.values()),
                WaitlistOffer.status == "open",
            )
        )
    )
    over = [task_id for task_id, offer_id in about.items() if offer_id not in kept]
    for task_id in over:
        desk_tasks.mark_done(session, clinic_id, task_id, by=desk_tasks.SEEN_TO, now=now)
    return len(over)


def _waiting(session: Session, clinic_id: str) -> dict[UUID, UUID]:
    """Each thing to do about a kept time, and about which."""
    tasks = session.scalars(
        select(DeskTask).where(
            DeskTask.clinic_id == clinic_id,
            DeskTask.done_at.is_(None),
            or_(
                DeskTask.source.startswith(OF_AN_OFFER),
                DeskTask.kind == failures.task_of(KIND),
            ),
        )
    ).all()
    messages = {one.id: found for one in tasks if (found := failures.message_of(one)) is not None}
    of_these = select(OutboxMessage.id, OutboxMessage.subject).where(
        OutboxMessage.clinic_id == clinic_id,
        OutboxMessage.id.in_(messages.values()),
        OutboxMessage.kind.in_((KIND, CALL)),
    )
    subjects = {row.id: row.subject for row in session.execute(of_these)} if messages else {}
    named = {one.id: one.source for one in tasks if one.id not in messages}
    named |= {task_id: subjects.get(message_id) for task_id, message_id in messages.items()}
    return {
        task_id: offer_id_of(name)
        for task_id, name in named.items()
        if name is not None and name.startswith(OF_AN_OFFER)
    }
