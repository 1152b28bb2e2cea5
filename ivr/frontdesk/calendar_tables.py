"""The secret addresses under which providers' calendars can be subscribed to."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.database import Base
from scheduling.tables.columns import ClinicKey, Holder, Instant, Reference, RowId, refers_to


class CalendarFeed(Base):
    """One address. Nothing deletes one, so it tells who gave a provider's times away.

    language: in which its entries are titled, "en" or "es".
    last_read_at: when a calendar last asked for it, kept to the hour; None: never.
    revoked_at, revoked_by: from then on it answers nobody.
    """

    __tablename__ = "calendar_feed"
    __table_args__ = (
        refers_to("provider", by="provider_id"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked"),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[RowId]
    provider_id: Mapped[Reference]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 (hex) of the secret in the address: a copy of this table opens no calendar. Unique
    over all clinics, since the address alone says whose calendar it is."""
    language: Mapped[str] = mapped_column(String(8))
    made_at: Mapped[Instant]
    made_by: Mapped[Holder]
    last_read_at: Mapped[Instant | None]
    revoked_at: Mapped[Instant | None]
    revoked_by: Mapped[Holder | None]
