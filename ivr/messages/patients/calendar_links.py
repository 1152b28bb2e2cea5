"""Addresses at which a visit can be fetched for a calendar: secret, and good for a while."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, select
from sqlalchemy.orm import Session

from ivr.messages.notice_tables import CalendarLink
from scheduling.states import OPEN_STATUSES
from scheduling.tables import Clinic, Patient, Visit

PATH = "/c"
"""Below PUBLIC_BASE_URL. Short: a text message pays for every letter."""

SECRET_BYTES = 16
"""128 bits: nobody guesses one."""

AFTER_THE_VISIT = timedelta(days=1)
LONGEST = timedelta(days=120)
"""Of a visit so far ahead that it will move before, the address ends earlier."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a calendar is told of a visit, and nothing else. Times are aware UTC.

    uid: the same for every version of one visit, and no id of ours. sequence: of the version.
    """

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    cancelled: bool
    clinic_id: str
    clinic: str
    phone: str
    language: str


def new_address(session: Session, *, visit: Visit, base: str, now: datetime) -> str:
    """A fresh address of this visit. base: PUBLIC_BASE_URL. now: aware UTC."""
    token = secrets.token_urlsafe(SECRET_BYTES)
    session.add(
        CalendarLink(
            clinic_id=visit.clinic_id,
            visit_id=visit.id,
            token_hash=_hash(token),
            expires_at=min(visit.ends_at + AFTER_THE_VISIT, now + LONGEST),
            created_at=now,
        )
    )
    session.flush()
    return f"{base.rstrip('/')}{PATH}/{token}.ics"


def entry_at(session: Session, token: str, now: datetime) -> Entry | None:
    """The visit as it stands now; None where there is no such address, or no longer."""
    row = session.execute(
        select(Visit, Clinic, Patient.language)
        .select_from(CalendarLink)
        .join(
            Visit,
            and_(Visit.clinic_id == CalendarLink.clinic_id, Visit.id == CalendarLink.visit_id),
        )
        .join(Patient, and_(Patient.clinic_id == Visit.clinic_id, Patient.id == Visit.patient_id))
        .join(Clinic, Clinic.id == CalendarLink.clinic_id)
        .where(CalendarLink.token_hash == _hash(token), CalendarLink.expires_at > now)
    ).one_or_none()
    if row is None:
        return None
    visit, clinic, language = row
    return Entry(
        # Of the visit's own id, so that the second address updates what the first one entered.
        uid=f"{_hash(f'calendar:{visit.id}')[:32]}@callnow",
        sequence=visit.version,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        changed_at=now,
        cancelled=visit.status not in (*OPEN_STATUSES, "completed"),
        clinic_id=clinic.id,
        clinic=clinic.name,
        phone=clinic.phone_number,
        language=language,
    )


def prune(session: Session, now: datetime) -> None:
    """Forget the addresses that have expired. now: aware UTC."""
    session.execute(
        delete(CalendarLink)
        .where(CalendarLink.expires_at <= now)
        .execution_options(synchronize_session=False)
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
