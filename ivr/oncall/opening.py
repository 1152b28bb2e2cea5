"""Storing a new ticket: its number, its frozen plan, its pages, its first event."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ivr.messages import wording
from ivr.oncall import rota
from ivr.oncall.escalation import EventKind, is_dialable
from ivr.oncall.journal import append
from ivr.oncall.paging import page_everybody
from ivr.oncall.plan import Plan
from ivr.oncall.repage_rule import CALLS_AFTER
from ivr.oncall.supervisor import supervisor_of
from ivr.oncall.tables import Ticket, TicketCounter
from scheduling.tables import Clinic

STAFF_LANGUAGE = "en"
"""Staff are paged in English until the rota knows their language."""


def store_ticket(
    session: Session,
    *,
    clinic_id: str,
    call_sid: str,
    callback_number: str | None,
    language: str,
    link_base: str,
    now: datetime,
) -> Ticket:
    """Store a ticket for a call that has none.

    Raises sqlalchemy's IntegrityError where it has one: run inside a savepoint.
    """
    number = _next_number(session, clinic_id)
    clinic = session.scalar(select(Clinic.name).where(Clinic.id == clinic_id))
    base = link_base.rstrip("/")
    link = f"{base}/frontdesk/tickets/{number}"
    plan = Plan(
        people=rota.people_on_call(session, clinic_id, now),
        page=wording.page_text(STAFF_LANGUAGE, clinic or clinic_id, number, link),
        base=base,
        supervisor=supervisor_of(session, clinic_id),
    )
    # Whatever the carrier sent as caller ID, the ticket is stored; the number is asked for later.
    if callback_number is not None and not is_dialable(callback_number):
        callback_number = None
    ticket = Ticket(
        clinic_id=clinic_id,
        number=number,
        call_sid=call_sid,
        category="unknown",
        callback_number=callback_number,
        language=language,
        status="open",
        opened_at=now,
        plan=plan.to_json(),
        escalate_at=now + CALLS_AFTER,
        version=1,
    )
    session.add(ticket)
    session.flush()
    append(session, clinic_id, ticket.id, 1, EventKind.OPENED, now)
    page_everybody(session, clinic_id, ticket.id, plan, now)
    return ticket


def _next_number(session: Session, clinic_id: str) -> int:
    # One statement that both databases understand. Its row lock lasts until the ticket is stored,
    # so no number is given twice, and one that was not used is given again.
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    number: int | None = session.scalar(
        insert(TicketCounter)
        .values(clinic_id=clinic_id, last_number=1)
        .on_conflict_do_update(
            index_elements=[TicketCounter.clinic_id],
            set_={"last_number": TicketCounter.last_number + 1},
        )
        .returning(TicketCounter.last_number)
    )
    assert number is not None  # noqa: S101  # an upsert always returns its row
    return number
