"""Overrides, swaps and time off: made and withdrawn by a named actor, and never deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from ivr.oncall import rota
from ivr.oncall.rota_rules import Override, TimeOff, swap
from ivr.oncall.rota_tables import OnCallException
from ivr.oncall.tables import OnCallPerson
from scheduling.checked_input import HOLDER_LENGTH, text
from scheduling.database import new_id
from scheduling.errors import InvalidInput
from scheduling.tables import Clinic


@dataclass(frozen=True, slots=True)
class Part:
    """One departure from the shifts. level: None for time off. Times are UTC."""

    person_name: str
    level: str | None
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class StandingChange:
    """What was made at once and still counts, or will; both halves of a swap."""

    id: UUID
    made_by: str
    made_at: datetime
    parts: tuple[Part, ...]


class UnknownRotaChange(InvalidInput):
    """The clinic's rota has no change of this id that still stands."""


def add(
    session: Session, clinic_id: str, *changes: Override | TimeOff, actor: str, now: datetime
) -> UUID:
    """Store these together at `now` (aware UTC); the id takes them back. Raises UnknownPerson."""
    text(actor, "the actor", at_most=HOLDER_LENGTH)
    session.get_one(Clinic, clinic_id, with_for_update=True)
    highest = select(func.max(OnCallException.sequence))
    last = session.scalar(highest.where(OnCallException.clinic_id == clinic_id)) or 0
    change_id = new_id()
    for sequence, one in enumerate(changes, start=last + 1):
        session.add(
            OnCallException(
                clinic_id=clinic_id,
                person_id=rota.person_of(session, clinic_id, one.person_key).id,
                change_id=change_id,
                sequence=sequence,
                level=one.level if isinstance(one, Override) else None,
                starts_at=one.starts_at,
                ends_at=one.ends_at,
                made_at=now,
                made_by=actor,
            )
        )
    session.flush()
    return change_id


def add_swap(
    session: Session,
    clinic_id: str,
    first: Override,
    second: Override,
    *,
    actor: str,
    now: datetime,
) -> UUID:
    """Exchange two people's duties. Raises InvalidInput where one is not wholly theirs."""
    session.get_one(Clinic, clinic_id, with_for_update=True)
    start, end = min(first.starts_at, second.starts_at), max(first.ends_at, second.ends_at)
    stored = rota.stored_rota(session, clinic_id, start, end)
    return add(session, clinic_id, *swap(stored, first, second), actor=actor, now=now)


def standing(session: Session, clinic_id: str, now: datetime) -> list[StandingChange]:
    """The changes that have not ended at `now` (aware), in the order in which they were made."""
    rows = session.execute(
        select(OnCallException, OnCallPerson.name)
        .join(
            OnCallPerson,
            and_(
                OnCallPerson.clinic_id == OnCallException.clinic_id,
                OnCallPerson.id == OnCallException.person_id,
            ),
        )
        .where(
            OnCallException.clinic_id == clinic_id,
            OnCallException.withdrawn_at.is_(None),
            OnCallException.ends_at > now,
        )
        .order_by(OnCallException.sequence)
    ).all()
    return [
        StandingChange(
            change_id,
            parts[0][0].made_by,
            parts[0][0].made_at,
            tuple(Part(name, row.level, row.starts_at, row.ends_at) for row, name in parts),
        )
        for change_id, parts in (
            (key, list(group)) for key, group in groupby(rows, key=lambda one: one[0].change_id)
        )
    ]


def withdraw(
    session: Session, clinic_id: str, change_id: UUID, *, actor: str, now: datetime
) -> None:
    """Take back, whole, what add() or add_swap() stored. Raises UnknownRotaChange."""
    text(actor, "the actor", at_most=HOLDER_LENGTH)
    rows = session.scalars(
        select(OnCallException)
        .where(
            OnCallException.clinic_id == clinic_id,
            OnCallException.change_id == change_id,
            OnCallException.withdrawn_at.is_(None),
        )
        .with_for_update()
    ).all()
    if not rows:
        raise UnknownRotaChange("no such change of the rota still stands: look at the rota again")
    for row in rows:
        row.withdrawn_at, row.withdrawn_by = now, actor
    session.flush()
