"""Who has given their password and not yet the code of their second factor."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from flask import session

from ivr.frontdesk import wording
from ivr.frontdesk.access import Desk
from ivr.frontdesk.tables import StaffUser

CODE_WITHIN: Final = timedelta(minutes=5)
"""How long after the password a code may come."""

_HALF: Final = "password_given"
"""In the signed cookie: who has given the password and not yet a code."""


@dataclass(frozen=True)
class Half:
    """Somebody has given the password of an account that asks for a code, too."""

    clinic_id: str
    staff_id: UUID
    login: str
    language: str
    password_mark: str
    """Changes with the password: a new one makes the old one's half worthless."""


def keep(half: Half, now: datetime) -> None:
    """Remember it in the signed cookie, for a few minutes from `now` (aware UTC) on."""
    session.clear()
    session[_HALF] = [
        half.clinic_id,
        half.staff_id.hex,
        half.language,
        half.password_mark,
        now.timestamp(),
    ]


def half_of(desk: Desk) -> Half | None:
    """Who has given the password lately and, since then, kept it."""
    found = session.get(_HALF)
    if not found:
        return None
    clinic_id, staff_id, language, mark, at = found
    if desk.clock() - datetime.fromtimestamp(at, UTC) > CODE_WITHIN:
        return None
    user = desk.database.read(lambda s: s.get(StaffUser, (clinic_id, UUID(staff_id))))
    if user is None or not user.active or mark_of(user) != mark:
        return None
    wording.speak(language or user.language or wording.language())
    return Half(clinic_id, user.id, user.login, language, mark)


def mark_of(user: StaffUser) -> str:
    """Changes with the password, and tells nothing of it."""
    return hashlib.sha256(user.password_hash.encode()).hexdigest()[:16]
