"""What racers do to visits that are booked: cancel, rebook, move, each in a unit of its own."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from scheduling import booking, visits
from scheduling.errors import IllegalStep, SlotTaken
from tests.scheduling.sample import CLINIC, NOW, TTL, request

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from scheduling.database import Database
    from scheduling.slots import Slot


def book_slot(
    database: Database, slot: Slot, patient_id: UUID, key: str, now: datetime = NOW
) -> str:
    """Hold and book in one unit: "booked" or "taken"."""

    def work(session: Session) -> str:
        kept = booking.hold(session, slot=slot, holder=key, now=now, ttl=TTL)
        booking.book_hold(
            session,
            clinic_id=CLINIC,
            hold_id=kept.id,
            patient_id=patient_id,
            callback_number=None,
            request=request(key, now=now),
        )
        return "booked"

    try:
        return database.write(work)
    except SlotTaken:
        return "taken"


def cancel(database: Database, visit_id: UUID, key: str) -> str:
    """Give a visit up: "cancelled", or "refused" where it was given up before."""
    try:
        database.write(
            lambda session: visits.cancel(
                session,
                clinic_id=CLINIC,
                visit_id=visit_id,
                request=request(key),
                reason="a race",
            )
        )
    except IllegalStep:
        return "refused"
    return "cancelled"


def move(database: Database, visit_id: UUID, slot: Slot, key: str) -> str:
    """Move a visit: "moved" or "taken"."""
    try:
        database.write(
            lambda session: visits.reschedule(
                session, clinic_id=CLINIC, visit_id=visit_id, slot=slot, request=request(key)
            )
        )
    except SlotTaken:
        return "taken"
    except IllegalStep:
        return "refused"
    return "moved"
