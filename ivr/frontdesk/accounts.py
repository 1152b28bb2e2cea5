"""Staff accounts and their passwords."""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import datetime
from typing import Final
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.frontdesk.tables import ROLES, StaffUser
from ivr.frontdesk.wording import say
from scheduling.database import new_id

HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""argon2id with 19 MiB (memory_cost counts KiB), t=2, p=1: OWASP Password Storage Cheat Sheet."""

PASSWORD_MIN: Final = 15
"""Characters. NIST SP 800-63B-4 asks for 15 where the password is the only factor."""

PASSWORD_MAX: Final = 256
"""Characters. NIST asks that at least 64 be allowed; an end keeps hashing cheap."""

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")

_READABLE: Final = "abcdefghjkmnpqrstuvwxyz23456789"
# Without i, l, o, 0 and 1, which are misread.

# Verified when the login is unknown, so that the answer takes as long as for a known one.
_NOBODYS_HASH: Final = HASHER.hash("nobody has this password")


class AccountRefused(ValueError):
    """The account cannot be made as asked. The message says why and what to give instead."""


def add_user(
    session: Session,
    *,
    clinic_id: str,
    login: str,
    name: str,
    password: str,
    role: str,
    now: datetime,
    must_change_password: bool = False,
) -> StaffUser:
    """Store a new account and return it.

    login: unique over all clinics, case does not matter. now: aware, any zone.
    must_change_password: somebody else knows it, so that it opens nothing but its own change.
    Raises AccountRefused for a login in use or misspelt, an unknown role, no name, or a password
    that is too short or too long. The clinic must exist (a foreign key holds it).
    """
    wanted = normal_login(login)
    if not _LOGIN.fullmatch(wanted):
        raise AccountRefused(
            say(
                "The login '{login}' cannot be used: give 2 to 64 letters, digits or . _ @ + -",
                login=login,
            )
        )
    if role not in ROLES:
        raise AccountRefused(
            say(
                "The role '{role}' does not exist: give one of {roles}.",
                role=role,
                roles=", ".join(ROLES),
            )
        )
    if not name.strip():
        raise AccountRefused(
            say("The name is empty: give the person's name as colleagues know it.")
        )
    require_usable(password)
    if find_user(session, login) is not None:
        raise AccountRefused(say("The login {login} is taken: choose another.", login=wanted))
    user = StaffUser(
        clinic_id=clinic_id,
        id=new_id(),
        login=wanted,
        name=name.strip(),
        password_hash=HASHER.hash(_normal_password(password)),
        role=role,
        active=True,
        created_at=now,
        must_change_password=must_change_password,
    )
    session.add(user)
    session.flush()
    return user


def normal_login(login: str) -> str:
    """The one form in which a login is stored, compared and counted."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def find_user(session: Session, login: str) -> StaffUser | None:
    """The account with this login, active or not."""
    return session.scalars(
        select(StaffUser).where(StaffUser.login == normal_login(login))
    ).one_or_none()


def check_password(user: StaffUser | None, password: str) -> bool:
    """Whether this is the password of an account that may sign in.

    Takes the same time for an unknown login (None), an inactive account and a wrong password.
    """
    stored = user.password_hash if user is not None else _NOBODYS_HASH
    try:
        HASHER.verify(stored, _normal_password(password[:PASSWORD_MAX]))
    except (VerificationError, InvalidHashError):
        return False
    return user is not None and user.active


def require_usable(password: str) -> None:
    """Raises AccountRefused for a password that is too short or too long."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise AccountRefused(
            say(
                "The password has {length} characters: give {least} to {most}, for example four"
                " unrelated words.",
                length=len(password),
                least=PASSWORD_MIN,
                most=PASSWORD_MAX,
            )
        )


def hash_of(password: str) -> str:
    """What is stored of a password. It takes some 25 ms: outside of any transaction."""
    return HASHER.hash(_normal_password(password))


def temporary_password() -> str:
    """One to read out to a colleague, who must change it first thing: 80 bits in groups of four."""
    groups = ("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def users_of(session: Session, clinic_id: str) -> list[StaffUser]:
    """Everybody with an account at the clinic, those who may sign in first, then by name."""
    return list(
        session.scalars(
            select(StaffUser)
            .where(StaffUser.clinic_id == clinic_id)
            .order_by(StaffUser.active.desc(), StaffUser.name, StaffUser.login)
        )
    )


def renew_hash(session: Session, *, clinic_id: str, staff_id: UUID, password: str) -> None:
    """Hash a password just verified again, where the parameters have changed since it was set."""
    user = session.get(StaffUser, (clinic_id, staff_id))
    if user is not None and HASHER.check_needs_rehash(user.password_hash):
        user.password_hash = HASHER.hash(_normal_password(password))


def _normal_password(password: str) -> str:
    # One keyboard types é as one character, another as two (NIST SP 800-63B-4: NFKC).
    return unicodedata.normalize("NFKC", password)
