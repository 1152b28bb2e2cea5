"""Bookings a second, as a call makes them, beside the bare database committing the same rows.

A booking is two units of work: a hold when the caller chooses, the booking when they confirm. Ours
and the bare ones take turns in the same database, each in a clinic of its own, and at the end both
clinics must have the same number of rows in every table.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Protocol
from uuid import UUID

from sqlalchemy import func, select

from scheduling import booking, directory, offers
from scheduling.database import Base, Database
from scheduling.requests import Request
from scheduling.slots import Slot
from scheduling.states import Channel
from scheduling.tables import Patient, VisitType
from tests.bench.bare_booking import BareBooker
from tests.bench.clinic import ASKED, NOW, definition
from tests.bench.stores import Store, migrated, stores

ROUNDS = 15
BOOKINGS = 20
"""By each, in each round; one round more comes first and is not counted."""
PROVIDERS = 10
PATIENT = UUID(int=1)


def run() -> None:
    """Measure on both databases and print the table."""
    print(
        "\nBookings a second, one caller at a time: a hold and its booking, each committed, beside"
    )
    print("the bare driver committing the same rows in the same transactions; medians of")
    print(f"{ROUNDS} rounds of {BOOKINGS}, interleaved. Goal: at least 0.50.\n")
    print(
        "| database | hold + booking | bare | ratio | booking alone | bare | ratio "
        "| hold alone | bare | ratio |"
    )
    print("|---|" + "---:|" * 9)
    with stores() as both:
        for store in both:
            _row(store)


class Booker(Protocol):
    """Ours or the bare one."""

    def hold(self, slot: Slot, holder: str, now: datetime) -> UUID:
        """Commit a hold; its id."""

    def book(self, slot: Slot, hold_id: UUID, patient_id: UUID, key: str, now: datetime) -> None:
        """Commit its booking."""


class OurBooker:
    """The product, called as a telephone call calls it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def hold(self, slot: Slot, holder: str, now: datetime) -> UUID:
        """See Booker."""
        work = partial(booking.hold, slot=slot, holder=holder, now=now, ttl=timedelta(minutes=2))
        return self._database.write(work).id

    def book(self, slot: Slot, hold_id: UUID, patient_id: UUID, key: str, now: datetime) -> None:
        """See Booker."""
        work = partial(
            booking.book_hold,
            clinic_id=slot.clinic_id,
            hold_id=hold_id,
            patient_id=patient_id,
            callback_number=None,
            request=Request("caller", Channel.PHONE, now, key),
        )
        self._database.write(work)


@dataclass
class _Lane:
    """Who books, in which clinic, which slots; and the seconds a round of each kind took."""

    booker: Booker
    slots: list[Slot]
    holding: list[float] = field(default_factory=list)
    booking: list[float] = field(default_factory=list)

    def book_a_round(self) -> None:
        holding = booking_ = 0.0
        for _ in range(BOOKINGS):
            slot = self.slots.pop(0)
            name = f"call {len(self.slots)}"
            begun = time.perf_counter()
            hold_id = self.booker.hold(slot, name, NOW)
            held = time.perf_counter()
            self.booker.book(slot, hold_id, PATIENT, name, NOW)
            booking_ += time.perf_counter() - held
            holding += held - begun
        self.holding.append(holding)
        self.booking.append(booking_)

    @property
    def both(self) -> list[float]:
        return [sum(pair) for pair in zip(self.holding, self.booking, strict=True)]


def _row(store: Store) -> None:
    url = migrated(store, "bookings")
    database = Database(url)
    slots = {
        clinic_id: _clinic(database, clinic_id, phone)
        for clinic_id, phone in (("ours", "+15125550100"), ("bare", "+15125550101"))
    }
    bare = BareBooker(url, slots["bare"][0], _visit_type(database, "bare"))
    ours = _Lane(OurBooker(database), slots["ours"])
    theirs = _Lane(bare, slots["bare"])
    for _ in range(1 + ROUNDS):
        ours.book_a_round()
        theirs.book_a_round()
    bare.close()
    _refuse_other_rows(database)
    database.dispose()
    cells = [
        _cells(ours.both, theirs.both),
        _cells(ours.booking, theirs.booking),
        _cells(ours.holding, theirs.holding),
    ]
    print(f"| {store.name} | {' | '.join(cells)} |", flush=True)


def _cells(ours: list[float], theirs: list[float]) -> str:
    """How many a second, how many bare ones, and the ratio; the first round warmed up."""
    pairs = list(zip(ours, theirs, strict=True))[1:]
    ratio = statistics.median(bare / own for own, bare in pairs)
    rates = (BOOKINGS / statistics.median(seconds) for seconds in zip(*pairs, strict=True))
    return " | ".join([*(f"{rate:.0f}" for rate in rates), f"{ratio:.2f}"])


def _clinic(database: Database, clinic_id: str, phone: str) -> list[Slot]:
    """Store a clinic and a patient; enough slots of it, no two at the same time."""
    clinic = replace(definition(PROVIDERS), id=clinic_id, phone_number=phone)
    someone = Patient(
        clinic_id=clinic_id,
        id=PATIENT,
        name="Ann Lee",
        date_of_birth=date(1950, 2, 28),
        language="en",
        created_at=NOW,
    )
    database.write(lambda session: directory.load_clinic(session, clinic))
    database.write(lambda session: session.add(someone))
    wanted = (1 + ROUNDS) * BOOKINGS
    slots = database.read(
        partial(offers.find_slots, clinic_id=clinic_id, visit_type_key=ASKED, now=NOW, limit=wanted)
    )
    assert len(slots) == wanted, "the clinic has too few hours for the benchmark"
    return slots


def _visit_type(database: Database, clinic_id: str) -> UUID:
    wanted = select(VisitType.id).where(VisitType.clinic_id == clinic_id, VisitType.key == ASKED)
    return database.read(lambda session: session.scalars(wanted).one())


def _refuse_other_rows(database: Database) -> None:
    """Raise RuntimeError where one clinic has more rows of a table than the other."""
    for table in Base.metadata.tables.values():
        if "clinic_id" not in table.columns:
            continue
        by_clinic = select(table.c.clinic_id, func.count()).group_by(table.c.clinic_id)
        with database.engine.connect() as connection:
            counts = {row[0]: row[1] for row in connection.execute(by_clinic)}
        if counts.get("ours") != counts.get("bare"):
            raise RuntimeError(
                f"{table.name} has not as many rows of ours as bare ones ({counts}): "
                "let tests/bench/bare_booking.py write what the product writes"
            )
