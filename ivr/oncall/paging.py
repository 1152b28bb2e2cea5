"""The texts that page on-call staff about a ticket: stored with it, sent by a worker."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from ivr.messages import outbox
from ivr.oncall.escalation import PAGE_AFTER, is_dialable
from ivr.oncall.plan import Plan


def page_everybody(
    session: Session, clinic_id: str, ticket_id: UUID, plan: Plan, now: datetime
) -> None:
    """One text for each phone of the plan, due in 60 s; acceptance before that cancels them."""
    for number in plan.numbers:
        # A ticket is never lost to a bad number on the list.
        if is_dialable(number):
            outbox.enqueue(
                session,
                clinic_id=clinic_id,
                kind="page_sms",
                lane="urgent",
                subject=subject(ticket_id),
                to_number=number,
                body=plan.page,
                due_at=now + PAGE_AFTER,
                now=now,
            )


def subject(ticket_id: UUID) -> str:
    """Under which everything that is sent about a ticket stands in the outbox."""
    return f"ticket:{ticket_id}"
