"""Calling the caller of a ticket back: by whoever accepted it, to the number it holds."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from ivr.oncall.escalation import EventKind
from ivr.oncall.journal import record
from ivr.oncall.tables import OnCallPerson, Ticket


def number_for(session: Session, *, clinic_id: str, ticket_id: UUID, person_key: str) -> str | None:
    """The ticket's callback number, E.164, where this person has the ticket; else None.

    None, too, once it is closed: only an open ticket's number is dialled [caller-safety: abuse].
    """
    return session.scalar(
        select(Ticket.callback_number)
        .join(
            OnCallPerson,
            and_(OnCallPerson.clinic_id == Ticket.clinic_id, OnCallPerson.id == Ticket.accepted_by),
        )
        .where(
            Ticket.clinic_id == clinic_id,
            Ticket.id == ticket_id,
            Ticket.status != "closed",
            OnCallPerson.key == person_key,
        )
    )


def called_back(
    session: Session, *, clinic_id: str, ticket_id: UUID, person_key: str, now: datetime
) -> None:
    """The two were connected. Said again, or once somebody else has it, it changes nothing."""
    record(
        session,
        clinic_id,
        ticket_id,
        EventKind.CALLED_BACK,
        now,
        person_key=person_key,
        change={"status": "called_back"},
        only_if=(Ticket.status == "accepted",),
    )
