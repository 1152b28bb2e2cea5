"""Engines for SQLite and PostgreSQL, set up so that nobody waits longer than the budget."""

from __future__ import annotations

import sqlite3
import time
from enum import Enum
from threading import Event
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Connection, Engine, make_url

ATTEMPTS = 3
"""How often one unit of work is tried in all when the database reports a passing conflict."""


def database_url(url: str) -> URL:
    """Parse a DATABASE_URL. `postgres://` and `postgresql://` both mean psycopg 3.

    Raises ValueError for a database other than SQLite and PostgreSQL.
    """
    parsed = make_url(url)
    if parsed.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite":
        return parsed
    raise ValueError(
        f"{parsed.drivername} is not supported: "
        "use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
    )


class Mode(Enum):
    """How a unit of work runs, see Database."""

    WRITE = "write"
    READ = "read"
    EACH_ALONE = "each alone"
    LOOK = "look"

    @property
    def stores(self) -> bool:
        """Whether anything may be stored."""
        return self in (Mode.WRITE, Mode.EACH_ALONE)

    @property
    def has_transaction(self) -> bool:
        """Whether its statements are one transaction."""
        return self in (Mode.WRITE, Mode.READ)

    @property
    def begin(self) -> str:
        """SQLite's statement for it; "" where each statement commits by itself."""
        return {Mode.WRITE: "BEGIN IMMEDIATE", Mode.READ: "BEGIN"}.get(self, "")


def engine_for(url: URL, budget_seconds: float | None, pool_size: int) -> Engine:
    """A pool of connections to `url`. budget_seconds: see Database; None waits long."""
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, budget_seconds, pool_size)
    return _postgresql_engine(url, budget_seconds, pool_size)


def _sqlite_engine(url: URL, budget_seconds: float | None, pool_size: int) -> Engine:
    # Three attempts of a third each keep a locked file within the budget.
    busy_seconds = (budget_seconds or 90.0) / ATTEMPTS
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=budget_seconds or 30,
        connect_args={"timeout": busy_seconds, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        _switch_to_wal(connection, time.monotonic() + busy_seconds)
        for pragma in ("synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction that turns into a writer half-way can fail at once with
        # "database is locked", whatever the timeout: writers say so from their first statement.
        options = connection.get_execution_options()
        if statement := options.get("callnow_begin", Mode.WRITE.begin):
            connection.exec_driver_sql(statement)

    return engine


def _switch_to_wal(connection: sqlite3.Connection, deadline: float) -> None:
    """Put the file into its write-ahead mode, where it is not yet; deadline: time.monotonic().

    Two processes that open a new file at once want the same switch, and for this one statement
    SQLite refuses the second at once, whatever its timeout.
    """
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() >= deadline:
                raise
            Event().wait(0.02)
        else:
            return


def _postgresql_engine(url: URL, budget_seconds: float | None, pool_size: int) -> Engine:
    connect_args: dict[str, Any] = {}
    if budget_seconds:
        connect_args = {
            "connect_timeout": 2,
            # A process that froze while it held a lock must not hold it for ever.
            "options": "-c idle_in_transaction_session_timeout=15000",
        }
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=min(budget_seconds or 30, 1.0 if budget_seconds else 30),
        connect_args=connect_args,
    )
