"""What patients were told of their visits, and where they find one for their calendar."""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, Index, String, UniqueConstraint
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


class VisitNotice(Base):
    """One thing that a patient is to know of one visit: stored once, whatever becomes of it.

    occasion: "booked", "moved", "cancelled", or the reminder "three_days" or "one_day".
    once: what makes it this notice and no other: the visit's version for what was done to it, its
        start for a reminder. So a reminder is planned once, whoever plans.
    starts_at: the start that it names.
    channel: "sms" or "call"; None where nobody could be told, and `unreached` says why.
    message_id: what tells it, in the outbox; two visits of a day share one. A message is deleted
        before the visit is, where a patient's number is forgotten.
    answer: "confirmed", "change", "person" or "opted_out", as keyed or texted back.
    """

    __tablename__ = "visit_notice"
    __table_args__ = (
        refers_to("visit", by="visit_id", ondelete="CASCADE"),
        UniqueConstraint("clinic_id", "visit_id", "occasion", "once"),
        CheckConstraint("(channel IS NULL) = (unreached IS NOT NULL)", name="told_or_not"),
        Index(None, "clinic_id", "message_id"),
        Index(None, "clinic_id", "starts_at"),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[RowId]
    visit_id: Mapped[Reference]
    occasion: Mapped[Slug]
    once: Mapped[Slug]
    starts_at: Mapped[Instant]
    channel: Mapped[Slug | None]
    unreached: Mapped[Slug | None]
    message_id: Mapped[Reference | None]
    answer: Mapped[Slug | None]
    answered_at: Mapped[Instant | None]
    created_at: Mapped[Instant]


class TextedSlots(Base):
    """Other times for a visit, texted to a number that asked for them, and kept for a while.

    source: the carrier's id of the text that asked. slots: the times in order, each with its hold
    and the version that the visit had.
    answered_by: the key of the request that took one of them; None as long as nobody has.
    """

    __tablename__ = "texted_slots"
    __table_args__ = (
        refers_to("visit", by="visit_id", ondelete="CASCADE"),
        UniqueConstraint("clinic_id", "source"),
        Index(None, "clinic_id", "number", "created_at"),
        Index(None, "created_at"),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[RowId]
    visit_id: Mapped[Reference]
    number: Mapped[Phone]
    source: Mapped[Holder]
    slots: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    answered_by: Mapped[Holder | None]
    expires_at: Mapped[Instant]
    created_at: Mapped[Instant]


class ReminderRound(Base):
    """When a clinic's reminders were last planned. Its lock lets one worker plan at a time."""

    __tablename__ = "reminder_round"

    clinic_id: Mapped[OwningClinicKey]
    looked_at: Mapped[Instant]


class CalendarLink(Base):
    """An address that gives a visit to whoever has it, as a calendar takes it, until it expires.

    token_hash: SHA-256 of the address's secret, in hexadecimal: what is stored opens nothing.
    """

    __tablename__ = "calendar_link"
    __table_args__ = (
        refers_to("visit", by="visit_id", ondelete="CASCADE"),
        UniqueConstraint("token_hash"),
        Index(None, "expires_at"),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[RowId]
    visit_id: Mapped[Reference]
    token_hash: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[Instant]
    created_at: Mapped[Instant]
