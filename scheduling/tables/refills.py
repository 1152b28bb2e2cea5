"""Pumps, and the recalls that bring their owners back before the reservoir runs low."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.database import Base
from scheduling.tables.columns import (
    ClinicKey,
    Holder,
    Instant,
    Name,
    Reference,
    RowId,
    Slug,
    refers_to,
)

_LIVE = text("status IN ('open', 'booked') AND pump_id IS NOT NULL")


class Pump(Base):
    """One implanted pump. Days are of the clinic's calendar.

    label: what tells a patient's pumps apart; None where there is one.
    filled_on: the last refill, as far as it is known here.
    alarm_on: the low-reservoir alarm date that the programmer printed at the last refill.
    stable_until: the last day on which the drug in it is stable; None where the clinic sets none.
    margin_days, preparation_days: see scheduling.refill_rules.
    active: False once it is explanted or refilled elsewhere.
    """

    __tablename__ = "pump"
    __table_args__ = (
        refers_to("patient", by="patient_id"),
        CheckConstraint("margin_days >= 0 AND preparation_days >= 0", name="days"),
        Index(None, "clinic_id", "patient_id"),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[RowId]
    patient_id: Mapped[Reference]
    label: Mapped[Name | None]
    filled_on: Mapped[date | None]
    alarm_on: Mapped[date]
    stable_until: Mapped[date | None]
    margin_days: Mapped[int]
    preparation_days: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[Instant]


class Recall(Base):
    """One reason for which a patient has to come back; a patient may have many.

    due_on: last day of the clinic's calendar on which the visit is in time.
    status: open (nobody has booked it), booked (by `visit_id`), done, dropped.
    snoozed_until: the desk's list leaves it out before that day; never later than due_on.
    pump_id: None for a recall that is not about a refill.
    """

    __tablename__ = "recall"
    __table_args__ = (
        refers_to("patient", by="patient_id"),
        refers_to("visit_type", by="visit_type_id"),
        refers_to("pump", by="pump_id"),
        refers_to("visit", by="visit_id"),
        CheckConstraint("status IN ('open', 'booked', 'done', 'dropped')", name="status"),
        CheckConstraint("(status = 'booked') <= (visit_id IS NOT NULL)", name="booked_by_a_visit"),
        CheckConstraint("snoozed_until IS NULL OR snoozed_until <= due_on", name="snooze"),
        Index(None, "clinic_id", "status", "due_on"),
        Index(None, "clinic_id", "patient_id"),
        Index(None, "clinic_id", "visit_id"),
        # A pump runs dry once: two live recalls for it would each be somebody else's job.
        Index(
            "uq_recall_live_pump",
            "clinic_id",
            "pump_id",
            unique=True,
            postgresql_where=_LIVE,
            sqlite_where=_LIVE,
        ),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[RowId]
    patient_id: Mapped[Reference]
    visit_type_id: Mapped[Reference]
    pump_id: Mapped[Reference | None]
    visit_id: Mapped[Reference | None]
    due_on: Mapped[date]
    status: Mapped[Slug] = mapped_column(default="open")
    snoozed_until: Mapped[date | None]
    opened_at: Mapped[Instant]
    closed_at: Mapped[Instant | None]
    version: Mapped[int] = mapped_column(default=1)


class RecallAttempt(Base):
    """One try to reach the patient of a recall. Rows are added and never changed.

    outcome: reached, left_message, no_answer, bad_number, declined.
    """

    __tablename__ = "recall_attempt"
    __table_args__ = (
        refers_to("recall", by="recall_id"),
        CheckConstraint(
            "outcome IN ('reached', 'left_message', 'no_answer', 'bad_number', 'declined')",
            name="outcome",
        ),
        CheckConstraint("channel IN ('phone', 'desk', 'worker', 'import')", name="channel"),
        Index(None, "clinic_id", "recall_id", "at"),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[RowId]
    recall_id: Mapped[Reference]
    at: Mapped[Instant]
    channel: Mapped[Slug]
    outcome: Mapped[Slug]
    actor: Mapped[Holder]
