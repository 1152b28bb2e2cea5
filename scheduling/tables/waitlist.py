"""Who waits for an earlier or better time, and to whom freed time is offered."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.database import Base
from scheduling.tables.columns import (
    ClinicKey,
    Holder,
    Instant,
    Reference,
    RowId,
    Slug,
    refers_to,
)

_OPEN = text("status = 'open'")


class WaitlistEntry(Base):
    """What one patient wants.

    provider_id: None is anybody. visit_id: a visit they have already and would move earlier.
    weekdays: a bit for each day, Monday is 1, Sunday 64. day_parts: morning 1, afternoon 2,
        evening 4, by the clinic's clock; see scheduling.preferences.
    from_on, until_on: first and last day that suits them, of the clinic's calendar.
    status: waiting, offered (somebody waits for their answer), booked, left, lapsed (until_on
        has passed).
    """

    __tablename__ = "waitlist_entry"
    __table_args__ = (
        refers_to("patient", by="patient_id"),
        refers_to("visit_type", by="visit_type_id"),
        refers_to("provider", by="provider_id"),
        refers_to("visit", by="visit_id"),
        UniqueConstraint("clinic_id", "idempotency_key"),
        CheckConstraint(
            "status IN ('waiting', 'offered', 'booked', 'left', 'lapsed')", name="status"
        ),
        CheckConstraint("weekdays BETWEEN 1 AND 127", name="weekdays"),
        CheckConstraint("day_parts BETWEEN 1 AND 7", name="day_parts"),
        CheckConstraint("until_on >= from_on", name="forward"),
        Index(None, "clinic_id", "status", "until_on"),
        Index(None, "clinic_id", "patient_id"),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[RowId]
    patient_id: Mapped[Reference]
    visit_type_id: Mapped[Reference]
    provider_id: Mapped[Reference | None]
    visit_id: Mapped[Reference | None]
    weekdays: Mapped[int] = mapped_column(default=127)
    day_parts: Mapped[int] = mapped_column(default=7)
    from_on: Mapped[date]
    until_on: Mapped[date]
    status: Mapped[Slug] = mapped_column(default="waiting")
    joined_at: Mapped[Instant]
    idempotency_key: Mapped[Holder]


class WaitlistOffer(Base):
    """A freed time, held for one waiting person until `expires_at`.

    Its hold's holder is "waitlist:<id>". freed_from, freed_until: the whole time that had become
    free, which goes to the next in line when this offer is declined or lapses.
    status: open, accepted, declined, lapsed.
    told_at: when it was seen to that they are told, by a text or by the desk.
    """

    __tablename__ = "waitlist_offer"
    __table_args__ = (
        refers_to("waitlist_entry", by="entry_id"),
        refers_to("provider", by="provider_id"),
        refers_to("room", by="room_id"),
        CheckConstraint("status IN ('open', 'accepted', 'declined', 'lapsed')", name="status"),
        CheckConstraint("ends_at > starts_at", name="forward"),
        Index(None, "clinic_id", "status", "expires_at"),
        Index(
            "uq_waitlist_offer_open_entry",
            "clinic_id",
            "entry_id",
            unique=True,
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
        Index(None, "clinic_id", "entry_id", "starts_at"),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[RowId]
    entry_id: Mapped[Reference]
    hold_id: Mapped[Reference]
    provider_id: Mapped[Reference]
    room_id: Mapped[Reference | None]
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    freed_from: Mapped[Instant]
    freed_until: Mapped[Instant]
    status: Mapped[Slug] = mapped_column(default="open")
    offered_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    answered_at: Mapped[Instant | None]
    told_at: Mapped[Instant | None]
