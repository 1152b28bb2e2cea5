"""A clinic, its people, its rooms, and what it can be visited for."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.database import Base
from scheduling.tables.columns import Name, OwningClinicKey, Phone, RowId, Slug


class Clinic(Base):
    """One clinic.

    timezone: IANA name; every wall-clock time of the clinic is in it.
    holidays_region: whose public holidays close the clinic, "US-TX"; None is nobody's.
    observes_holidays: the switch for them, without forgetting the region.
    phone_number: the line's number, E.164; the number called picks the clinic.
    """

    __tablename__ = "clinic"

    id: Mapped[Slug] = mapped_column(primary_key=True)
    name: Mapped[Name]
    timezone: Mapped[Slug]
    holidays_region: Mapped[Slug | None]
    observes_holidays: Mapped[bool]
    phone_number: Mapped[Phone] = mapped_column(unique=True)


class Provider(Base):
    """Whoever sees the patient. `name` is as it is spoken."""

    __tablename__ = "provider"
    __table_args__ = (UniqueConstraint("clinic_id", "key"),)

    clinic_id: Mapped[OwningClinicKey]
    id: Mapped[RowId]
    key: Mapped[Slug]
    name: Mapped[Name]
    active: Mapped[bool] = mapped_column(default=True)


class Room(Base):
    """A room that a visit may need. Without weekly hours of its own it is always open."""

    __tablename__ = "room"
    __table_args__ = (UniqueConstraint("clinic_id", "key"),)

    clinic_id: Mapped[OwningClinicKey]
    id: Mapped[RowId]
    key: Mapped[Slug]
    name: Mapped[Name]
    active: Mapped[bool] = mapped_column(default=True)


class VisitType(Base):
    """What a visit is for. Minutes are elapsed time; see VisitShape and BookingRules."""

    __tablename__ = "visit_type"
    __table_args__ = (
        UniqueConstraint("clinic_id", "key"),
        CheckConstraint(
            "duration_minutes > 0 AND buffer_before_minutes >= 0 AND buffer_after_minutes >= 0",
            name="lengths",
        ),
        CheckConstraint("notice_minutes >= 0 AND horizon_days >= 0", name="rules"),
        CheckConstraint("booked_by IN ('anyone', 'existing_patients')", name="booked_by"),
    )

    clinic_id: Mapped[OwningClinicKey]
    id: Mapped[RowId]
    key: Mapped[Slug]
    duration_minutes: Mapped[int]
    buffer_before_minutes: Mapped[int]
    buffer_after_minutes: Mapped[int]
    notice_minutes: Mapped[int]
    horizon_days: Mapped[int]
    needs_room: Mapped[bool]
    booked_by: Mapped[Slug]
    active: Mapped[bool] = mapped_column(default=True)
