"""Eight processes that want one slot at the same moment: ours, and the rival beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from sqlalchemy import func, select

from scheduling import booking, directory
from scheduling.database import Database
from scheduling.errors import SlotTaken
from scheduling.slots import Slot
from scheduling.tables import Visit
from tests.bench.rival.environment import RIVAL, RivalEnvironment, RivalUnavailable
from tests.bench.stores import Store, migrated, stores
from tests.scheduling import sample
from tests.scheduling.racers import PROCESSES, Racers, book_held, running_racers

ROUNDS = 60
IN_TURN = 10
"""Rounds in which the rival's clients come one after the other, for comparison."""


def run() -> None:
    """Race on both databases and print the table."""
    print(
        f"\nOne slot wanted by {PROCESSES} processes at the same moment, {ROUNDS} times, each time"
    )
    print("another slot. Double-booked: slots that more than one was given. Goal for ours: 0.\n")
    print("| who | database | slots | tries | booked | double-booked slots | most for one slot |")
    print("|---|---|---:|---:|---:|---:|---:|")
    with TemporaryDirectory(prefix="callnow-bench-") as folder, stores() as both:
        with running_racers() as racers:
            for store in both:
                _our_row(racers, store)
        try:
            rival = RivalEnvironment(Path(folder) / "rival")
        except RivalUnavailable as reason:
            print(f"\n{RIVAL} could not be installed, so it did not race: {reason}")
            return
        notes = [_rival_row(rival, store) for store in both]
    print("\n".join(["", *notes]))


def _our_row(racers: Racers, store: Store) -> None:
    url = migrated(store, "race")
    database = Database(url, budget_seconds=None)
    database.write(partial(directory.load_clinic, definition=sample.DEFINITION))
    patients = [_patient(database, number) for number in range(PROCESSES)]
    slots = database.read(partial(sample.offered, after=sample.at(0), limit=ROUNDS))
    assert len(slots) == ROUNDS, "the clinic has too few hours for the race"
    outcomes: Counter[str] = Counter()
    for nth, slot in enumerate(slots):
        tries = [(slot, who, f"{nth} {number}") for number, who in enumerate(patients)]
        outcomes.update(racers.race(url, hold_and_book, tries))
    counted = select(func.count(Visit.id)).group_by(Visit.provider_id, Visit.starts_at)
    visits = database.read(lambda session: list(session.scalars(counted)))
    database.dispose()
    _print("Call Now", store, outcomes, visits)


def hold_and_book(database: Database, slot: Slot, patient_id: UUID, name: str) -> str:
    """One caller's try: booked, or told that the slot has been taken."""
    try:
        kept = database.write(
            partial(booking.hold, slot=slot, holder=name, now=sample.NOW, ttl=sample.TTL)
        )
    except SlotTaken:
        return "taken"
    book_held(database, kept.id, patient_id, name)
    return "booked"


def _patient(database: Database, number: int) -> UUID:
    phone = f"+1512555{number:04}"
    return database.write(partial(sample.patient, phone=phone)).id


def _rival_row(rival: RivalEnvironment, store: Store) -> str:
    """Print it; what else is to be said of it."""
    asked = {"at_once": ROUNDS, "in_turn": IN_TURN}
    figures = rival.run("race", store.new("rival_race"), asked)
    at_once, in_turn = figures["at_once"], figures["in_turn"]
    _print(RIVAL, store, at_once["outcomes"], at_once["appointments"])
    return (
        f"{RIVAL}, {store.name}: at the same moment {_told(at_once['outcomes'])}; one client after "
        f"the other, {IN_TURN} slots, {_told(in_turn['outcomes'])}, at most "
        f"{max(in_turn['appointments'])} for one slot."
    )


def _told(outcomes: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))


def _print(who: str, store: Store, outcomes: Mapping[str, int], booked: Sequence[int]) -> None:
    """booked: how many bookings each slot has."""
    doubled = sum(count > 1 for count in booked)
    print(
        f"| {who} | {store.name} | {ROUNDS} | {sum(outcomes.values())} | {sum(booked)} "
        f"| {doubled} | {max(booked)} |",
        flush=True,
    )
