"""A clinic with two people on call, and the ticket of a patient who pressed 1."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.messages.tables import OutboxMessage
from ivr.oncall import rota, tickets
from ivr.oncall.escalation import Person
from ivr.oncall.tables import Ticket
from scheduling.database import Database
from scheduling.tables import Clinic
from tests.clock import MONDAY_NIGHT

CLINIC = "demo"
LINE = "+15125550100"
OTHER_LINE = "+15125550109"
PATIENT = "+15125550142"
ANA = Person("ana", "Ana Ruiz", "+15125550111")
SAM = Person("sam", "Sam Lee", "+15125550112")
LINK_BASE = "https://line.example"


def load_clinic(database: Database, *people: Person, clinic_id: str = CLINIC) -> None:
    """Store a clinic with `people` on call; ANA, then SAM, where none are given."""

    def unit(session: Session) -> None:
        session.add(
            Clinic(
                id=clinic_id,
                name="Dr. Fura's clinic",
                timezone="America/Chicago",
                holidays_region=None,
                observes_holidays=False,
                phone_number=LINE if clinic_id == CLINIC else OTHER_LINE,
            )
        )
        session.flush()
        rota.load_people(session, clinic_id, people or (ANA, SAM))

    database.write(unit)


def open_ticket(
    database: Database,
    call_sid: str = "CA1",
    *,
    clinic_id: str = CLINIC,
    callback_number: str | None = PATIENT,
    now: datetime = MONDAY_NIGHT,
) -> Ticket:
    """What a caller's press on 1 does."""
    return database.write(
        lambda session: tickets.open_ticket(
            session,
            clinic_id=clinic_id,
            call_sid=call_sid,
            callback_number=callback_number,
            language="en",
            link_base=LINK_BASE,
            now=now,
        )
    )


def messages(database: Database) -> list[OutboxMessage]:
    """Everything that ever was in the outbox, in the order of storing."""
    return database.read(
        lambda session: list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))
    )
