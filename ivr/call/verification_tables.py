"""Tries to be known as a patient, for as long as they count."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.database import Base
from scheduling.tables.columns import Instant, OwningClinicKey, RowId, Slug

HASH_LENGTH = 64


class IdentityAttempt(Base):
    """One try. What was given stands here only as keyed hashes, which tell equal from different.

    number_hash: of the telephone called from. birth_hash: of the date of birth. other_hash: of
    the phone or the name. outcome: "passed", "failed", or "locked": not looked at.
    """

    __tablename__ = "identity_attempt"
    __table_args__ = (
        CheckConstraint("outcome IN ('passed', 'failed', 'locked')", name="outcome"),
        Index(None, "clinic_id", "at"),
    )

    clinic_id: Mapped[OwningClinicKey]
    id: Mapped[RowId]
    call_sid: Mapped[Slug]
    number_hash: Mapped[str] = mapped_column(String(HASH_LENGTH))
    birth_hash: Mapped[str] = mapped_column(String(HASH_LENGTH))
    other_hash: Mapped[str] = mapped_column(String(HASH_LENGTH))
    outcome: Mapped[Slug]
    at: Mapped[Instant]
