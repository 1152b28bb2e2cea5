"""Pages for every ticket that nobody has accepted; what is due is repage_rule's to say.

A worker calls this at each look. Pages are stored together with the event that tells of them, so a
worker that dies, or two that look at once, page neither twice nor not at all.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.messages import desk_tasks
from ivr.oncall import paging
from ivr.oncall.escalation import EventKind, Person
from ivr.oncall.journal import events_of, record
from ivr.oncall.plan import Plan
from ivr.oncall.repage_rule import Repage, repage
from ivr.oncall.tables import Ticket

AT_ONCE = 20
"""Tickets for one look: few enough that their pages are on their way before the next."""


def page_for_unaccepted(session: Session, *, now: datetime) -> int:
    """Store what is due at `now` (aware UTC) for the tickets that wait; how many those were.

    The ticket that waits longest comes first.
    """
    due = session.scalars(
        select(Ticket)
        .where(Ticket.escalate_at <= now)
        .order_by(Ticket.opened_at, Ticket.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for ticket in due:
        _page(session, ticket, now)
    return len(due)


def _page(session: Session, ticket: Ticket, now: datetime) -> None:
    plan = Plan.from_json(ticket.plan)
    step = repage(events_of(session, ticket.clinic_id, ticket.id), now, ticket.callback_by)
    for kind in _kinds(step):
        record(session, ticket.clinic_id, ticket.id, kind, now)
    if step.everybody:
        _reach(session, ticket, plan, plan.people, now, texts=step.texts)
    if step.supervisor and plan.supervisor is not None:
        _reach(session, ticket, plan, (plan.supervisor,), now, texts=True)
    if step.alarm:
        desk_tasks.open_task(
            session,
            clinic_id=ticket.clinic_id,
            kind="urgent_unanswered",
            callback_number=ticket.callback_number,
            language=ticket.language,
            note=f"Ticket {ticket.number}: nobody has accepted it",
            source=f"alarm:{ticket.id}:{ticket.version}",
            now=now,
        )
    ticket.escalate_at = step.next_at
    session.flush()


def _kinds(step: Repage) -> list[EventKind]:
    kinds = {
        EventKind.REPAGED: step.everybody,
        EventKind.SUPERVISOR_PAGED: step.supervisor,
        EventKind.ALARM_RAISED: step.alarm,
    }
    return [kind for kind, due in kinds.items() if due]


def _reach(
    session: Session,
    ticket: Ticket,
    plan: Plan,
    people: tuple[Person, ...],
    now: datetime,
    *,
    texts: bool,
) -> None:
    clinic_id, ticket_id = ticket.clinic_id, ticket.id
    paging.call(
        session, clinic_id=clinic_id, ticket_id=ticket_id, plan=plan, people=people, now=now
    )
    if texts:
        paging.text(
            session,
            clinic_id=clinic_id,
            ticket_id=ticket_id,
            plan=plan,
            people=people,
            due_at=now,
            now=now,
        )
