"""Who is on call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from ivr.oncall.escalation import Person
from ivr.oncall.rota_rules import Level, Override, Rota, Shift, TimeOff, who_is_on_call
from ivr.oncall.rota_tables import OnCallException, OnCallShift
from ivr.oncall.tables import OnCallPerson
from scheduling.checked_input import KEY_LENGTH, phone, text
from scheduling.hours import WeeklySession, public_holidays, zone_of
from scheduling.tables import Clinic


class UnknownPerson(Exception):
    """The clinic has nobody of this key on its on-call list: add them to clinic.toml."""


def people_on_call(session: Session, clinic_id: str, now: datetime) -> tuple[Person, ...]:
    """Whom to ring at `now` (aware UTC), first to last: who is on duty, then everybody else.

    Empty only where the clinic has no active person.
    """
    return who_is_on_call(stored_rota(session, clinic_id, now, now), now).ring_order()


def stored_rota(session: Session, clinic_id: str, start: datetime, end: datetime) -> Rota:
    """The clinic's rota, with the public holidays of the years from `start` to `end` (aware)."""
    clinic = session.get_one(Clinic, clinic_id)
    rows = session.scalars(
        select(OnCallPerson)
        .where(OnCallPerson.clinic_id == clinic_id)
        .order_by(OnCallPerson.position, OnCallPerson.key)
    ).all()
    keys = {row.id: row.key for row in rows}
    shifts = session.scalars(select(OnCallShift).where(OnCallShift.clinic_id == clinic_id))
    exceptions = session.scalars(
        select(OnCallException)
        .where(OnCallException.clinic_id == clinic_id, OnCallException.withdrawn_at.is_(None))
        .order_by(OnCallException.sequence)
    ).all()
    return Rota(
        zone=zone_of(clinic.timezone),
        people=tuple(Person(row.key, row.name, row.number) for row in rows if row.active),
        shifts=tuple(_shift(row, keys[row.person_id]) for row in shifts),
        overrides=tuple(
            Override(_level(row.level), keys[row.person_id], row.starts_at, row.ends_at)
            for row in exceptions
            if row.level is not None
        ),
        time_off=tuple(
            TimeOff(keys[row.person_id], row.starts_at, row.ends_at)
            for row in exceptions
            if row.level is None
        ),
        holidays=_holidays(clinic, start, end),
    )


def _holidays(clinic: Clinic, start: datetime, end: datetime) -> frozenset[date]:
    if not clinic.observes_holidays or clinic.holidays_region is None:
        return frozenset()
    # A shift of New Year's Eve still runs in the new year.
    years = range(start.year - 1, end.year + 2)
    return frozenset().union(*(public_holidays(clinic.holidays_region, year) for year in years))


def _shift(row: OnCallShift, key: str) -> Shift:
    hours = WeeklySession(
        row.weekday, row.opens, row.closes, row.effective_from, row.effective_until
    )
    return Shift(_level(row.level), key, hours, row.every_weeks, row.week, row.on_holidays)


def _level(stored: str) -> Level:
    return "primary" if stored == "primary" else "backup"


def people_listed(session: Session, clinic_id: str) -> list[Person]:
    """Everybody who may be rung, in the order of the fallback chain."""
    rows = session.scalars(
        select(OnCallPerson)
        .where(OnCallPerson.clinic_id == clinic_id, OnCallPerson.active)
        .order_by(OnCallPerson.position, OnCallPerson.key)
    )
    return [Person(row.key, row.name, row.number) for row in rows]


def shifts_stored(session: Session, clinic_id: str) -> list[Shift]:
    """The clinic's weekly shifts, in no order."""
    rows = session.execute(
        select(OnCallShift, OnCallPerson.key)
        .join(
            OnCallPerson,
            and_(
                OnCallPerson.clinic_id == OnCallShift.clinic_id,
                OnCallPerson.id == OnCallShift.person_id,
            ),
        )
        .where(OnCallShift.clinic_id == clinic_id)
    )
    return [_shift(row, key) for row, key in rows]


def shifts_in_words(shifts: Iterable[Shift]) -> list[str]:
    """As scheduling.last_loaded keeps them, sorted."""
    return sorted(
        " ".join(
            [
                f"{one.level} {one.person_key} {one.hours.weekday}",
                f"{one.hours.opens:%H:%M}-{one.hours.closes:%H:%M}",
                f"{one.hours.effective_from} {one.hours.effective_until}",
                f"{one.week}/{one.every_weeks}{' holidays' if one.on_holidays else ''}",
            ]
        )
        for one in set(shifts)
    )


def load_shifts(session: Session, clinic_id: str, shifts: Sequence[Shift]) -> None:
    """Make the clinic's shifts `shifts`; the same again changes nothing. Raises UnknownPerson."""
    people = select(OnCallPerson).where(OnCallPerson.clinic_id == clinic_id)
    keys = {row.id: row.key for row in session.scalars(people)}
    wanted = list(dict.fromkeys(shifts))
    for row in session.scalars(select(OnCallShift).where(OnCallShift.clinic_id == clinic_id)).all():
        kept = _shift(row, keys[row.person_id])
        if kept in wanted:
            wanted.remove(kept)
        else:
            session.delete(row)
    for shift in wanted:
        session.add(
            OnCallShift(
                clinic_id=clinic_id,
                person_id=person_of(session, clinic_id, shift.person_key).id,
                level=shift.level,
                weekday=shift.hours.weekday,
                opens=shift.hours.opens,
                closes=shift.hours.closes,
                effective_from=shift.hours.effective_from,
                effective_until=shift.hours.effective_until,
                every_weeks=shift.every_weeks,
                week=shift.week,
                on_holidays=shift.on_holidays,
            )
        )
    session.flush()


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
