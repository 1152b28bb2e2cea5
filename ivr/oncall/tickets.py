"""The ticket of an urgent call: opened once, its callback number kept, its pages hurried.

Every function takes the open transaction and never commits. All that happens to a ticket is
stored together with its event, under the lock of the ticket's row. Times are aware UTC. Who is
rung is in ringing.py, who has it in acceptance.py, what a hang-up means in leaving.py.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ivr.messages import outbox
from ivr.oncall.closing import reopen_if_closed
from ivr.oncall.escalation import EventKind
from ivr.oncall.journal import record
from ivr.oncall.opening import store_ticket
from ivr.oncall.paging import subject
from ivr.oncall.stored_ticket import locked, of_call, unknown
from ivr.oncall.tables import Ticket
from scheduling.checked_input import phone


def open_ticket(
    session: Session,
    *,
    clinic_id: str,
    call_sid: str,
    callback_number: str | None,
    language: str,
    link_base: str,
    now: datetime,
) -> Ticket:
    """The ticket of this call: stored now, or as it stands where the call already has one.

    Storing it freezes the plan and puts one text to each on-call phone into the outbox, due in
    60 s, with a link below `link_base` (PUBLIC_BASE_URL). A callback number that cannot be dialled
    is left out rather than refused.
    """
    standing = of_call(session, clinic_id, call_sid)
    if standing is not None:
        return standing
    try:
        with session.begin_nested():
            return store_ticket(
                session,
                clinic_id=clinic_id,
                call_sid=call_sid,
                callback_number=callback_number,
                language=language,
                link_base=link_base,
                now=now,
            )
    except IntegrityError:
        # The same key press, arriving twice at once: the other one was first.
        standing = of_call(session, clinic_id, call_sid)
        if standing is None:
            raise
        return standing


def set_callback(
    session: Session, *, clinic_id: str, ticket_id: UUID, number: str, now: datetime
) -> None:
    """Where the caller is to be called back (E.164). Raises UnsuitablePhone or UnknownTicket."""
    phone(number, "the callback number")
    known = record(
        session,
        clinic_id,
        ticket_id,
        EventKind.CALLBACK_SET,
        now,
        detail={"number": number},
        change={"callback_number": number},
    )
    if not known:
        raise unknown(ticket_id)


def page_now(session: Session, *, clinic_id: str, ticket_id: UUID, now: datetime) -> int:
    """Send the pages still waiting at once, unless somebody has the ticket; return how many.

    One that was closed is reopened: a call is about to be promised. Raises UnknownTicket.
    """
    held = locked(session, clinic_id, ticket_id)
    reopened = reopen_if_closed(session, held, now)
    if not reopened and held.accepted_by is not None:
        return 0
    hurried = outbox.make_due(session, clinic_id=clinic_id, subject=subject(ticket_id), now=now)
    if hurried:
        record(
            session,
            clinic_id,
            ticket_id,
            EventKind.PAGED,
            now,
            detail={"messages": hurried},
            change={"escalate_at": now},
        )
    return hurried
