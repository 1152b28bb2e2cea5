"""The audit and its seals. Rows are added and never altered: triggers refuse it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.database import Base
from scheduling.tables.columns import (
    ClinicKey,
    Instant,
    OwningClinicKey,
    Reference,
    RowId,
    Slug,
    refers_to,
)


class StaffAudit(Base):
    """Who read or changed what, and when.

    `detail` holds identifiers and counts, never a patient's name or number.
    """

    __tablename__ = "staff_audit"
    __table_args__ = (
        refers_to("staff_user", by="staff_id"),
        Index(None, "clinic_id", "at"),
        Index(None, "clinic_id", "patient_id", "at"),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[RowId]
    at: Mapped[Instant]
    staff_id: Mapped[Reference]
    action: Mapped[Slug]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    patient_id: Mapped[UUID | None] = mapped_column(Uuid)
    """Whom the row is about, where it is about one patient. No foreign key: the audit outlives
    the patient's row."""


class AuditSeal(Base):
    """A run of the clinic's audit rows, sealed: none is added, altered or taken away unseen."""

    __tablename__ = "audit_seal"

    clinic_id: Mapped[OwningClinicKey]
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 1, without gaps."""
    begins_at: Mapped[Instant]
    """Where the seal before ended."""
    ends_at: Mapped[Instant]
    """Rows from `begins_at` up to here, this instant left out, are under this seal."""
    rows: Mapped[int]
    mac: Mapped[str] = mapped_column(String(64))
    """HMAC-SHA256 (hex) over the seal before, this seal's own fields and every row under it."""
    sealed_at: Mapped[Instant]
