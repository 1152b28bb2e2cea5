"""What two transactions do to one hold, step by step, where they can meet: on PostgreSQL.

On SQLite one writer runs after the other, so there is nothing to interleave.
"""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, text

from scheduling import booking, directory
from scheduling.database import Database
from scheduling.errors import SlotTaken
from scheduling.tables import Visit
from tests.scheduling.sample import CLINIC, DEFINITION, TTL, at, book, hold, offered, patient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

    from scheduling.slots import Slot


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    """The sample clinic on PostgreSQL."""
    database = Database(postgresql_url, budget_seconds=30)
    database.write(lambda session: directory.load_clinic(session, DEFINITION))
    yield database
    database.dispose()


class Meanwhile:
    """A unit of work in a thread of its own, which is about to wait for ours."""

    def __init__(self, database: Database, work: Callable[[Session], object]) -> None:
        self._database = database
        self._work = work
        self._refusal: SlotTaken | None = None
        self._thread = threading.Thread(target=self._run)

    def start_and_block(self) -> None:
        """Start it; return once PostgreSQL says that it waits for a lock."""
        self._thread.start()
        deadline = time.monotonic() + 20
        while not self._database.read(_waiting_for_a_lock):
            assert time.monotonic() < deadline, "it was expected to wait for our transaction"

    def is_refused(self) -> bool:
        """Whether it ended in SlotTaken."""
        self._thread.join(20)
        return self._refusal is not None

    def _run(self) -> None:
        try:
            self._database.write(self._work)
        except SlotTaken as refusal:
            self._refusal = refusal


def _waiting_for_a_lock(session: Session) -> bool:
    waiting = session.scalar(
        text(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
    )
    return bool(waiting)


def first_slot(database: Database) -> Slot:
    """Tuesday, 8:00."""
    return database.read(lambda session: offered(session, after=at(0)))[0]


def test_a_hold_renewed_while_another_wants_its_time_is_kept(database: Database) -> None:
    slot = first_slot(database)
    kept = database.write(partial(hold, slot=slot, holder="CA1"))
    late = kept.expires_at
    rival = Meanwhile(database, partial(hold, slot=slot, holder="CA2", now=late))

    def renewing(session: Session) -> bool:
        renewed = booking.renew_hold(session, clinic_id=CLINIC, holder="CA1", now=late, ttl=TTL)
        rival.start_and_block()
        return renewed

    assert database.write(renewing)
    assert rival.is_refused()
    assert database.write(
        partial(booking.renew_hold, clinic_id=CLINIC, holder="CA1", now=late, ttl=TTL)
    )


def test_an_expired_hold_booked_while_another_wants_its_time_is_a_visit(
    database: Database,
) -> None:
    slot = first_slot(database)
    who = database.write(patient)
    kept = database.write(partial(hold, slot=slot, holder="CA1"))
    late = kept.expires_at
    rival = Meanwhile(database, partial(hold, slot=slot, holder="CA2", now=late))

    def booking_it(session: Session) -> None:
        book(session, kept, who, now=late)
        rival.start_and_block()

    database.write(booking_it)
    assert rival.is_refused()
    assert database.read(lambda session: session.scalar(select(func.count(Visit.id)))) == 1


def test_a_time_whose_first_taker_rolls_back_goes_to_the_second(database: Database) -> None:
    slot = first_slot(database)
    second = Meanwhile(database, partial(hold, slot=slot, holder="CA2"))

    def failing(session: Session) -> None:
        hold(session, slot, "CA1")
        second.start_and_block()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write(failing)
    assert not second.is_refused()
    assert not database.write(
        partial(booking.renew_hold, clinic_id=CLINIC, holder="CA1", now=slot.starts_at, ttl=TTL)
    )
