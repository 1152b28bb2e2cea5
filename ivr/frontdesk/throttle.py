"""Slows password guessing without letting a stranger lock a receptionist out.

Counting by login alone would let anybody lock anybody out; counting by address alone falls to
many addresses, and behind a proxy makes one address of everybody. So a browser that has signed in
before carries a signed device cookie and is counted by itself, whatever strangers do to the login
meanwhile (OWASP: "Slow Down Online Guessing Attacks with Device Cookies"). The counts stand in the
database, because several web processes share them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Insert, case, delete, literal, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ivr.frontdesk.tables import BEFORE_LOGIN, LoginThrottle
from scheduling.database import UtcDateTime

WINDOW: Final = timedelta(minutes=15)
PER_LOGIN_AND_SOURCE: Final = 8
"""Attempts in a window for one login from one address or known device."""
PER_ADDRESS: Final = 80
"""Attempts in a window from one address, whatever the login: one password tried on many."""
PER_LOGIN: Final = 80
"""Attempts in a window for one login from all unknown devices: one login tried from many."""


CODE_PER_LOGIN_AND_SOURCE: Final = 5
"""The same for a code of the second factor. Whoever guesses it knows the password already."""
CODE_PER_LOGIN: Final = 10
"""A million codes, three of them good at a time: at 10 in 15 min, one day's guessing finds one
with 0.3 %. The person's own device is counted apart, and is not locked out by it."""


@dataclass(frozen=True)
class Limits:
    """How often one thing may be tried in a window. `what` keeps the counts apart."""

    what: str
    per_login_and_source: int
    per_address: int
    per_login: int


PASSWORD: Final = Limits("", PER_LOGIN_AND_SOURCE, PER_ADDRESS, PER_LOGIN)
CODE: Final = Limits("code of ", CODE_PER_LOGIN_AND_SOURCE, PER_ADDRESS, CODE_PER_LOGIN)


@dataclass(frozen=True)
class Source:
    """Where an attempt comes from. `device` is the number in a valid device cookie, if any."""

    address: str
    device: str | None = None


def admit(
    session: Session, *, login: str, source: Source, now: datetime, limits: Limits = PASSWORD
) -> datetime | None:
    """Count one attempt. None lets it proceed; a time (UTC) is when to try again.

    The attempt is counted before the password is looked at, so that guesses made at once are
    each counted. A refused attempt is not counted against the wider limits.
    """
    for subject, limit in _counted(login, source, limits):
        attempts, window_ends_at = _count(session, subject, now)
        if attempts > limit:
            return window_ends_at
    return None


def forgive(session: Session, *, login: str, source: Source, limits: Limits = PASSWORD) -> None:
    """After a success: start its own count afresh and take the attempt off the wider ones."""
    own, *wider = (_digest(subject) for subject, _ in _counted(login, source, limits))
    session.execute(
        delete(LoginThrottle).where(
            LoginThrottle.clinic_id == BEFORE_LOGIN, LoginThrottle.id == own
        )
    )
    for digest in wider:
        session.execute(
            update(LoginThrottle)
            .where(
                LoginThrottle.clinic_id == BEFORE_LOGIN,
                LoginThrottle.id == digest,
                LoginThrottle.attempts > 0,
            )
            .values(attempts=LoginThrottle.attempts - 1)
        )


def forget_past(session: Session, *, now: datetime) -> None:
    """Delete the counts whose window is over."""
    session.execute(delete(LoginThrottle).where(LoginThrottle.window_ends_at <= now))


def _counted(login: str, source: Source, limits: Limits) -> list[tuple[tuple[str, ...], int]]:
    what, own = limits.what, limits.per_login_and_source
    if source.device is not None:
        return [((f"{what}login and device", login, source.device), own)]
    return [
        ((f"{what}login and address", login, source.address), own),
        ((f"{what}address", source.address), limits.per_address),
        ((f"{what}login", login), limits.per_login),
    ]


def _count(session: Session, subject: tuple[str, ...], now: datetime) -> tuple[int, datetime]:
    row = {
        "clinic_id": BEFORE_LOGIN,
        "id": _digest(subject),
        "attempts": 1,
        "window_ends_at": now + WINDOW,
    }
    over = LoginThrottle.window_ends_at <= now
    fresh_end = literal(now + WINDOW, UtcDateTime)
    changed = {
        "attempts": case((over, 1), else_=LoginThrottle.attempts + 1),
        "window_ends_at": case((over, fresh_end), else_=LoginThrottle.window_ends_at),
    }
    key = ["clinic_id", "id"]
    statement: Insert
    if session.get_bind().dialect.name == "postgresql":
        statement = (
            postgresql.insert(LoginThrottle)
            .values(row)
            .on_conflict_do_update(index_elements=key, set_=changed)
        )
    else:
        statement = (
            sqlite.insert(LoginThrottle)
            .values(row)
            .on_conflict_do_update(index_elements=key, set_=changed)
        )
    stored = session.execute(
        statement.returning(LoginThrottle.attempts, LoginThrottle.window_ends_at)
    ).one()
    return stored.attempts, stored.window_ends_at


def _digest(subject: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(subject).encode()).hexdigest()
