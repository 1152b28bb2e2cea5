"""Patients: who they are, how to reach them, what they agreed to."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.database import Base
from scheduling.tables.columns import (
    ClinicKey,
    Holder,
    Instant,
    Name,
    OwningClinicKey,
    Phone,
    Reference,
    RowId,
    Slug,
    refers_to,
)


class Patient(Base):
    """One patient.

    name: None while a caller has left it to the desk. preferred_name: what they like to be called.
    language: "en" or "es". interpreter_language: another language for which an interpreter is
        needed, as the desk writes it; None where none is.
    deceased_on: from then on nothing is sent.
    preferred_channel: "sms" or "call", where they agreed to both; None is a text.
    timezone: IANA name of the zone they live in, where it is not the clinic's.
    merged_into_id: the record that this one turned out to be a duplicate of. Its visits, phones
        and pumps have moved there; the row stays, so that nothing that names it is lost.
    deletion_requested_at: only patients so marked can be deleted, with all that is theirs; the
        database itself refuses any other deletion.
    version: grows by one with every change, for optimistic locking.
    """

    __tablename__ = "patient"
    __table_args__ = (
        refers_to("patient", by="merged_into_id"),
        Index(None, "clinic_id", "date_of_birth"),
    )

    clinic_id: Mapped[OwningClinicKey]
    id: Mapped[RowId]
    name: Mapped[Name | None]
    preferred_name: Mapped[Name | None]
    date_of_birth: Mapped[date]
    language: Mapped[str] = mapped_column(String(8))
    interpreter_language: Mapped[Slug | None]
    deceased_on: Mapped[date | None]
    preferred_channel: Mapped[Slug | None]
    timezone: Mapped[Slug | None]
    merged_into_id: Mapped[Reference | None]
    deletion_requested_at: Mapped[Instant | None]
    version: Mapped[int] = mapped_column(default=1)
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


class PatientConsent(Base):
    """What a patient agreed to or withdrew, when, by which way. The latest row of a kind counts.

    Rows are added and never changed. kind: "sms" or "call". source: where it was given, such as
    a CallSid or "desk".
    number: the one that was asked about; None for whichever they have. wording: the version of the
    question, such as "ask_to_text.en.1a2b3c4d", the last part a digest of its words; None where no
    fixed words were used.
    """

    __tablename__ = "patient_consent"
    __table_args__ = (
        refers_to("patient", by="patient_id"),
        CheckConstraint("kind IN ('sms', 'call')", name="kind"),
        Index(None, "clinic_id", "patient_id", "kind", "at"),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[RowId]
    patient_id: Mapped[Reference]
    kind: Mapped[Slug]
    granted: Mapped[bool]
    at: Mapped[Instant]
    source: Mapped[Holder]
    actor: Mapped[Holder]
    number: Mapped[Phone | None]
    wording: Mapped[Holder | None]


class PatientNote(Base):
    """What somebody wrote down about a patient. Rows are added and never changed."""

    __tablename__ = "patient_note"
    __table_args__ = (
        refers_to("patient", by="patient_id"),
        Index(None, "clinic_id", "patient_id", "at"),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[RowId]
    patient_id: Mapped[Reference]
    at: Mapped[Instant]
    actor: Mapped[Holder]
    text: Mapped[str] = mapped_column(Text)


class PatientEvent(Base):
    """Who changed what in a patient's record, when. Rows are added and never changed.

    detail: names of changed fields and ids of moved rows, never the values.
    """

    __tablename__ = "patient_event"
    __table_args__ = (
        refers_to("patient", by="patient_id"),
        CheckConstraint("channel IN ('phone', 'desk', 'worker', 'import')", name="channel"),
        Index(None, "clinic_id", "patient_id", "at"),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[RowId]
    patient_id: Mapped[Reference]
    at: Mapped[Instant]
    kind: Mapped[Slug]
    actor: Mapped[Holder]
    channel: Mapped[Slug]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
