"""Who is paged when nobody on call accepts: the phone of last resort that clinic.toml names."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.oncall.escalation import Person
from ivr.oncall.tables import OnCallPerson

KEY = "supervisor"
_NAME = "Supervisor"


def load_supervisor(session: Session, clinic_id: str, number: str) -> None:
    """Store whose phone that is. Somebody on the on-call list with this key is the supervisor.

    number: E.164. The row is not active, so that no urgent call rings it in its turn.
    """
    row = _row(session, clinic_id)
    if row is None:
        row = OnCallPerson(
            clinic_id=clinic_id, key=KEY, name=_NAME, number=number, position=0, active=False
        )
        session.add(row)
    elif not row.active:
        row.name, row.number = _NAME, number
    session.flush()


def supervisor_of(session: Session, clinic_id: str) -> Person | None:
    """The clinic's supervisor; None where its file was loaded before there was one."""
    row = _row(session, clinic_id)
    return Person(row.key, row.name, row.number) if row else None


def _row(session: Session, clinic_id: str) -> OnCallPerson | None:
    return session.scalar(
        select(OnCallPerson).where(OnCallPerson.clinic_id == clinic_id, OnCallPerson.key == KEY)
    )
