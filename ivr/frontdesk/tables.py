"""The desk's own tables: who may sign in, and who is signed in."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.database import Base
from scheduling.tables.columns import (
    ClinicKey,
    Instant,
    Name,
    OwningClinicKey,
    Reference,
    RowId,
    Slug,
    refers_to,
)

ROLES: Final = ("front_desk", "on_call", "admin")
"""What a member of staff may be. The first page treats them alike; issue by issue they part."""

BEFORE_LOGIN: Final = ""
"""The clinic of a row that exists before anybody has signed in, when there is no clinic yet."""


class StaffUser(Base):
    """A person who works at one clinic and signs in with a login of their own."""

    __tablename__ = "staff_user"
    __table_args__ = (
        CheckConstraint("role IN ('front_desk', 'on_call', 'admin')", name="known_role"),
    )

    clinic_id: Mapped[OwningClinicKey]
    id: Mapped[RowId]
    login: Mapped[str] = mapped_column(String(64), unique=True)
    """In the form that `accounts.normal_login` gives; unique over all clinics, so that the login
    alone says whose clinic the person is signed in to."""
    name: Mapped[Name]
    password_hash: Mapped[str] = mapped_column(Text)
    role: Mapped[Slug]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[Instant]
    language: Mapped[str | None] = mapped_column(String(8))
    """What the desk speaks to this person; None until they choose."""
    must_change_password: Mapped[bool] = mapped_column(default=False)
    """Somebody else knows the password: nothing opens but the page that changes it."""
    clinician: Mapped[bool] = mapped_column(default=False)
    """They sign changes of what the line says where it is a matter of safety."""
    factor_salt: Mapped[str | None] = mapped_column(String(64))
    """What the second factor's secret is made from, with SECRET_KEY; None: there is none."""
    factor_step: Mapped[int] = mapped_column(BigInteger, default=0)
    """The 30 s step of the last code that was taken: no code of it or before is taken again."""


class StaffSession(Base):
    """One signed-in browser. Deleting the row signs it out, whatever its cookie says."""

    __tablename__ = "staff_session"
    __table_args__ = (
        refers_to("staff_user", by="staff_id"),
        Index(None, "clinic_id", "staff_id"),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 (hex) of the secret in the cookie: a copy of this table opens no session."""
    staff_id: Mapped[Reference]
    created_at: Mapped[Instant]
    last_seen_at: Mapped[Instant]
    """When the person, not the page's polling, last did something; kept to the minute."""
    expires_at: Mapped[Instant]
    """The end of the session however busy it is."""


class LoginThrottle(Base):
    """Log-in attempts counted in a window, shared by every web process.

    `clinic_id` is BEFORE_LOGIN: nobody has a clinic before they are signed in.
    """

    __tablename__ = "login_throttle"

    clinic_id: Mapped[ClinicKey]
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 (hex) of what is counted, so that mistyped passwords in the login field and
    people's addresses are not kept in clear."""
    attempts: Mapped[int]
    window_ends_at: Mapped[Instant]


class StaffRecoveryCode(Base):
    """A code that stands in for a lost second factor, once. Using it deletes the row."""

    __tablename__ = "staff_recovery_code"
    __table_args__ = (
        refers_to("staff_user", by="staff_id"),
        Index(None, "clinic_id", "staff_id"),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 (hex) of person and code: 80 random bits are not found by trying."""
    staff_id: Mapped[Reference]
