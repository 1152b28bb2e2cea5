"""The visits ahead of which patients were told, or should have been, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from ivr.messages.notice_tables import VisitNotice
from ivr.messages.outcomes import Outcome
from ivr.messages.patients.outcomes import Sent, outcome_of
from ivr.messages.tables import OutboxMessage
from scheduling.states import VisitStatus
from scheduling.tables import Patient, PatientPhone, Visit

AT_MOST = 1000
"""Lines read: more visits in a few days no clinic has."""

_AHEAD = (VisitStatus.BOOKED, VisitStatus.CONFIRMED)


@dataclass(frozen=True, slots=True)
class ToldVisit:
    """One visit ahead, and the last thing its patient was told, or was to be told. Times are UTC.

    number: whom it went to, else the one given for the visit or the first on file; E.164.
    occasion, channel: as in VisitNotice. at: when it was sent or answered, else planned.
    """

    visit_id: UUID
    patient_id: UUID
    patient_name: str | None
    starts_at: datetime
    status: str
    number: str | None
    occasion: str
    channel: str | None
    outcome: Outcome
    at: datetime


def told_visits(
    session: Session, clinic_id: str, *, now: datetime, until: datetime
) -> list[ToldVisit]:
    """Those that start from `now` to `until` (aware UTC), by start."""
    on_file = (
        select(PatientPhone.number)
        .where(
            PatientPhone.clinic_id == Visit.clinic_id,
            PatientPhone.patient_id == Visit.patient_id,
        )
        .order_by(PatientPhone.number)
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(VisitNotice, Visit, Patient.name, OutboxMessage, on_file.label("on_file"))
        .join(
            Visit, and_(Visit.clinic_id == VisitNotice.clinic_id, Visit.id == VisitNotice.visit_id)
        )
        .join(Patient, and_(Patient.clinic_id == Visit.clinic_id, Patient.id == Visit.patient_id))
        .outerjoin(
            OutboxMessage,
            and_(
                OutboxMessage.clinic_id == VisitNotice.clinic_id,
                OutboxMessage.id == VisitNotice.message_id,
            ),
        )
        .where(
            VisitNotice.clinic_id == clinic_id,
            VisitNotice.starts_at >= now,
            VisitNotice.starts_at < until,
            # What was told of another time is no news of this one.
            Visit.starts_at == VisitNotice.starts_at,
            Visit.status.in_(_AHEAD),
        )
        .order_by(Visit.starts_at, Visit.id, VisitNotice.id.desc())
        .limit(AT_MOST)
    )
    latest: dict[UUID, ToldVisit] = {}
    for notice, visit, name, message, on_file_number in rows:
        latest.setdefault(visit.id, _told(notice, visit, name, message, on_file_number))
    return list(latest.values())


def _told(
    notice: VisitNotice,
    visit: Visit,
    name: str | None,
    message: OutboxMessage | None,
    on_file: str | None,
) -> ToldVisit:
    sent = None
    moments = [notice.answered_at, notice.created_at]
    if message is not None:
        sent = Sent(message.state, message.delivery, message.last_error, message.last_error_code)
        moments = [notice.answered_at, message.delivered_at, message.sent_at, notice.created_at]
    return ToldVisit(
        visit_id=visit.id,
        patient_id=visit.patient_id,
        patient_name=name,
        starts_at=visit.starts_at,
        status=visit.status,
        number=message.to_number if message else visit.callback_number or on_file,
        occasion=notice.occasion,
        channel=notice.channel,
        outcome=outcome_of(sent, unreached=notice.unreached, answer=notice.answer),
        at=next(one for one in moments if one is not None),
    )
