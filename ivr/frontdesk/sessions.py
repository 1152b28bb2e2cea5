"""Signed-in browsers, kept on the server so that time-outs hold and logging out revokes."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final
from uuid import UUID

from sqlalchemy import CursorResult, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from ivr.frontdesk.tables import StaffSession, StaffUser
from scheduling.tables import Clinic

IDLE: Final = timedelta(minutes=15)
"""How long a person may do nothing [caller-safety: 15 min idle]."""

ABSOLUTE: Final = timedelta(hours=12)
"""How long a session lasts however busy it is [caller-safety: 12 h absolute]."""

_TOUCH_EVERY: Final = timedelta(seconds=30)


class SignedOut(Enum):
    """Why a cookie opens no session."""

    UNKNOWN = "unknown"
    ABSOLUTE = "absolute"


# Built once: every open board asks it all day.
_FIND: Final = (
    select(
        StaffUser.id,
        StaffUser.name,
        StaffUser.role,
        StaffUser.login,
        StaffUser.language,
        StaffUser.must_change_password,
        StaffUser.clinician,
        StaffUser.factor_salt,
        Clinic.timezone,
        Clinic.name.label("clinic_name"),
        StaffSession.last_seen_at,
        StaffSession.expires_at,
    )
    .join_from(
        StaffSession,
        StaffUser,
        (StaffUser.clinic_id == StaffSession.clinic_id) & (StaffUser.id == StaffSession.staff_id),
    )
    .join(Clinic, Clinic.id == StaffSession.clinic_id)
    .where(
        StaffSession.clinic_id == bindparam("clinic_id"),
        StaffSession.id == bindparam("digest"),
        StaffUser.active,
    )
)


@dataclass(frozen=True)
class SignedIn:
    """The person behind a request. Every query of the desk takes its clinic from here alone.

    zone: the clinic's IANA time zone. clinician: they sign what is a matter of safety.
    """

    clinic_id: str
    clinic_name: str
    staff_id: UUID
    name: str
    role: str
    zone: str
    token: str
    last_seen_at: datetime
    expires_at: datetime
    login: str
    language: str | None
    must_change_password: bool
    has_second_factor: bool
    clinician: bool

    # What flask-login asks of a user.
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What the signed cookie carries."""
        return self.token


@dataclass(frozen=True)
class Locked:
    """A session in which nobody has done anything for a while: it opens nothing but its lock."""

    who: SignedIn


def new_token(clinic_id: str) -> str:
    """A secret for one browser, with the clinic in front so that its row is found by its key."""
    return f"{clinic_id}:{secrets.token_urlsafe(32)}"


def open_session(session: Session, *, user: StaffUser, token: str, now: datetime) -> None:
    """Sign a browser in. Running it again with the same token changes nothing.

    Also clears away the person's sessions that ended by themselves.
    """
    session.execute(
        delete(StaffSession).where(
            StaffSession.clinic_id == user.clinic_id,
            StaffSession.staff_id == user.id,
            StaffSession.expires_at <= now,
        )
    )
    key = _key(token)
    if session.get(StaffSession, key) is None:
        session.add(
            StaffSession(
                clinic_id=key[0],
                id=key[1],
                staff_id=user.id,
                created_at=now,
                last_seen_at=now,
                expires_at=now + ABSOLUTE,
            )
        )


def find_session(session: Session, *, token: str, now: datetime) -> SignedIn | Locked | SignedOut:
    """Who is behind a cookie's token at `now`, or why nobody is."""
    clinic_id, digest = _key(token)
    found = session.execute(_FIND, {"clinic_id": clinic_id, "digest": digest}).one_or_none()
    if found is None:
        return SignedOut.UNKNOWN
    if now >= found.expires_at:
        return SignedOut.ABSOLUTE
    who = SignedIn(
        clinic_id=clinic_id,
        clinic_name=found.clinic_name,
        staff_id=found.id,
        name=found.name,
        role=found.role,
        zone=found.timezone,
        token=token,
        last_seen_at=found.last_seen_at,
        expires_at=found.expires_at,
        login=found.login,
        language=found.language,
        must_change_password=found.must_change_password,
        has_second_factor=found.factor_salt is not None,
        clinician=found.clinician,
    )
    return Locked(who) if now >= found.last_seen_at + IDLE else who


def wants_touch(user: SignedIn, now: datetime) -> bool:
    """Whether the person's activity is worth a write: not oftener than every half minute."""
    return now - user.last_seen_at >= _TOUCH_EVERY


def touch(session: Session, *, token: str, now: datetime) -> None:
    """Note that the person did something."""
    clinic_id, digest = _key(token)
    session.execute(
        update(StaffSession)
        .where(
            StaffSession.clinic_id == clinic_id,
            StaffSession.id == digest,
            StaffSession.last_seen_at < now,
        )
        .values(last_seen_at=now)
    )


def close_session(session: Session, *, token: str) -> bool:
    """Sign a browser out for good. False when it was signed out already."""
    clinic_id, digest = _key(token)
    result = session.execute(
        delete(StaffSession).where(StaffSession.clinic_id == clinic_id, StaffSession.id == digest)
    )
    return isinstance(result, CursorResult) and result.rowcount > 0


def lock(session: Session, *, token: str, now: datetime) -> None:
    """Lock a session at once, as if its person had been away."""
    clinic_id, digest = _key(token)
    session.execute(
        update(StaffSession)
        .where(StaffSession.clinic_id == clinic_id, StaffSession.id == digest)
        .values(last_seen_at=now - IDLE)
    )


def close_all(session: Session, *, clinic_id: str, staff_id: UUID, but: str | None = None) -> None:
    """Sign a person out everywhere; but: the token of the one session that stays."""
    others = delete(StaffSession).where(
        StaffSession.clinic_id == clinic_id, StaffSession.staff_id == staff_id
    )
    if but is not None:
        others = others.where(StaffSession.id != _key(but)[1])
    session.execute(others)


def count(session: Session, *, clinic_id: str, staff_id: UUID, now: datetime) -> int:
    """In how many browsers a person is signed in, locked ones included."""
    return session.scalars(
        select(func.count())
        .select_from(StaffSession)
        .where(
            StaffSession.clinic_id == clinic_id,
            StaffSession.staff_id == staff_id,
            StaffSession.expires_at > now,
        )
    ).one()


def _key(token: str) -> tuple[str, str]:
    clinic_id, _, secret = token.partition(":")
    return clinic_id, hashlib.sha256(secret.encode()).hexdigest()
