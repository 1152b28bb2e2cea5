"""A database that is away answers within the budget, and is found again when it is back."""

from __future__ import annotations

import socket
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import literal, select, text

from scheduling.breaker import Breaker
from scheduling.database import Database, DatabaseUnavailable
from tests.provision.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from tests.provision.postgres import PostgresServer

BUDGET = 0.6
"""Seconds that a unit may take in these tests."""
SLACK = 5
"""Seconds that a busy machine may add. Without the cut these units would hang for ever."""


def one(session: Session) -> int | None:
    """Ask the server for something."""
    return session.scalar(select(literal(1)))


def seconds_until_unavailable(database: Database) -> float:
    """How long the caller waits to hear it."""
    started = time.monotonic()
    with pytest.raises(DatabaseUnavailable):
        database.read(one)
    return time.monotonic() - started


def answered_within(database: Database, *, seconds: float) -> int | None:
    """Ask until it answers, as one caller after the other does."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return database.read(one)
        except DatabaseUnavailable:
            assert time.monotonic() < deadline, "the server is back and was not found"


@contextmanager
def hurried(url: str) -> Iterator[Database]:
    """A database whose units may take BUDGET seconds."""
    database = Database(url, budget_seconds=BUDGET)
    try:
        yield database
    finally:
        database.dispose()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_server_that_never_answers_a_connection_is_given_up(silent_port: int) -> None:
    with hurried(f"postgresql://user@127.0.0.1:{silent_port}/name") as database:
        # Connecting has a limit of its own, in whole seconds: 2 is the least that libpq takes.
        assert seconds_until_unavailable(database) < 2 + SLACK


def test_a_refused_connection_is_unavailable_at_once() -> None:
    with hurried(f"postgresql://user@127.0.0.1:{free_port()}/name") as database:
        assert seconds_until_unavailable(database) < SLACK


def test_a_frozen_server_is_cut_off_and_found_again(private_postgres: PostgresServer) -> None:
    with hurried(private_postgres.url()) as database:
        assert database.read(one) == 1

        private_postgres.freeze()
        assert BUDGET * 0.9 < seconds_until_unavailable(database) < BUDGET + SLACK

        private_postgres.thaw()
        assert answered_within(database, seconds=30) == 1
        assert database.read(one) == 1


def test_a_server_that_freezes_within_a_unit_is_cut_off(private_postgres: PostgresServer) -> None:
    def work(session: Session) -> None:
        one(session)
        private_postgres.freeze()
        one(session)

    with hurried(private_postgres.url()) as database:
        started = time.monotonic()
        with pytest.raises(DatabaseUnavailable):
            database.write(work)
        assert time.monotonic() - started < BUDGET + SLACK


def test_a_statement_that_takes_too_long_is_cut_off(postgresql_url: str) -> None:
    with hurried(postgresql_url) as database:
        started = time.monotonic()
        with pytest.raises(DatabaseUnavailable):
            database.read(lambda session: session.execute(text("SELECT pg_sleep(30)")))
        assert time.monotonic() - started < BUDGET + SLACK


def test_a_closed_breaker_lets_everything_through() -> None:
    breaker = Breaker(probe_every=3)
    assert [breaker.lets_through(now) for now in (0, 0, 1)] == [True, True, True]


def test_a_tripped_breaker_lets_one_probe_through_at_a_time() -> None:
    breaker = Breaker(probe_every=3)
    breaker.trip(100)
    assert [breaker.lets_through(now) for now in (100, 100.4)] == [False, False]
    assert [breaker.lets_through(now) for now in (100.5, 100.6, 103.4)] == [True, False, False]
    # The probe has not come back within its budget: the next one may try.
    assert [breaker.lets_through(now) for now in (103.6, 103.7)] == [True, False]


def test_a_breaker_closes_with_the_first_answer() -> None:
    breaker = Breaker(probe_every=3)
    breaker.trip(100)
    assert breaker.lets_through(101)
    breaker.close()
    assert [breaker.lets_through(now) for now in (101.1, 101.2)] == [True, True]


def test_a_tripped_breaker_refuses_a_unit_without_asking_the_database(sqlite_url: str) -> None:
    asked: list[Session] = []
    database = Database(sqlite_url)
    database._breaker.trip(time.monotonic() + 3600)
    with pytest.raises(DatabaseUnavailable, match="a moment ago"):
        database.read(asked.append)
    assert asked == []


def test_a_unit_that_refuses_its_caller_still_proves_that_the_database_is_back(
    database_url: str,
) -> None:
    database = Database(database_url)
    database._breaker.trip(time.monotonic() - 1)

    def work(session: Session) -> None:
        one(session)
        raise LookupError

    with pytest.raises(LookupError):
        database.write(work)
    assert database.read(one) == 1
    database.dispose()
