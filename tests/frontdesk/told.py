"""Visits ahead of which patients were told, as it stands in the book and the outbox."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from ivr.messages.notice_tables import VisitNotice
from ivr.messages.tables import OutboxMessage
from scheduling.database import new_id
from scheduling.tables import Visit
from tests.frontdesk.lists import TODAY, on
from tests.frontdesk.office import OURS, Office


def told(
    office: Office,
    name: str,
    day: date = TODAY + timedelta(days=2),
    *,
    hour: int = 11,
    phone: str = "+15125550142",
    clinic_id: str = OURS,
    occasion: str = "three_days",
    channel: str | None = "sms",
    state: str = "sent",
    delivery: str | None = "delivered",
    error: str | None = None,
    code: int | None = None,
    unreached: str | None = None,
    answer: str | None = None,
) -> Visit:
    """A visit, and what its patient was told of it: delivered, where nothing else is said."""
    visit = office.book(
        name,
        on(day, hour),
        phone=phone,
        clinic_id=clinic_id,
        born=date(1950, 1, 1) + timedelta(days=sum(map(ord, name))),
    )
    office.database.write(
        lambda session: _store(
            session,
            visit,
            OutboxMessage(
                clinic_id=clinic_id,
                id=new_id(),
                kind=f"reminder_{channel}",
                lane="ordinary",
                subject=f"visit:{visit.id}",
                to_number=phone,
                body="…",
                due_at=office.clock(),
                attempts=1,
                state=state,
                delivery=delivery if state == "sent" else None,
                last_error=error,
                last_error_code=code,
                sent_at=office.clock() if state == "sent" else None,
                created_at=office.clock(),
            )
            if unreached is None
            else None,
            occasion,
            channel if unreached is None else None,
            unreached,
            answer,
        )
    )
    return visit


def _store(
    session: Session,
    visit: Visit,
    message: OutboxMessage | None,
    occasion: str,
    channel: str | None,
    unreached: str | None,
    answer: str | None,
) -> UUID:
    if message is not None:
        session.add(message)
    notice = VisitNotice(
        clinic_id=visit.clinic_id,
        visit_id=visit.id,
        occasion=occasion,
        once=visit.starts_at.isoformat(),
        starts_at=visit.starts_at,
        channel=channel,
        unreached=unreached,
        message_id=message.id if message else None,
        answer=answer,
        answered_at=visit.created_at if answer else None,
        created_at=visit.created_at,
    )
    session.add(notice)
    session.flush()
    return notice.id


def a_little_of_everything(office: Office) -> None:
    """For whoever looks at the page."""
    wednesday = TODAY + timedelta(days=2)
    told(office, "Ines Vale", wednesday, hour=7, answer="confirmed")
    told(office, "Lou Park", wednesday, hour=8, answer="change")
    told(
        office, "Joe Roe", wednesday, hour=9, delivery="undelivered", error="bad_number", code=30006
    )
    told(office, "Kim Day", wednesday, hour=10, channel="call", delivery="machine")
    told(office, "Al Ortiz", wednesday, hour=12, unreached="no_consent")
    told(office, "Bea Lund", wednesday, hour=13, state="pending", occasion="one_day")
