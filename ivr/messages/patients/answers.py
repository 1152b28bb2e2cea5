"""What patients answer to a reminder, by key or by text, and what they were reminded of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import and_, false, or_, select, update
from sqlalchemy.orm import Session

from ivr.messages.notice_tables import VisitNotice
from ivr.messages.tables import OutboxMessage
from scheduling import visits
from scheduling.requests import Request
from scheduling.states import VisitStatus
from scheduling.tables import Patient, Visit

_AHEAD = (VisitStatus.BOOKED, VisitStatus.CONFIRMED)


class Answer(StrEnum):
    """What was answered; the last one counts."""

    CONFIRMED = "confirmed"
    CHANGE = "change"
    PERSON = "person"
    OPTED_OUT = "opted_out"


@dataclass(frozen=True, slots=True)
class Reminded:
    """What a message told: the starts of the visits that stand as it says, aware UTC, in order.

    number: whom it went to, E.164. language: the patient's. visits: which ones, in that order.
    """

    number: str
    language: str
    starts: Sequence[datetime]
    visits: Sequence[UUID]


def told_by(session: Session, clinic_id: str, message_id: UUID, now: datetime) -> Reminded | None:
    """What this message told that is still true; None where nothing is, or there is no message."""
    # Three look-ups by key. Of the one join of them SQLite made a search through all visits ahead,
    # with all notices of such times for each: half a minute of the only writer with 10,000 visits.
    message = session.get(OutboxMessage, (clinic_id, message_id))
    if message is None:
        return None
    told = session.execute(
        select(VisitNotice.visit_id, VisitNotice.starts_at).where(
            VisitNotice.clinic_id == clinic_id, VisitNotice.message_id == message_id
        )
    )
    rows = session.execute(
        select(Patient.language, Visit.starts_at, Visit.id)
        .join(Patient, and_(Patient.clinic_id == Visit.clinic_id, Patient.id == Visit.patient_id))
        .where(
            Visit.clinic_id == clinic_id,
            or_(false(), *(and_(Visit.id == one, Visit.starts_at == at) for one, at in told)),
            Visit.status.in_(_AHEAD),
            Visit.starts_at > now,
        )
    ).all()
    if not rows:
        return None
    rows = sorted(rows, key=lambda row: row.starts_at)
    starts, visits_told = [row.starts_at for row in rows], [row.id for row in rows]
    return Reminded(message.to_number, rows[0].language, starts, visits_told)


def language_of(session: Session, clinic_id: str, message_id: UUID) -> str:
    """The language of whom a message told something, whatever still stands of it; else English."""
    language = session.scalar(
        select(Patient.language)
        .join(Visit, and_(Visit.clinic_id == Patient.clinic_id, Visit.patient_id == Patient.id))
        .join(
            VisitNotice,
            and_(VisitNotice.clinic_id == Visit.clinic_id, VisitNotice.visit_id == Visit.id),
        )
        .where(VisitNotice.clinic_id == clinic_id, VisitNotice.message_id == message_id)
        .limit(1)
    )
    return str(language or "en")


def confirm(session: Session, *, clinic_id: str, message_id: UUID, request: Request) -> int:
    """The patient comes to all that the message told and that still stands so; how many that are.

    Raises scheduling's TooLate and IllegalStep where a visit changed at this very moment.
    """
    told = session.execute(
        select(VisitNotice.visit_id, VisitNotice.starts_at)
        .where(VisitNotice.clinic_id == clinic_id, VisitNotice.message_id == message_id)
        .order_by(VisitNotice.starts_at)
    ).all()
    confirmed = 0
    for visit_id, starts_at in told:
        visit = session.get_one(Visit, (clinic_id, visit_id))
        if visit.status not in _AHEAD or visit.starts_at != starts_at:
            continue
        visits.confirm(
            session,
            clinic_id=clinic_id,
            visit_id=visit_id,
            version=visit.version,
            # One answer may confirm several visits, and a key names one request.
            request=Request(
                request.actor, request.channel, request.now, f"{request.key}:{visit_id}"
            ),
        )
        confirmed += 1
    if confirmed:
        note(
            session,
            clinic_id=clinic_id,
            message_id=message_id,
            answer=Answer.CONFIRMED,
            now=request.now,
        )
    return confirmed


def note(
    session: Session, *, clinic_id: str, message_id: UUID, answer: Answer, now: datetime
) -> None:
    """Keep what was answered, for the desk. now: aware UTC."""
    session.execute(
        update(VisitNotice)
        .where(VisitNotice.clinic_id == clinic_id, VisitNotice.message_id == message_id)
        .values(answer=answer.value, answered_at=now)
        .execution_options(synchronize_session=False)
    )
