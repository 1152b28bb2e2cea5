"""The rota as it is stored: weekly shifts, and what departs from them."""

from __future__ import annotations

from datetime import date, time
from uuid import UUID

from sqlalchemy import CheckConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.database import Base
from scheduling.tables.columns import ClinicKey, Holder, Instant, Reference, RowId, Slug, refers_to


class OnCallShift(Base):
    """A weekly duty; columns as in ivr.oncall.rota_rules.Shift, times of the clinic's clock."""

    __tablename__ = "on_call_shift"
    __table_args__ = (
        refers_to("on_call_person", by="person_id"),
        CheckConstraint("level IN ('primary', 'backup')", name="level"),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[RowId]
    person_id: Mapped[Reference]
    level: Mapped[Slug]
    weekday: Mapped[int]
    opens: Mapped[time]
    closes: Mapped[time]
    effective_from: Mapped[date | None]
    effective_until: Mapped[date | None]
    every_weeks: Mapped[int]
    week: Mapped[int]
    on_holidays: Mapped[bool]


class OnCallException(Base):
    """An override, or time off where level is None. Nothing deletes one, so it tells who did what.

    change_id: names what was made at once, such as the two halves of a swap.
    sequence: 1, 2, 3, … within the clinic; of two overrides, the higher wins.
    withdrawn_at, withdrawn_by: from then on it counts no more.
    """

    __tablename__ = "on_call_exception"
    __table_args__ = (
        refers_to("on_call_person", by="person_id"),
        CheckConstraint("starts_at < ends_at", name="span"),
        CheckConstraint("level IN ('primary', 'backup')", name="level"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn"),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[RowId]
    person_id: Mapped[Reference]
    change_id: Mapped[UUID] = mapped_column(Uuid)
    sequence: Mapped[int]
    level: Mapped[Slug | None]
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    made_at: Mapped[Instant]
    made_by: Mapped[Holder]
    withdrawn_at: Mapped[Instant | None]
    withdrawn_by: Mapped[Holder | None]
