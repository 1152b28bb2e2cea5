"""Ring somebody on call to try: are they reached by the number that the list has?

Every function takes the open transaction and never commits. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from ivr.messages import outbox
from ivr.messages.tables import OutboxMessage
from ivr.oncall import rota
from ivr.oncall.rota import UnknownPerson
from ivr.oncall.tables import OnCallPerson
from ivr.oncall.trial_tables import TrialRing

TRIAL_PATH = "/voice/trial"
"""Below PUBLIC_BASE_URL: what is heard in such a ring."""

ONE_IN = timedelta(minutes=1)
"""To one person: longer than a ring and its words take."""


class Outcome(StrEnum):
    """How far a ring to try has come."""

    WAITING = "waiting"
    """The call is still to be placed."""
    RUNG = "rung"
    """The carrier has taken the call. Nobody has pressed the key, or not yet."""
    CONFIRMED = "confirmed"
    FAILED = "failed"
    """The carrier did not take it."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The latest ring to try of one person. at: when it was asked for or, confirmed, answered."""

    outcome: Outcome
    at: datetime


def ring(
    session: Session, *, clinic_id: str, person_key: str, link_base: str, by: str, now: datetime
) -> UUID | None:
    """Have a worker ring them now; the ring's id, or None where they were rung a moment ago.

    link_base: PUBLIC_BASE_URL. by: who asks. Raises UnknownPerson, UnsuitablePhone.
    """
    person = rota.person_of(session, clinic_id, person_key)
    # Its row is locked, so that two who ask at once ring once.
    session.refresh(person, with_for_update=True)
    if not person.active:
        raise UnknownPerson(f"{person_key!r} is on the list no more: reload the rota's page")
    lately = session.scalar(
        select(TrialRing.id).where(
            TrialRing.clinic_id == clinic_id,
            TrialRing.person_id == person.id,
            TrialRing.asked_at > now - ONE_IN,
        )
    )
    if lately is not None:
        return None
    asked = TrialRing(clinic_id=clinic_id, person_id=person.id, asked_by=by, asked_at=now)
    session.add(asked)
    session.flush()
    outbox.enqueue(
        session,
        clinic_id=clinic_id,
        kind="trial_call",
        # Behind whatever pages for a patient.
        lane="ordinary",
        subject=_subject(asked.id),
        to_number=person.number,
        body=f"{link_base}{TRIAL_PATH}/{asked.id}",
        due_at=now,
        now=now,
    )
    return asked.id


def confirm(session: Session, *, clinic_id: str, ring_id: UUID, now: datetime) -> bool:
    """They pressed the key. The first time stands; False where there is no such ring."""
    known = session.scalar(
        update(TrialRing)
        .where(TrialRing.clinic_id == clinic_id, TrialRing.id == ring_id)
        .values(confirmed_at=func.coalesce(TrialRing.confirmed_at, now))
        .returning(TrialRing.id)
        .execution_options(synchronize_session=False)
    )
    return known is not None


def latest(session: Session, clinic_id: str) -> Mapping[str, Trial]:
    """Each person's latest ring to try, by key; those never rung are left out."""
    newest = (
        select(TrialRing.person_id, func.max(TrialRing.asked_at).label("asked_at"))
        .where(TrialRing.clinic_id == clinic_id)
        .group_by(TrialRing.person_id)
        .subquery()
    )
    rows = session.execute(
        select(OnCallPerson.key, TrialRing)
        .join(newest, newest.c.person_id == OnCallPerson.id)
        .join(
            TrialRing,
            (TrialRing.person_id == newest.c.person_id) & (TrialRing.asked_at == newest.c.asked_at),
        )
        .where(OnCallPerson.clinic_id == clinic_id, TrialRing.clinic_id == clinic_id)
    ).all()
    states = _states(session, clinic_id, [ring.id for _, ring in rows])
    return {key: _trial(ring, states.get(_subject(ring.id), "pending")) for key, ring in rows}


def _states(session: Session, clinic_id: str, ids: list[UUID]) -> dict[str, str]:
    rows = session.execute(
        select(OutboxMessage.subject, OutboxMessage.state).where(
            OutboxMessage.clinic_id == clinic_id,
            OutboxMessage.subject.in_([_subject(ring_id) for ring_id in ids]),
        )
    )
    return {row.subject: row.state for row in rows}


def _trial(ring: TrialRing, state: str) -> Trial:
    if ring.confirmed_at is not None:
        return Trial(Outcome.CONFIRMED, ring.confirmed_at)
    outcomes = {"pending": Outcome.WAITING, "sent": Outcome.RUNG}
    return Trial(outcomes.get(state, Outcome.FAILED), ring.asked_at)


def _subject(ring_id: UUID) -> str:
    return f"trial:{ring_id}"
