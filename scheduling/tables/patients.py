"""Patients, as far as booking them needs."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.database import Base
from scheduling.tables.columns import (
    ClinicKey,
    Instant,
    Name,
    OwningClinicKey,
    Phone,
    Reference,
    RowId,
    refers_to,
)


class Patient(Base):
    """One patient. `name` is None while a caller has left it to the desk."""

    __tablename__ = "patient"

    clinic_id: Mapped[OwningClinicKey]
    id: Mapped[RowId]
    name: Mapped[Name | None]
    date_of_birth: Mapped[date]
    language: Mapped[str] = mapped_column(String(8))
    """"en" or "es"."""
    created_at: Mapped[Instant]


class PatientPhone(Base):
    """A number a patient can be reached at, E.164. Households share one; patients have several."""

    __tablename__ = "patient_phone"
    __table_args__ = (
        refers_to("patient", by="patient_id", ondelete="CASCADE"),
        Index(None, "clinic_id", "number"),
    )

    clinic_id: Mapped[ClinicKey]
    patient_id: Mapped[Reference] = mapped_column(primary_key=True)
    number: Mapped[Phone] = mapped_column(primary_key=True)
