"""Who is on call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.oncall.escalation import Person
from ivr.oncall.tables import OnCallPerson
from scheduling.checked_input import KEY_LENGTH, phone, text


class UnknownPerson(Exception):
    """The clinic has nobody of this key on its on-call list: add them to clinic.toml."""


def people_on_call(session: Session, clinic_id: str, now: datetime) -> tuple[Person, ...]:  # noqa: ARG001  # weekly patterns, which the next issue brings, go by the time
    """Whom to ring at `now` (aware UTC), first to last."""
    rows = session.scalars(
        select(OnCallPerson)
        .where(OnCallPerson.clinic_id == clinic_id, OnCallPerson.active)
        .order_by(OnCallPerson.position, OnCallPerson.key)
    )
    return tuple(Person(row.key, row.name, row.number) for row in rows)


def load_people(session: Session, clinic_id: str, people: Sequence[Person]) -> list[str]:
    """Make the clinic's on-call list `people`, in this order; return a line for each change.

    Whoever is missing from `people` is no longer rung. Loading the same again changes nothing.
    Raises UnsuitablePhone, UnsuitableText, or ValueError where a key comes twice.
    """
    keys = [person.key for person in people]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise ValueError(f"on call twice: {', '.join(twice)}. Give everybody a key of their own")
    for person in people:
        text(person.key, "an on-call person's key", at_most=KEY_LENGTH)
        text(person.name, f"the name of on-call person {person.key}")
        phone(person.number, f"the number of on-call person {person.key}")
    known = {
        row.key: row
        for row in session.scalars(select(OnCallPerson).where(OnCallPerson.clinic_id == clinic_id))
    }
    changes = []
    for position, person in enumerate(people):
        row = known.pop(person.key, None)
        if row is None:
            row = OnCallPerson(clinic_id=clinic_id, key=person.key)
            session.add(row)
            changes.append(f"on call: {person.key} added")
        elif (row.name, row.number, row.position, row.active) != (
            person.name,
            person.number,
            position,
            True,
        ):
            changes.append(f"on call: {person.key} changed")
        row.name, row.number, row.position, row.active = person.name, person.number, position, True
    for row in known.values():
        if row.active:
            row.active = False
            changes.append(f"on call: {row.key} removed")
    session.flush()
    return changes


def person_of(session: Session, clinic_id: str, key: str) -> OnCallPerson:
    """The person of this key, on the list or formerly on it. Raises UnknownPerson."""
    row = session.scalar(
        select(OnCallPerson).where(OnCallPerson.clinic_id == clinic_id, OnCallPerson.key == key)
    )
    if row is None:
        raise UnknownPerson(f"nobody on call has the key {key[:64]!r}: add them to clinic.toml")
    return row
