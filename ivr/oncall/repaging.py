"""Pages for every ticket that nobody has accepted; what is due is repage_rule's to say.

A worker calls this at each look. Pages are stored together with the event that tells of them, so a
worker that dies, or two that look at once, page neither twice nor not at all.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.messages import desk_tasks
from ivr.oncall import paging
from ivr.oncall.engagement import Phones, phones
from ivr.oncall.escalation import EventKind, Person
from ivr.oncall.journal import events_of, record
from ivr.oncall.plan import Plan
from ivr.oncall.repage_rule import repage
from ivr.oncall.tables import Ticket

AGAIN_SOON = timedelta(seconds=10)
"""Where every phone rings for other tickets: until one may be free."""

AT_ONCE = 20
"""Tickets for one look: few enough that their pages are on their way before the next."""


def page_for_unaccepted(session: Session, *, now: datetime) -> int:
    """Store what is due at `now` (aware UTC) for the tickets that wait; how many those were.

    The ticket that waits longest comes first, and has the phones that are free first; where
    many wait, each its share of them.
    """
    due = session.scalars(
        select(Ticket)
        .where(Ticket.escalate_at <= now)
        .order_by(Ticket.opened_at, Ticket.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    busy: dict[str, Phones] = {}
    for ticket in due:
        if ticket.clinic_id not in busy:
            busy[ticket.clinic_id] = phones(session, clinic_id=ticket.clinic_id, now=now)
        busy[ticket.clinic_id] = _page(session, ticket, busy[ticket.clinic_id], len(due), now)
    return len(due)


def _page(session: Session, ticket: Ticket, busy: Phones, waiting: int, now: datetime) -> Phones:
    plan, about = Plan.from_json(ticket.plan), paging.subject(ticket.id)
    step = repage(events_of(session, ticket.clinic_id, ticket.id), now, ticket.callback_by)
    everybody = busy.to_call(plan.people, about, waiting) if step.everybody else ()
    busy = busy.after_calling(everybody, about)
    others = (plan.supervisor,) if step.supervisor and plan.supervisor is not None else ()
    supervisor = busy.to_call(others, about)
    busy = busy.after_calling(supervisor, about)
    # What is told of a round is that somebody was called in it. An empty plan has its rounds, too.
    done = {
        EventKind.REPAGED: step.everybody and bool(everybody or not plan.people),
        EventKind.SUPERVISOR_PAGED: step.supervisor and bool(supervisor or not others),
        EventKind.ALARM_RAISED: step.alarm,
    }
    for kind in [kind for kind, was_done in done.items() if was_done]:
        record(session, ticket.clinic_id, ticket.id, kind, now)
    _reach(session, ticket, plan, everybody, now, texts=step.texts)
    _reach(session, ticket, plan, supervisor, now, texts=True)
    if step.alarm:
        _raise_alarm(session, ticket, now)
    waits_for_a_phone = (step.everybody and not done[EventKind.REPAGED]) or (
        step.supervisor and not done[EventKind.SUPERVISOR_PAGED]
    )
    ticket.escalate_at = now + AGAIN_SOON if waits_for_a_phone else step.next_at
    session.flush()
    return busy


def _raise_alarm(session: Session, ticket: Ticket, now: datetime) -> None:
    desk_tasks.open_task(
        session,
        clinic_id=ticket.clinic_id,
        kind=paging.ALARM_TASK,
        callback_number=ticket.callback_number,
        language=ticket.language,
        note=f"Ticket {ticket.number}: nobody has accepted it",
        source=f"{paging.alarm_source(ticket.id)}{ticket.version}",
        now=now,
    )


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
