"""What a web process keeps in mind while the database is away."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from ivr.carrier.unrecorded import Unrecorded
from scheduling.database import Database, DatabaseUnavailable
from tests.product import LINE, NURSE, Product, incoming


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    opened = Database(sqlite_url)
    yield opened
    opened.dispose()


class Away:
    """A unit of work whose database is away until `back` is set."""

    def __init__(self) -> None:
        self.back = threading.Event()
        self.done = threading.Event()
        self.attempts = 0

    def __call__(self, session: Session) -> None:
        """Try."""
        self.attempts += 1
        if not self.back.is_set():
            raise DatabaseUnavailable("away")
        self.done.set()


def test_it_is_kept_in_order_until_the_database_is_back(database: Database) -> None:
    unrecorded = Unrecorded(database)
    first, second = Away(), Away()
    second.back.set()
    unrecorded.add(first)
    unrecorded.add(second)
    unrecorded.record()
    assert not second.done.is_set()
    first.back.set()
    unrecorded.record()
    assert first.done.is_set()
    assert second.done.is_set()
    unrecorded.record()
    assert (first.attempts, second.attempts) == (2, 1)


def test_what_can_never_be_stored_does_not_keep_the_rest_waiting(database: Database) -> None:
    unrecorded = Unrecorded(database)
    good = Away()
    good.back.set()

    def broken(session: Session) -> None:
        raise LookupError("no such ticket")

    unrecorded.add(broken)
    unrecorded.add(good)
    unrecorded.record()
    assert good.done.is_set()


def test_a_webhook_does_not_wait_for_all_that_others_left(database: Database) -> None:
    unrecorded = Unrecorded(database)
    units = [Away() for _ in range(3)]
    for unit in units:
        unit.back.set()
        unrecorded.add(unit)
    unrecorded.record(seconds=0)
    assert not any(unit.done.is_set() for unit in units)
    unrecorded.record()
    assert all(unit.done.is_set() for unit in units)


def test_it_is_stored_also_where_no_webhook_comes(database: Database) -> None:
    unrecorded = Unrecorded(database)
    unrecorded.keep_recording()
    unit = Away()
    unit.back.set()
    unrecorded.add(unit)
    assert unit.done.wait(10)


def test_a_fault_of_ours_leaves_a_ticket_and_so_does_the_carriers_fallback(
    product: Product,
) -> None:
    product.post("/voice/fallback", incoming(ErrorCode="11200"))
    # The leg to a nurse's phone, with the line as its caller, is nobody's call for help.
    leg = incoming(CallSid="CA" + "2" * 32, From=LINE, To=NURSE)
    product.post("/voice/fallback", leg)
    product.post("/voice/incoming", incoming(CallSid="CA" + "3" * 32))
    assert [row["call_sid"] for row in product.rows("SELECT call_sid FROM ticket")] == [
        incoming()["CallSid"]
    ]
