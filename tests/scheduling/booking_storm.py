"""One process of a storm that a test kills: it books, moves and cancels until it is killed.

`python -m tests.scheduling.booking_storm URL SEED [--without-transactions]` prints a line for each
change once it is committed, so whoever reads them knows what must be there afterwards:

    booked VISIT START | moved VISIT START | cancelled VISIT -

--without-transactions is the mutation that shows what the storm is good for: each statement
commits by itself and a refusal takes nothing back.
"""

from __future__ import annotations

import random
import sys
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduling import booking, visits
from scheduling.database import Database
from scheduling.errors import SlotTaken
from scheduling.slots import Slot
from scheduling.tables import Patient
from tests.scheduling.sample import CLINIC, NOW, TTL, at, offered, request

if TYPE_CHECKING:
    from collections.abc import Callable

STARTS = [
    at(8, day=day) + timedelta(minutes=15 * quarter)
    for day in (1, 2, 3, 4, 7, 8, 9, 10)
    for quarter in range(13)
]


class Storm:
    """What one process does, and what it has stored so far."""

    def __init__(self, database: Database, seed: int, *, with_transactions: bool = True) -> None:
        self._unit = database.write if with_transactions else database.statement_by_statement
        self._draw = random.Random(seed)
        self._seed = seed
        self._count = 0
        self._mine: list[UUID] = []
        self._some = database.read(lambda session: offered(session, limit=1))[0]
        self._people: list[UUID] = database.read(
            lambda session: list(session.scalars(select(Patient.id).order_by(Patient.id)))
        )

    def change_something(self) -> str | None:
        """Book, move or cancel; the line that acknowledges it, or None where it was refused."""
        self._count += 1
        chosen = self._draw.random()
        if self._mine and chosen < 0.2:
            return self._cancel(self._mine.pop(self._draw.randrange(len(self._mine))))
        if self._mine and chosen < 0.5:
            return self._move(self._draw.choice(self._mine), self._draw.choice(STARTS))
        return self._book(self._draw.choice(self._people), self._draw.choice(STARTS))

    def _book(self, patient_id: UUID, start: datetime) -> str | None:
        def work(session: Session) -> UUID:
            kept = booking.hold(
                session, slot=self._slot(start), holder=f"storm {self._seed}", now=NOW, ttl=TTL
            )
            return booking.book_hold(
                session,
                clinic_id=CLINIC,
                hold_id=kept.id,
                patient_id=patient_id,
                callback_number=None,
                request=request(self._key),
            ).id

        visit = self._unless_taken(work)
        if visit is None:
            return None
        self._mine.append(visit)
        return f"booked {visit} {start.isoformat()}"

    def _move(self, visit: UUID, start: datetime) -> str | None:
        def work(session: Session) -> UUID:
            return visits.reschedule(
                session,
                clinic_id=CLINIC,
                visit_id=visit,
                slot=self._slot(start),
                request=request(self._key),
            ).id

        moved = self._unless_taken(work)
        return None if moved is None else f"moved {visit} {start.isoformat()}"

    def _cancel(self, visit: UUID) -> str:
        self._unit(
            lambda session: visits.cancel(
                session,
                clinic_id=CLINIC,
                visit_id=visit,
                request=request(self._key),
                reason="a storm",
            )
        )
        return f"cancelled {visit} -"

    def _unless_taken(self, work: Callable[[Session], UUID]) -> UUID | None:
        try:
            return self._unit(work)
        except SlotTaken:
            return None

    def _slot(self, start: datetime) -> Slot:
        some = self._some
        return Slot(
            clinic_id=some.clinic_id,
            visit_type_key=some.visit_type_key,
            provider_id=some.provider_id,
            provider_name=some.provider_name,
            room_id=some.room_id,
            starts_at=start,
            ends_at=start + (some.ends_at - some.starts_at),
        )

    @property
    def _key(self) -> str:
        return f"storm {self._seed} {self._count}"


def main(url: str, seed: int, *, with_transactions: bool) -> None:
    """Change things until somebody ends it."""
    # What is printed is read by the test.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    if not with_transactions:
        Session.begin_nested = lambda _session: nullcontext()  # type: ignore[assignment, method-assign, return-value]  # the mutation itself
    storm = Storm(Database(url, budget_seconds=30), seed, with_transactions=with_transactions)
    while True:
        acknowledged = storm.change_something()
        if acknowledged is not None:
            sys.stdout.write(acknowledged + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(
        sys.argv[1],
        int(sys.argv[2]),
        with_transactions="--without-transactions" not in sys.argv,
    )
