"""When a clinic, a provider or a room is open, and when it is not."""

from __future__ import annotations

from datetime import date, time

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from scheduling.database import Base
from scheduling.tables.columns import Instant, Name, OwningClinicKey, Reference, RowId, refers_to


class WeeklyHours(Base):
    """One weekly session of a provider, of a room, or, with neither, of the desk.

    Fields as in scheduling.hours.WeeklySession: wall-clock times of the clinic's zone.
    """

    __tablename__ = "weekly_hours"
    __table_args__ = (
        refers_to("provider", by="provider_id"),
        refers_to("room", by="room_id"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("provider_id IS NULL OR room_id IS NULL", name="one_owner"),
    )

    clinic_id: Mapped[OwningClinicKey]
    id: Mapped[RowId]
    provider_id: Mapped[Reference | None]
    room_id: Mapped[Reference | None]
    weekday: Mapped[int]
    opens: Mapped[time]
    closes: Mapped[time]
    effective_from: Mapped[date | None]
    effective_until: Mapped[date | None]


class Closure(Base):
    """Time in which one provider sees nobody, one room is shut, or, with neither, the clinic is."""

    __tablename__ = "closure"
    __table_args__ = (
        refers_to("provider", by="provider_id"),
        refers_to("room", by="room_id"),
        CheckConstraint("provider_id IS NULL OR room_id IS NULL", name="one_owner"),
        CheckConstraint("ends_at > starts_at", name="forward"),
        # Look-ups ask for what has not yet ended: past closures are never read again.
        Index(None, "clinic_id", "ends_at"),
    )

    clinic_id: Mapped[OwningClinicKey]
    id: Mapped[RowId]
    provider_id: Mapped[Reference | None]
    room_id: Mapped[Reference | None]
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    reason: Mapped[Name]


class ExtraSession(Base):
    """Time in which a provider or a room is open beyond its weekly hours, on a holiday too."""

    __tablename__ = "extra_session"
    __table_args__ = (
        refers_to("provider", by="provider_id"),
        refers_to("room", by="room_id"),
        CheckConstraint("(provider_id IS NULL) <> (room_id IS NULL)", name="one_owner"),
        CheckConstraint("ends_at > starts_at", name="forward"),
        Index(None, "clinic_id", "ends_at"),
    )

    clinic_id: Mapped[OwningClinicKey]
    id: Mapped[RowId]
    provider_id: Mapped[Reference | None]
    room_id: Mapped[Reference | None]
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
