"""A clinic, its people, its rooms, and what it can be visited for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.database import Base
from scheduling.tables.columns import (
    ClinicKey,
    Name,
    OwningClinicKey,
    Phone,
    Reference,
    RowId,
    Slug,
    refers_to,
)


class Clinic(Base):
    """One clinic.

    timezone: IANA name; every wall-clock time of the clinic is in it.
    holidays_region: whose public holidays close the clinic, "US-TX"; None is nobody's.
    observes_holidays: the switch for them, without forgetting the region.
    phone_number: the line's number, E.164; the number called picks the clinic.
    desk_number: where the line connects a caller who wants a person; None: as the file says.
    """

    __tablename__ = "clinic"

    id: Mapped[Slug] = mapped_column(primary_key=True)
    name: Mapped[Name]
    timezone: Mapped[Slug]
    holidays_region: Mapped[Slug | None]
    observes_holidays: Mapped[bool]
    phone_number: Mapped[Phone] = mapped_column(unique=True)
    desk_number: Mapped[Phone | None]


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
    """What a visit is for. Minutes are elapsed time; see VisitShape and BookingRules.

    refills_pump: it fills a patient's pump, so scheduling.refill_rules apply to it.
    refill_*_days: see scheduling.refill_rules.RefillPolicy; read only where refills_pump is set.
    """

    __tablename__ = "visit_type"
    __table_args__ = (
        UniqueConstraint("clinic_id", "key"),
        CheckConstraint(
            "duration_minutes > 0 AND buffer_before_minutes >= 0 AND buffer_after_minutes >= 0",
            name="lengths",
        ),
        CheckConstraint("notice_minutes >= 0 AND horizon_days >= 0", name="rules"),
        CheckConstraint("booked_by IN ('anyone', 'existing_patients')", name="booked_by"),
        CheckConstraint(
            "refill_margin_days >= 0 AND refill_preparation_days >= 0 AND refill_opens_days >= 0",
            name="refill_days",
        ),
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
    refills_pump: Mapped[bool] = mapped_column(default=False)
    refill_margin_days: Mapped[int] = mapped_column(default=0)
    refill_preparation_days: Mapped[int] = mapped_column(default=0)
    refill_opens_days: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)


class VisitTypeProvider(Base):
    """A provider who takes visits of this type. A type without any such row is everybody's."""

    __tablename__ = "visit_type_provider"
    __table_args__ = (
        refers_to("visit_type", by="visit_type_id"),
        refers_to("provider", by="provider_id"),
    )

    clinic_id: Mapped[ClinicKey]
    visit_type_id: Mapped[Reference] = mapped_column(primary_key=True)
    provider_id: Mapped[Reference] = mapped_column(primary_key=True)


class VisitTypeRoom(Base):
    """A room fit for visits of this type. For a type without any such row every room is."""

    __tablename__ = "visit_type_room"
    __table_args__ = (
        refers_to("visit_type", by="visit_type_id"),
        refers_to("room", by="room_id"),
    )

    clinic_id: Mapped[ClinicKey]
    visit_type_id: Mapped[Reference] = mapped_column(primary_key=True)
    room_id: Mapped[Reference] = mapped_column(primary_key=True)


class LoadedDefinition(Base):
    """What a clinic's file said when it was last loaded: see scheduling.last_loaded.

    said: subject ("visit type refill") -> field -> value, as JSON has them.
    """

    __tablename__ = "loaded_definition"

    clinic_id: Mapped[OwningClinicKey]
    said: Mapped[dict[str, Any]] = mapped_column(JSON)


class RulesMark(Base):
    """Which state of a clinic's rules the database holds: see scheduling.clinic_rules.

    mark: random, and another one after each change of the clinic's row, its people, rooms, visit
        types, hours, closures and extra sessions. Triggers see to it, whoever makes the change.
    """

    __tablename__ = "rules_mark"

    clinic_id: Mapped[OwningClinicKey]
    mark: Mapped[Slug]
