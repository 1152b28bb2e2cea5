"""A small clinic for the tests, and short ways to do to it what a call or the desk does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from scheduling import booking, patients
from scheduling.definition import (
    ClinicDefinition,
    ProviderDefinition,
    RoomDefinition,
    VisitTypeDefinition,
    WeeklyHoursDefinition,
)
from scheduling.refill_rules import RefillPolicy
from scheduling.requests import Request
from scheduling.states import Channel

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from scheduling.slots import Slot
    from scheduling.tables import Hold, Patient, Visit

CLINIC = "demo"
NOW = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
"""Monday 30 November 2026, 10:00 in Chicago (UTC-6)."""
TTL = timedelta(minutes=2)

MORNINGS = tuple(WeeklyHoursDefinition(day, time(8), time(12)) for day in range(5))
CONSULTATION = VisitTypeDefinition("consultation", duration_minutes=60)

DEFINITION = ClinicDefinition(
    id=CLINIC,
    name="Demo Clinic",
    timezone="America/Chicago",
    phone_number="+15125550100",
    desk_hours=MORNINGS,
    providers=(ProviderDefinition("fura", "Doctor Fura", MORNINGS),),
    visit_types=(CONSULTATION,),
)

TWO_PROVIDERS_ONE_ROOM = replace(
    DEFINITION,
    providers=(
        ProviderDefinition("adams", "Doctor Adams", MORNINGS),
        ProviderDefinition("baker", "Doctor Baker", MORNINGS),
    ),
    rooms=(RoomDefinition("one", "Room One"),),
    visit_types=(replace(CONSULTATION, needs_room=True),),
)

REFILL = VisitTypeDefinition(
    "refill",
    duration_minutes=30,
    refill=RefillPolicy(margin_days=7, preparation_days=3, opens_days=21),
)
WITH_REFILLS = replace(DEFINITION, visit_types=(CONSULTATION, REFILL))


def at(hour: int, minute: int = 0, *, day: int = 1, month: int = 12) -> datetime:
    """An instant of 2026 by Chicago's winter clock: at(8) is Tuesday 1 December, 8:00."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC) + timedelta(hours=6)


def offered(session: Session, **changed: Any) -> list[Slot]:
    """The slots of a consultation."""
    asked = {"clinic_id": CLINIC, "visit_type_key": "consultation", "now": NOW, **changed}
    return booking.find_slots(session, **asked)


def starts_of(slots: list[Slot]) -> list[datetime]:
    """When they start."""
    return [slot.starts_at for slot in slots]


def hold(session: Session, slot: Slot, holder: str = "CA1", now: datetime = NOW) -> Hold:
    """Keep a slot for two minutes."""
    return booking.hold(session, slot=slot, holder=holder, now=now, ttl=TTL)


def patient(session: Session, **changed: Any) -> Patient:
    """Register somebody, by phone."""
    given = {
        "clinic_id": CLINIC,
        "name": "Ann Lee",
        "date_of_birth": date(1950, 2, 28),
        "phone": "+15125550111",
        "language": "en",
        "request": request("a registration", now=changed.pop("now", NOW)),
        **changed,
    }
    return patients.register_patient(session, **given)


def request(key: str = "a request", **changed: Any) -> Request:
    """A caller's request."""
    return Request(
        **{"actor": "caller", "channel": Channel.PHONE, "now": NOW, "key": key, **changed}
    )


def by_desk(key: str = "a click", **changed: Any) -> Request:
    """A receptionist's request."""
    return request(key, **{"actor": "ana", "channel": Channel.DESK, **changed})


def book(session: Session, kept: Hold, who: Patient, **changed: Any) -> Visit:
    """Book what was held, by phone."""
    asked = {name: changed.pop(name) for name in ("actor", "channel", "now") if name in changed}
    given = {
        "clinic_id": CLINIC,
        "hold_id": kept.id,
        "patient_id": who.id,
        "callback_number": "+15125550111",
        "request": request(changed.pop("idempotency_key", f"call:{kept.id}"), **asked),
        **changed,
    }
    return booking.book_hold(session, **given)


def book_first_free(session: Session, **changed: Any) -> Visit:
    """Book the next free slot for Ann Lee."""
    slot = offered(session, limit=1, **changed)[0]
    return book(session, hold(session, slot, holder=f"for {slot.starts_at}"), patient(session))
