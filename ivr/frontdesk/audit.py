"""The record of who read or changed what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from ivr.audit.tables import StaffAudit
from ivr.frontdesk.sessions import SignedIn
from scheduling.database import new_id


def record(
    session: Session,
    *,
    clinic_id: str,
    staff_id: UUID,
    action: str,
    detail: Mapping[str, str | int],
    now: datetime,
) -> None:
    """Add one row, in the transaction that reads or changes what it tells of.

    action: subject and verb, such as "board.viewed".
    detail: identifiers and counts; never a name, a number or a date of birth. "patient", the id of
        the one patient whom the row is about, is what the audit's page finds the row by.
    """
    patient = detail.get("patient")
    session.add(
        StaffAudit(
            clinic_id=clinic_id,
            id=new_id(),
            at=now,
            staff_id=staff_id,
            action=action,
            detail=dict(detail),
            patient_id=UUID(str(patient)) if patient is not None else None,
        )
    )


def of_oneself(session: Session, user: SignedIn, action: str, now: datetime) -> None:
    """Add what somebody did with their own account or session."""
    record(
        session,
        clinic_id=user.clinic_id,
        staff_id=user.staff_id,
        action=action,
        detail={},
        now=now,
    )
