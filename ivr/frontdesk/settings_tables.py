"""What was changed of a clinic's settings at the desk, so that it can be undone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.database import Base
from scheduling.tables.columns import ClinicKey, Holder, Instant, Reference, RowId, Slug, refers_to


class SettingsChange(Base):
    """One change. Nothing deletes one, so it tells who did what.

    kind, subject: which setting, see ivr.frontdesk.settings_values.
    before, after: its value then and from then on, as JSON has it; None where there was none.
    undone_at, undone_by: it was taken back then, by this person.
    """

    __tablename__ = "settings_change"
    __table_args__ = (
        refers_to("staff_user", by="staff_id"),
        CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone"),
        Index(None, "clinic_id", "at"),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[RowId]
    at: Mapped[Instant]
    staff_id: Mapped[Reference]
    kind: Mapped[Slug]
    subject: Mapped[Holder]
    before: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    undone_at: Mapped[Instant | None]
    undone_by: Mapped[Holder | None]
