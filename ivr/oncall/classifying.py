"""What a ticket is about, and what is left to the desk: stored with the ticket.

Every function takes the open transaction and never commits. Times are aware UTC.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from ivr.messages import outbox
from ivr.oncall.escalation import EventKind
from ivr.oncall.journal import record
from ivr.oncall.paging import subject
from ivr.oncall.stored_ticket import locked
from ivr.oncall.triage import TIERS, Tier, raised


def classify(
    session: Session, *, clinic_id: str, ticket_id: UUID, category: str, now: datetime
) -> str:
    """The caller named `category`; the category that the ticket has now: see triage.raised().

    In an emergency the texts that page staff go out at once. Raises UnknownTicket.
    """
    found = locked(session, clinic_id, ticket_id)
    becomes = raised(found.category, category)
    if becomes != found.category:
        record(
            session,
            clinic_id,
            ticket_id,
            EventKind.CLASSIFIED,
            now,
            detail={"category": becomes},
            change={"category": becomes},
        )
    if TIERS[becomes] is Tier.EMERGENCY and found.accepted_by is None:
        outbox.make_due(session, clinic_id=clinic_id, subject=subject(ticket_id), now=now)
    return becomes


def leave_to_desk(
    session: Session, *, clinic_id: str, ticket_id: UUID, until: datetime, now: datetime
) -> bool:
    """Nobody is rung or paged before `until`: the caller wants the call back promised for then.

    False, and nothing is changed, where somebody has the ticket or it is more urgent than that.
    Raises UnknownTicket.
    """
    found = locked(session, clinic_id, ticket_id)
    if found.accepted_by is not None or TIERS[found.category] is not Tier.SAME_DAY:
        return False
    record(
        session,
        clinic_id,
        ticket_id,
        EventKind.DEFERRED,
        now,
        detail={"until": until.isoformat()},
        change={"callback_by": until, "escalate_at": until},
    )
    outbox.cancel(session, clinic_id=clinic_id, subject=subject(ticket_id))
    return True
