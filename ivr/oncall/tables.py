"""On-call people, tickets, and all that happened to a ticket."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, String, UniqueConstraint, text
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
    Slug,
    refers_to,
)

_NOT_CLOSED = text("status <> 'closed'")
_WAITING = text("escalate_at IS NOT NULL")


class OnCallPerson(Base):
    """Somebody who may be rung for an urgent call.

    key: their name in clinic.toml and in links. position: lowest is rung first.
    active: who leaves the rota stays in the table, since old tickets name them.
    """

    __tablename__ = "on_call_person"
    __table_args__ = (UniqueConstraint("clinic_id", "key"),)

    clinic_id: Mapped[OwningClinicKey]
    id: Mapped[RowId]
    key: Mapped[Slug]
    name: Mapped[Name]
    number: Mapped[Phone]
    position: Mapped[int]
    active: Mapped[bool]


class TicketCounter(Base):
    """The last ticket number a clinic gave out."""

    __tablename__ = "ticket_counter"

    clinic_id: Mapped[OwningClinicKey]
    last_number: Mapped[int]


class Ticket(Base):
    """An urgent call for help. Stored before the first ring; nothing deletes one.

    number: small, counted per clinic: what callers and staff say to each other.
    category: what it is about; "unknown" until somebody has asked.
    callback_number: E.164; None while nobody knows it.
    language: the caller's, "en" or "es".
    plan: whom to ring and page and where the page links to, as they were when it opened.
    callback_by: when its caller was promised a call back and wanted nobody before; else None.
    escalate_at: when the worker next has to page for it; None once somebody has it.
    version: grows by one with every event, under the row's lock; it numbers the events.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        refers_to("on_call_person", by="accepted_by"),
        UniqueConstraint("clinic_id", "number"),
        UniqueConstraint("clinic_id", "call_sid"),
        CheckConstraint(
            "status IN ('open', 'ringing', 'accepted', 'called_back', 'closed')", name="status"
        ),
        CheckConstraint("(accepted_by IS NULL) = (accepted_at IS NULL)", name="accepted"),
        Index(
            "ix_ticket_not_closed",
            "clinic_id",
            "number",
            postgresql_where=_NOT_CLOSED,
            sqlite_where=_NOT_CLOSED,
        ),
        # Not by clinic: one worker looks for all of them at once.
        Index(
            "ix_ticket_escalate_at",
            "escalate_at",
            postgresql_where=_WAITING,
            sqlite_where=_WAITING,
        ),
    )

    clinic_id: Mapped[OwningClinicKey]
    id: Mapped[RowId]
    number: Mapped[int]
    call_sid: Mapped[str] = mapped_column(String(64))
    category: Mapped[Slug]
    callback_number: Mapped[Phone | None]
    language: Mapped[Slug]
    status: Mapped[Slug]
    opened_at: Mapped[Instant]
    accepted_by: Mapped[UUID | None]
    accepted_at: Mapped[Instant | None]
    plan: Mapped[dict[str, Any]] = mapped_column(JSON)
    callback_by: Mapped[Instant | None]
    escalate_at: Mapped[Instant | None]
    version: Mapped[int]


class TicketCall(Base):
    """A further call by the caller of a ticket that waits: it gets no ticket of its own.

    call_sid: the carrier's id of that call. The call that the ticket is of stands in the ticket.
    """

    __tablename__ = "ticket_call"
    __table_args__ = (refers_to("ticket", by="ticket_id"),)

    clinic_id: Mapped[ClinicKey]
    call_sid: Mapped[str] = mapped_column(String(64), primary_key=True)
    ticket_id: Mapped[Reference]


class TicketEvent(Base):
    """One thing that happened to a ticket. Rows are added and never changed.

    sequence: 1, 2, 3, … within the ticket: their order, whatever the clocks of several machines
        say. kind: see ivr.oncall.escalation.EventKind. person_key: whom it concerns.
    """

    __tablename__ = "ticket_event"
    __table_args__ = (
        refers_to("ticket", by="ticket_id"),
        UniqueConstraint("clinic_id", "ticket_id", "sequence"),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[RowId]
    ticket_id: Mapped[Reference]
    sequence: Mapped[int]
    at: Mapped[Instant]
    kind: Mapped[Slug]
    person_key: Mapped[Slug | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
