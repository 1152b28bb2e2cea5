"""A member of staff's second factor: an authenticator app, and recovery codes for a lost one.

The secret is made from SECRET_KEY and a stored salt (RFC 4226, 7.5: "deterministic generation"),
so that a copy of the database yields no code. Where SECRET_KEY changes, recovery codes still work.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final
from uuid import UUID

from sqlalchemy import CursorResult, Delete, delete, func, select, update
from sqlalchemy.orm import Session

from ivr.frontdesk import totp
from ivr.frontdesk.tables import StaffRecoveryCode, StaffUser

ISSUER: Final = "Call Now"
RECOVERY_CODES: Final = 10

_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
# Without i, l, o, 0 and 1, which are misread from paper.
_RECOVERY_LENGTH: Final = 16


class Taken(Enum):
    """What a code was good as."""

    APP = "app"
    RECOVERY = "recovery"


@dataclass(frozen=True)
class Enrolment:
    """What is shown to whoever sets the app up. `key`: in groups of four; `uri`: opens the app."""

    salt: str
    key: str
    uri: str


def new_salt() -> str:
    """For a new secret. It says nothing about the secret without SECRET_KEY."""
    return secrets.token_hex(16)


def enrolment(secret_key: str, *, login: str, salt: str) -> Enrolment:
    """The secret of this salt, as a person and as an app take it."""
    secret = _secret(secret_key, salt)
    return Enrolment(
        salt=salt,
        key=totp.in_groups(totp.base32(secret)),
        uri=totp.otpauth_uri(secret, issuer=ISSUER, account=login),
    )


def turn_on(
    session: Session,
    *,
    secret_key: str,
    clinic_id: str,
    staff_id: UUID,
    salt: str,
    code: str,
    now: datetime,
) -> list[str] | None:
    """Ask for this secret's codes from now on. Returns fresh recovery codes; None: a wrong code.

    The first code proves that the app has the secret: without it, a slip would lock the person out.
    """
    step = totp.matching_step(_secret(secret_key, salt), _digits(code), now=now, after=0)
    if step is None:
        return None
    user = session.get_one(StaffUser, (clinic_id, staff_id))
    user.factor_salt = salt
    user.factor_step = step
    return renew_recovery_codes(session, clinic_id=clinic_id, staff_id=staff_id)


def turn_off(session: Session, *, clinic_id: str, staff_id: UUID) -> bool:
    """Ask for no code any more. False where none was asked for."""
    user = session.get_one(StaffUser, (clinic_id, staff_id))
    had = user.factor_salt is not None
    user.factor_salt = None
    session.execute(_codes_of(clinic_id, staff_id))
    return had


def renew_recovery_codes(session: Session, *, clinic_id: str, staff_id: UUID) -> list[str]:
    """Ten fresh codes, in place of all before. They are returned once and cannot be read again."""
    session.execute(_codes_of(clinic_id, staff_id))
    codes = ["".join(map(secrets.choice, [_ALPHABET] * _RECOVERY_LENGTH)) for _ in range(10)]
    session.add_all(
        StaffRecoveryCode(clinic_id=clinic_id, id=_digest(staff_id, code), staff_id=staff_id)
        for code in codes
    )
    session.flush()
    return [totp.in_groups(code).replace(" ", "-") for code in codes]


def recovery_codes_left(session: Session, clinic_id: str, staff_id: UUID) -> int:
    """How many are unused."""
    return session.scalars(
        select(func.count())
        .select_from(StaffRecoveryCode)
        .where(
            StaffRecoveryCode.clinic_id == clinic_id,
            StaffRecoveryCode.staff_id == staff_id,
        )
    ).one()


def take(
    session: Session,
    *,
    secret_key: str,
    clinic_id: str,
    staff_id: UUID,
    code: str,
    now: datetime,
) -> Taken | None:
    """Whether this code lets the person in. It never does again: the database takes each once."""
    user = session.get(StaffUser, (clinic_id, staff_id))
    if user is None or user.factor_salt is None:
        return None
    secret = _secret(secret_key, user.factor_salt)
    step = totp.matching_step(secret, _digits(code), now=now, after=user.factor_step)
    if step is not None:
        used = session.execute(
            update(StaffUser)
            .where(
                StaffUser.clinic_id == clinic_id,
                StaffUser.id == staff_id,
                StaffUser.factor_step < step,
            )
            .values(factor_step=step)
        )
        return Taken.APP if _changed(used) else None
    gone = session.execute(
        _codes_of(clinic_id, staff_id).where(StaffRecoveryCode.id == _digest(staff_id, code))
    )
    return Taken.RECOVERY if _changed(gone) else None


def looks_like_code(text: str) -> bool:
    """Six digits, however grouped. A password has fifteen characters at least."""
    return len(_digits(text)) == totp.DIGITS and len(text) < 15


def _codes_of(clinic_id: str, staff_id: UUID) -> Delete:
    return delete(StaffRecoveryCode).where(
        StaffRecoveryCode.clinic_id == clinic_id, StaffRecoveryCode.staff_id == staff_id
    )


def _changed(result: object) -> bool:
    return isinstance(result, CursorResult) and result.rowcount > 0


def _secret(secret_key: str, salt: str) -> bytes:
    # 160 bits, as RFC 4226 (4, R6) asks for.
    return hmac.digest(secret_key.encode(), b"callnow second factor\0" + salt.encode(), "sha256")[
        :20
    ]


def _digits(code: str) -> str:
    return "".join(code.split())


def _digest(staff_id: UUID, code: str) -> str:
    plain = "".join(one for one in code.casefold() if one.isalnum())
    return hashlib.sha256(f"{staff_id.hex}\0{plain}".encode()).hexdigest()
