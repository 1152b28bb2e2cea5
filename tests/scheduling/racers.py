"""Eight processes that do the same thing at the same moment.

Processes, not threads: threads of one interpreter take turns, and share its connections.
"""

from __future__ import annotations

import random
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache, partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from scheduling import booking, directory
from scheduling.database import Database
from scheduling.errors import HoldExpired, SlotTaken
from scheduling.slots import Slot
from tests.scheduling import change_racers
from tests.scheduling.sample import CLINIC, NOW, TTL, request

PROCESSES = 8
ANSWER_WITHIN = 60
"""Seconds until a racer that does not answer fails the test."""

Attempt = Callable[..., str]
"""Takes the database and what the test gives each racer; returns what came of it."""


class Racers:
    """The processes, started once and used by many races."""

    def __init__(self) -> None:
        context = get_context("spawn")
        # Kept for as long as the processes: it is gone from the system with its last owner here.
        self._start_line = context.Barrier(PROCESSES)
        self._lanes = []
        self._processes = []
        for _ in range(PROCESSES):
            ours, theirs = context.Pipe()
            process = context.Process(target=_race, args=(theirs, self._start_line), daemon=True)
            process.start()
            self._lanes.append(ours)
            self._processes.append(process)

    def race(self, url: str, attempt: Attempt, arguments: list[tuple[Any, ...]]) -> list[str]:
        """Run `attempt` in every process at once; what came of each, in their order."""
        for lane, given in zip(self._lanes, arguments, strict=True):
            lane.send((url, attempt, given))
        return [self._answer(lane) for lane in self._lanes]

    def stop(self) -> None:
        """End the processes."""
        for process in self._processes:
            process.kill()
            process.join(ANSWER_WITHIN)

    @staticmethod
    def _answer(lane: Connection) -> str:
        assert lane.poll(ANSWER_WITHIN), "a racer did not come back"
        outcome: str = lane.recv()
        return outcome


@contextmanager
def running_racers() -> Iterator[Racers]:
    """Racers for the length of a block."""
    racers = Racers()
    try:
        yield racers
    finally:
        racers.stop()


@lru_cache(maxsize=1)
def _database(url: str) -> Database:
    return Database(url, budget_seconds=30)


def _race(lane: Connection, start_line: Barrier) -> None:
    while True:
        url, attempt, given = lane.recv()
        database = _database(url)
        # Connected before the start, so that the race is for the slot.
        database.read(lambda session: directory.clinic(session, CLINIC))
        start_line.wait(ANSWER_WITHIN)
        try:
            outcome = attempt(database, *given)
        except Exception:  # noqa: BLE001  # whatever it is, the test shall show it
            outcome = traceback.format_exc()
        lane.send(outcome)


def hold_slot(database: Database, slot: Slot, holder: str, now: datetime = NOW) -> str:
    """Try to keep `slot`."""
    try:
        database.write(
            lambda session: booking.hold(session, slot=slot, holder=holder, now=now, ttl=TTL)
        )
    except SlotTaken:
        return "taken"
    return "held"


def book_held(
    database: Database, hold_id: UUID, patient_id: UUID, key: str, now: datetime = NOW
) -> str:
    """Try to book what was held; the visit's id where it worked."""

    def work(session: Session) -> str:
        visit = booking.book_hold(
            session,
            clinic_id=CLINIC,
            hold_id=hold_id,
            patient_id=patient_id,
            callback_number=None,
            request=request(key, now=now),
        )
        return str(visit.id)

    try:
        return database.write(work)
    except HoldExpired:
        return "expired"


def renew(database: Database, holder: str, now: datetime) -> str:
    """Try to make a hold last longer."""
    renewed = database.write(
        lambda session: booking.renew_hold(
            session, clinic_id=CLINIC, holder=holder, now=now, ttl=TTL
        )
    )
    return "renewed" if renewed else "lost"


def release(database: Database, holder: str) -> str:
    """Hang up."""
    database.write(lambda session: booking.release_holds(session, clinic_id=CLINIC, holder=holder))
    return "released"


_ATTEMPTS: dict[str, Attempt] = {
    "book": book_held,
    "book_slot": change_racers.book_slot,
    "cancel": change_racers.cancel,
    "hold": hold_slot,
    "release": release,
    "renew": renew,
}


def either(database: Database, what: str, *given: object) -> str:
    """Whichever of the attempts above the test has named for this racer."""
    return _ATTEMPTS[what](database, *given)


def storm(
    database: Database, slot: Slot, patient_id: UUID, starts: list[datetime], seed: int
) -> str:
    """Hold and book at the given starts, overlapping everybody else's; "booked/refused"."""
    draw = random.Random(seed)
    booked = refused = 0
    for number, start in enumerate(starts):
        wanted = Slot(
            clinic_id=slot.clinic_id,
            visit_type_key=slot.visit_type_key,
            provider_id=slot.provider_id,
            provider_name=slot.provider_name,
            room_id=slot.room_id,
            starts_at=start,
            ends_at=start + (slot.ends_at - slot.starts_at),
        )
        # Some clocks run ahead, so that the holds of others have expired for them.
        now = NOW + draw.choice([timedelta(0), 2 * TTL])
        try:
            kept = database.write(
                partial(booking.hold, slot=wanted, holder=f"racer {seed}", now=now, ttl=TTL)
            )
        except SlotTaken:
            refused += 1
            continue
        if draw.random() < 0.7:
            try:
                outcome = book_held(database, kept.id, patient_id, f"{seed}:{number}", now)
            except SlotTaken:
                outcome = "expired"
            if outcome == "expired":
                refused += 1
            else:
                booked += 1
    return f"{booked}/{refused}"
