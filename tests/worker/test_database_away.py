"""A worker whose database goes away between sending and recording."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from ivr.worker import Worker
from scheduling.database import Database, DatabaseUnavailable
from tests.clock import ManualClock
from tests.oncall.clinic import ANA, SAM, messages, open_ticket
from tests.worker.test_worker import Carrier

BUDGET_SECONDS = 0.3
"""Short, since the test waits it out."""

TRIES = 100


class Lock:
    """Keeps everybody else out of the outbox from take() to release()."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None

    def take(self) -> None:
        """On SQLite a transaction locks the file as it begins; PostgreSQL is asked to."""
        self._connection = self._database.engine.connect()
        self._connection.begin()
        if self._database.engine.dialect.name == "postgresql":
            self._connection.execute(text("LOCK TABLE outbox_message"))

    def release(self) -> None:
        """Let them in again."""
        if self._connection is not None:
            self._connection.close()


@pytest.fixture
def impatient(database_url: str) -> Iterator[Database]:
    """The worker's own way to the database."""
    opened = Database(database_url, budget_seconds=BUDGET_SECONDS)
    yield opened
    opened.dispose()


def test_the_other_pages_go_out_meanwhile_and_all_are_recorded_afterwards(
    database: Database, impatient: Database, clock: ManualClock
) -> None:
    open_ticket(database)
    lock = Lock(database)
    carrier = Carrier(lock.take)
    worker = Worker(impatient, clock, carrier, "worker-1")
    with pytest.raises(DatabaseUnavailable):
        worker.tick()
    # Neither page waited for the database, which neither needed.
    assert carrier.taken == [ANA.number, SAM.number]
    lock.release()
    _tick_until_it_answers(worker)
    assert [(m.state, m.attempts, m.provider_id) for m in messages(database)] == [
        ("sent", 1, "SM1"),
        ("sent", 1, "SM2"),
    ]
    assert carrier.taken == [ANA.number, SAM.number]


def test_a_worker_started_without_a_database_works_as_soon_as_there_is_one(
    database: Database, impatient: Database, clock: ManualClock
) -> None:
    open_ticket(database)
    stop = threading.Event()
    carrier = Carrier(lambda: None, stop.set)
    worker = Worker(impatient, clock, carrier, "worker-1")
    lock = Lock(database)
    lock.take()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    with pytest.raises(DatabaseUnavailable):
        # Ends when the budget does: the worker has met the same closed door by then.
        impatient.write(lambda session: session.execute(text("DELETE FROM outbox_message")))
    lock.release()
    thread.join(30)
    assert not thread.is_alive()
    assert carrier.taken == [ANA.number, SAM.number]


def _tick_until_it_answers(worker: Worker) -> None:
    between = threading.Event()
    for _ in range(TRIES):
        try:
            worker.tick()
        except DatabaseUnavailable:
            # Refused at once for half a second, so that a database that is away costs nothing.
            between.wait(0.05)
        else:
            return
    raise AssertionError("the database never answered again")
