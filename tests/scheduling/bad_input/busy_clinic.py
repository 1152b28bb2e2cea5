"""A clinic with something of everything in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from scheduling import (
    booking,
    directory,
    merging,
    other_recalls,
    pumps,
    recall_list,
    visits,
)
from scheduling.preferences import Wishes
from scheduling.waitlist import joining, offering
from tests.scheduling.sample import (
    CLINIC,
    NOW,
    WITH_REFILLS,
    at,
    book,
    by_desk,
    hold,
    offered,
    patient,
    request,
)

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.database import Database
    from scheduling.slots import Slot
    from scheduling.tables import Visit

ARRIVAL = at(10, day=23)
"""Wednesday 23 December: the patient is here for the refill, the first day on which it is open."""
FREED = (at(8, day=3), at(12, day=3))
UNTIL = date(2026, 12, 31)


@dataclass(frozen=True)
class BusyClinic:
    """What is there, by id. Keys of requests that were done: "booked", "pump", "merged".

    ann: has a visit, a pump, its refill, which she has come for, and two recalls. eve: waits, and
    has an offer. bob, rob: their records were made one, bob's. held: a slot; free: another one.
    nameless: is in nobody's care.
    """

    database: Database
    ann: UUID
    eve: UUID
    bob: UUID
    rob: UUID
    nameless: UUID
    visit: UUID
    refill: UUID
    pump: UUID
    pump_recall: UUID
    recall: UUID
    entry: UUID
    offer: UUID
    hold: UUID
    held: Slot
    free: Slot


def open_clinic(database: Database) -> BusyClinic:
    """Fill a migrated database."""
    database.write(lambda session: directory.load_clinic(session, WITH_REFILLS))
    return database.write(lambda session: BusyClinic(database=database, **_fill(session)))


def _fill(session: Session) -> dict[str, Any]:
    ann = patient(session)
    eve = patient(session, name="Eve Stone", phone="+15125550112", date_of_birth=date(1960, 5, 1))
    bob = patient(session, name="Bob Gray", phone="+15125550113")
    rob = patient(session, name="Rob Gray", phone="+15125550114")
    nameless = patient(session, name=None, phone="+15125550115")
    merging.merge(
        session, clinic_id=CLINIC, keep_id=bob.id, merge_id=rob.id, request=by_desk("merged")
    )
    pump = pumps.register_pump(
        session,
        clinic_id=CLINIC,
        patient_id=ann.id,
        alarm_on=date(2027, 1, 20),
        stable_until=None,
        filled_on=date(2026, 10, 20),
        label=None,
        request=by_desk("pump"),
    )
    recall = other_recalls.open_recall(
        session,
        clinic_id=CLINIC,
        patient_id=ann.id,
        visit_type_key="consultation",
        due_on=date(2027, 3, 1),
        request=by_desk("recall"),
    )
    entry = joining.join(
        session,
        clinic_id=CLINIC,
        patient_id=eve.id,
        visit_type_key="consultation",
        wishes=Wishes(until_on=UNTIL),
        request=request("joined"),
    )
    offer = offering.offer_freed_time(session, CLINIC, FREED, now=NOW)
    assert offer is not None
    held, free = offered(session, after=at(12, day=3), limit=2)
    visit = _booked(session, offered(session, after=at(0))[0], "booked")
    refill = _booked(
        session,
        booking.find_slots(
            session,
            clinic_id=CLINIC,
            visit_type_key="refill",
            now=NOW,
            after=ARRIVAL - timedelta(hours=1),
            patient_id=ann.id,
            limit=1,
        )[0],
        "refill",
    )
    visits.check_in(
        session, clinic_id=CLINIC, visit_id=refill.id, request=by_desk("here", now=ARRIVAL)
    )
    return {
        "ann": ann.id,
        "eve": eve.id,
        "bob": bob.id,
        "rob": rob.id,
        "nameless": nameless.id,
        "visit": visit.id,
        "refill": refill.id,
        "pump": pump.id,
        "pump_recall": next(
            line.id
            for line in recall_list.recall_list(session, CLINIC, at(9, day=31))
            if line.pump_id
        ),
        "recall": recall.id,
        "entry": entry.id,
        "offer": offer.id,
        "hold": hold(session, held, "CA9").id,
        "held": held,
        "free": free,
    }


def _booked(session: Session, slot: Slot, key: str) -> Visit:
    return book(session, hold(session, slot, key), patient(session), idempotency_key=key)
