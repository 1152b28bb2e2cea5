"""What patients answer to a reminder, by key or by text, and what they were reminded of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import and_, select, update
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
    rows = session.execute(
        select(OutboxMessage.to_number, Patient.language, Visit.starts_at, Visit.id)
        .join(
            VisitNotice,
            and_(
                VisitNotice.clinic_id == OutboxMessage.clinic_id,
                VisitNotice.message_id == OutboxMessage.id,
            ),
        )
        .join(
            Visit, and_(Visit.clinic_id == VisitNotice.clinic_id, Visit.id == VisitNotice.visit_id)
        )
        .join(Patient, and_(Patient.clinic_id == Visit.clinic_id, Patient.id == Visit.patient_id))
        .where(
            OutboxMessage.clinic_id == clinic_id,
            OutboxMessage.id == message_id,
            Visit.status.in_(_AHEAD),
            Visit.starts_at == VisitNotice.starts_at,
            Visit.starts_at > now,
        )
        .order_by(Visit.starts_at)
    ).all()
    if not rows:
        return None
    starts, visits_told = [row.starts_at for row in rows], [row.id for row in rows]
    return Reminded(rows[0].to_number, rows[0].language, starts, visits_told)


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
