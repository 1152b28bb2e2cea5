"""Holds, visits, and the one table that makes two of them at the same time impossible."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.database import Base
from scheduling.tables.columns import (
    ClinicKey,
    Holder,
    Instant,
    OwningClinicKey,
    Phone,
    Reference,
    RowId,
    Slug,
    refers_to,
)


class Hold(Base):
    """A slot kept for whoever is still deciding, until `expires_at`.

    holder: a call's or a web session's own name. One holder keeps one slot at a time.
    """

    __tablename__ = "hold"
    __table_args__ = (
        refers_to("visit_type", by="visit_type_id"),
        refers_to("provider", by="provider_id"),
        refers_to("room", by="room_id"),
        UniqueConstraint("clinic_id", "holder"),
        CheckConstraint("ends_at > starts_at", name="forward"),
        Index(None, "clinic_id", "expires_at"),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[RowId]
    holder: Mapped[Holder]
    visit_type_id: Mapped[Reference]
    provider_id: Mapped[Reference]
    room_id: Mapped[Reference | None]
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    created_at: Mapped[Instant]


class Visit(Base):
    """A booked visit, from booking to completion or cancellation.

    starts_at, ends_at: the patient's time, without buffers.
    version: grows by one with every change, for optimistic locking.
    pump_id: the pump that a refill fills; None for every other visit.
    callback_number: E.164; None where the caller withheld it.
    booked_channel: by which way it came in; who and when stands in its first event.
    """

    __tablename__ = "visit"
    __table_args__ = (
        refers_to("patient", by="patient_id"),
        refers_to("visit_type", by="visit_type_id"),
        refers_to("provider", by="provider_id"),
        refers_to("room", by="room_id"),
        refers_to("pump", by="pump_id"),
        UniqueConstraint("clinic_id", "idempotency_key"),
        CheckConstraint("ends_at > starts_at", name="forward"),
        CheckConstraint(
            "status IN ('booked', 'confirmed', 'checked_in', 'completed', 'cancelled', 'no_show')",
            name="status",
        ),
        CheckConstraint(
            "booked_channel IN ('phone', 'desk', 'worker', 'import')", name="booked_channel"
        ),
        Index(None, "clinic_id", "starts_at"),
        Index(None, "clinic_id", "patient_id", "starts_at"),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[RowId]
    patient_id: Mapped[Reference]
    visit_type_id: Mapped[Reference]
    provider_id: Mapped[Reference]
    room_id: Mapped[Reference | None]
    pump_id: Mapped[Reference | None]
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    status: Mapped[Slug]
    version: Mapped[int]
    callback_number: Mapped[Phone | None]
    booked_channel: Mapped[Slug]
    created_at: Mapped[Instant]
    idempotency_key: Mapped[Holder]


class VisitEvent(Base):
    """Who did what to a visit, when, by which channel.

    Rows are added and never changed: the database itself refuses it.
    idempotency_key: of the request that caused it; the same request again causes nothing.
    """

    __tablename__ = "visit_event"
    __table_args__ = (
        refers_to("visit", by="visit_id"),
        UniqueConstraint("clinic_id", "idempotency_key"),
        CheckConstraint("channel IN ('phone', 'desk', 'worker', 'import')", name="channel"),
        Index(None, "clinic_id", "visit_id", "at"),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[RowId]
    visit_id: Mapped[Reference]
    at: Mapped[Instant]
    kind: Mapped[Slug]
    actor: Mapped[Holder]
    channel: Mapped[Slug]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    idempotency_key: Mapped[Holder | None]


class Occupancy(Base):
    """THE BOOKING GUARANTEE: one row per resource and five minutes, and only one.

    Two visits or holds of the same provider, room or patient cannot overlap, because the second
    one's rows have the first one's primary key.

    resource: "provider:<uuid>", "room:<uuid>" or "patient:<uuid>".
    granule_start: seconds since 1970 UTC, a multiple of 300.
    """

    __tablename__ = "occupancy"
    __table_args__ = (
        # A hold that goes takes its granules along: none can be left behind without an owner.
        refers_to("hold", by="hold_id", ondelete="CASCADE"),
        refers_to("visit", by="visit_id"),
        CheckConstraint("granule_start % 300 = 0", name="granule"),
        CheckConstraint("(hold_id IS NULL) <> (visit_id IS NULL)", name="one_owner"),
        Index(None, "clinic_id", "hold_id"),
        Index(None, "clinic_id", "visit_id"),
        {"sqlite_with_rowid": False},
    )

    clinic_id: Mapped[ClinicKey]
    resource: Mapped[str] = mapped_column(String(48), primary_key=True)
    granule_start: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    hold_id: Mapped[UUID | None]
    visit_id: Mapped[UUID | None]


class AgendaChange(Base):
    """One number per clinic that grows with every change of its visits.

    It is counted under a row lock, so that it grows in the order of commits: the largest id of
    the event log would miss a change that began earlier and was committed later.
    """

    __tablename__ = "agenda_change"

    clinic_id: Mapped[OwningClinicKey]
    version: Mapped[int] = mapped_column(BigInteger)
