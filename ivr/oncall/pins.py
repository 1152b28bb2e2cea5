"""Who of the staff is on the phone: their registered number, and a PIN that only they know.

A caller ID can be forged and a phone can be borrowed, so a number alone opens nothing. Six digits
cannot withstand much guessing either; what protects them is that few guesses are answered.

Functions that take the open transaction never commit. Hashing takes some 30 ms and 19 MiB, so
hashed() and is_pin() are for outside of any transaction.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from ivr.oncall.pin_tables import OnCallPin
from ivr.oncall.rota import person_of
from ivr.oncall.supervisor import KEY as SUPERVISOR
from ivr.oncall.tables import OnCallPerson

HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""argon2id as for the desk's passwords: 19 MiB (memory_cost counts KiB), t=2, p=1 [OWASP]."""

DIGITS: Final = 6

FAILURES_A_DAY: Final = 5
"""Wrong PINs of one person on one day of the clinic's calendar; then none is looked at until
tomorrow [caller-safety, privacy: as for a patient's record]."""

_REPEATS = re.compile(r"(\d{1,3})\1+")
_RUNS = "01234567890 98765432109"


class PinRefused(ValueError):
    """The PIN cannot be used. The message says why and what to give instead."""


class Standing(StrEnum):
    """Whether somebody's PIN is asked for."""

    ASK = "ask"
    NO_PIN = "no_pin"
    LOCKED = "locked"


class Try(StrEnum):
    """What came of a PIN that was keyed."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"


def hashed(pin: str) -> str:
    """The PIN as it is stored.

    Raises PinRefused where it is not six digits, or easily guessed: 123456, 000000, 121212.
    """
    if not re.fullmatch(rf"[0-9]{{{DIGITS}}}", pin):
        raise PinRefused(f"The PIN is not {DIGITS} digits: choose {DIGITS}, such as no date gives.")
    if _REPEATS.fullmatch(pin) or pin in _RUNS:
        raise PinRefused("The PIN counts or repeats itself: choose digits without a pattern.")
    return HASHER.hash(pin)


def is_pin(pin_hash: str, pin: str) -> bool:
    """Whether this is the PIN that was hashed."""
    try:
        return HASHER.verify(pin_hash, pin)
    except (VerificationError, InvalidHashError):
        return False


def set_pin(
    session: Session, *, clinic_id: str, person_key: str, pin_hash: str, now: datetime
) -> None:
    """Give somebody a PIN, of hashed(); a lock ends with it. now: aware. Raises UnknownPerson."""
    person = person_of(session, clinic_id, person_key)
    row = session.get(OnCallPin, (clinic_id, person.id), with_for_update=True)
    if row is None:
        row = OnCallPin(clinic_id=clinic_id, person_id=person.id)
        session.add(row)
    row.pin_hash, row.set_at, row.failures, row.failed_on = pin_hash, now, 0, None
    session.flush()


def staff_of_number(session: Session, clinic_id: str, number: str) -> str | None:
    """The key of whoever on the staff has this phone (E.164); None for every other number.

    Active people, and the supervisor. Of several who share it, the first on the list with a PIN.
    """
    return session.scalar(
        select(OnCallPerson.key)
        .outerjoin(OnCallPin, _owns())
        .where(
            OnCallPerson.clinic_id == clinic_id,
            OnCallPerson.number == number,
            or_(OnCallPerson.active, OnCallPerson.key == SUPERVISOR),
        )
        .order_by(OnCallPin.person_id.is_(None), OnCallPerson.position, OnCallPerson.key)
        .limit(1)
    )


def standing_of(session: Session, clinic_id: str, person_key: str, today: date) -> Standing:
    """Whether their PIN is asked for now. today: the date at the clinic."""
    return _standing(_row(session, clinic_id, person_key), today)


def hash_of(session: Session, clinic_id: str, person_key: str) -> str | None:
    """What is_pin() compares with; None where they have no PIN."""
    row = _row(session, clinic_id, person_key)
    return row.pin_hash if row else None


def count_try(
    session: Session, *, clinic_id: str, person_key: str, right: bool, today: date
) -> Try:
    """What a keyed PIN opens. right: what is_pin() said of it. today: the date at the clinic.

    Guesses may be compared all at once, but here they stand in line for the row, so that no more
    than FAILURES_A_DAY of them get an answer.
    """
    row = _row(session, clinic_id, person_key, lock=True)
    if row is None:
        return Try.WRONG
    if _is_locked(row, today):
        return Try.LOCKED
    if right:
        return Try.RIGHT
    row.failures = row.failures + 1 if row.failed_on == today else 1
    row.failed_on = today
    session.flush()
    return Try.LOCKED if _is_locked(row, today) else Try.WRONG


def standings(session: Session, clinic_id: str, today: date) -> list[tuple[str, str, Standing]]:
    """Key, name and standing of everybody who may call as staff, in the list's order."""
    rows = session.execute(
        select(OnCallPerson, OnCallPin)
        .outerjoin(OnCallPin, _owns())
        .where(
            OnCallPerson.clinic_id == clinic_id,
            or_(OnCallPerson.active, OnCallPerson.key == SUPERVISOR),
        )
        .order_by(OnCallPerson.active.desc(), OnCallPerson.position, OnCallPerson.key)
    )
    return [(person.key, person.name, _standing(pin, today)) for person, pin in rows]


def _standing(row: OnCallPin | None, today: date) -> Standing:
    if row is None:
        return Standing.NO_PIN
    return Standing.LOCKED if _is_locked(row, today) else Standing.ASK


def _is_locked(row: OnCallPin, today: date) -> bool:
    return row.failed_on == today and row.failures >= FAILURES_A_DAY


def _row(
    session: Session, clinic_id: str, person_key: str, *, lock: bool = False
) -> OnCallPin | None:
    found = (
        select(OnCallPin)
        .join(OnCallPerson, _owns())
        .where(OnCallPin.clinic_id == clinic_id, OnCallPerson.key == person_key)
        .execution_options(populate_existing=True)
    )
    return session.scalar(found.with_for_update(of=OnCallPin) if lock else found)


def _owns() -> ColumnElement[bool]:
    return and_(
        OnCallPin.clinic_id == OnCallPerson.clinic_id, OnCallPin.person_id == OnCallPerson.id
    )
