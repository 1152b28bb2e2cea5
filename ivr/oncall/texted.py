"""The ticket of somebody who wrote an urgent word instead of calling.

Every function takes the open transaction and never commits. Times are aware UTC.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ivr.oncall import classifying, tickets
from ivr.oncall.escalation import EventKind
from ivr.oncall.journal import record
from ivr.oncall.leaving import caller_left
from ivr.oncall.recovering import waiting_of
from ivr.oncall.stored_ticket import of_call
from ivr.oncall.tables import Ticket, TicketCall
from scheduling.database import flush_or_lose


def open_ticket(
    session: Session,
    *,
    clinic_id: str,
    message_sid: str,
    number: str | None,
    language: str,
    category: str | None,
    link_base: str,
    now: datetime,
    missed_at: datetime | None = None,
) -> Ticket:
    """The ticket of this text: nobody waits on a line, so its pages are due at once.

    A number whose ticket is being paged for gets no second one: the text is added to it, and it is
    paged for again. The same text again changes nothing.
    message_sid: the carrier's id of the text. number: whose text it is, E.164; None where the
    carrier does not say. category: see ivr.oncall.triage; None where the words name none.
    link_base: PUBLIC_BASE_URL. missed_at: when the text came, if it was not stored then, aware UTC;
    None for now. Raises LostRace where another process adds the text at this moment.
    """
    standing = of_call(session, clinic_id, message_sid)
    if standing is not None:
        return standing
    ticket = waiting_of(session, clinic_id, number)
    if ticket is None:
        ticket = tickets.open_ticket(
            session,
            clinic_id=clinic_id,
            call_sid=message_sid,
            callback_number=number,
            language=language,
            link_base=link_base,
            now=now,
        )
        _note_missed(session, ticket, message_sid, missed_at, now)
        caller_left(session, clinic_id=clinic_id, call_sid=message_sid, now=now)
    else:
        session.add(TicketCall(clinic_id=clinic_id, call_sid=message_sid, ticket_id=ticket.id))
        flush_or_lose(session)
        _note_missed(session, ticket, message_sid, missed_at, now)
        tickets.page_now(session, clinic_id=clinic_id, ticket_id=ticket.id, now=now)
    if category is not None:
        classifying.classify(
            session, clinic_id=clinic_id, ticket_id=ticket.id, category=category, now=now
        )
    return ticket


def _note_missed(
    session: Session, ticket: Ticket, message_sid: str, came_at: datetime | None, now: datetime
) -> None:
    if came_at is not None:
        record(
            session,
            ticket.clinic_id,
            ticket.id,
            EventKind.RECOVERED,
            now,
            detail={"message_sid": message_sid, "called_at": came_at.isoformat()},
        )
