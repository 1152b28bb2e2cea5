"""The one way to the database, SQLite or PostgreSQL: metadata, types, engine, unit of work.

A unit of work is one transaction. It is opened, committed and, where the database asks for it,
retried whole right here, so that nothing below ever commits and nothing above ever retries.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from threading import Lock
from typing import Any, TypeVar
from uuid import UUID

import structlog
import uuid_utils.compat
from sqlalchemy import DateTime, Dialect, MetaData
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from scheduling.breaker import Breaker
from scheduling.engines import ATTEMPTS, Mode, database_url, engine_for
from scheduling.watchdog import Watchdog

T = TypeVar("T")

_SERIALIZATION_FAILURE = "40001"
_DEADLOCK_DETECTED = "40P01"
_UNIQUE_VIOLATION = "23505"

log = structlog.get_logger(__name__)


class Base(DeclarativeBase):
    """The one metadata. Each package declares its own tables on it."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Takes aware datetimes of any zone, stores UTC, returns aware UTC.

    Raises ValueError for a naive datetime: a time without a zone is a guess.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: give it a time zone before storing it")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002  # named by SQLAlchemy
    ) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_id() -> UUID:
    """A fresh identifier. Version 7: later ids sort after earlier ones, so indexes stay compact."""
    return uuid_utils.compat.uuid7()


class DatabaseUnavailable(Exception):
    """The database refused, did not answer in time, or stayed locked.

    Nothing is known to be stored.

    What to do: answer the person without it, and try again on the next request.
    """


class LostRace(Exception):
    """Another transaction stored the same key first: run the unit again, it will now see it."""


class Database:
    """A pool of connections with a time budget for each unit of work.

    budget_seconds: the longest a unit may take, waiting included. A webhook has 5 s in all
    (Twilio drops it at 15), so the web uses 3. None means no limit, for migrations and imports.
    writes: grows after everything that may have been stored by this process.
    """

    def __init__(self, url: str, *, budget_seconds: float | None = 3.0, pool_size: int = 8) -> None:
        self.url = database_url(url)
        self.budget_seconds = budget_seconds
        self.engine = engine_for(self.url, budget_seconds, pool_size)
        self._watchdog = Watchdog() if self._postgresql and budget_seconds else None
        self._breaker = Breaker(probe_every=budget_seconds or 1.0)
        self.writes = 0
        self._counting = Lock()
        self.on_unavailable: Callable[[], None] | None = None
        """Told, in the thread that asked, each time before DatabaseUnavailable is raised."""

    @property
    def _postgresql(self) -> bool:
        return self.url.get_backend_name() == "postgresql"

    def write(self, work: Callable[[Session], T], *, since: float | None = None) -> T:
        """Run `work` in one transaction and return what it returns, committed.

        `work` may run up to three times and must be safe to run again after a commit whose
        outcome was lost: it carries its own key (a turn number, an idempotency key, a claim).
        since: when the budget began to run, in seconds of time.monotonic(), for a request that
        ran another unit before; now, if left out.
        Raises DatabaseUnavailable, or whatever `work` raises (nothing is stored then).
        """
        return self._run(work, Mode.WRITE, since)

    def read(self, work: Callable[[Session], T]) -> T:
        """Run `work` in a transaction that waits for no writer and stores nothing."""
        return self._run(work, Mode.READ)

    def statement_by_statement(self, work: Callable[[Session], T]) -> T:
        """Run `work` without a transaction around it: each statement commits by itself.

        For work that reads what can no longer change and ends in one INSERT: it holds no lock
        while it thinks, and saves a round trip for each end of a transaction. Retried whole, and
        raises, like write().
        """
        return self._run(work, Mode.EACH_ALONE)

    def look(self, work: Callable[[Session], T]) -> T:
        """Run `work`, which only reads, without a transaction: each statement sees its own moment.

        For a few short statements that are made all day: it saves both ends of a transaction.
        """
        return self._run(work, Mode.LOOK)

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()

    def _run(self, work: Callable[[Session], T], mode: Mode, since: float | None = None) -> T:
        if not self._breaker.lets_through(time.monotonic()):
            raise self._unavailable("the database did not answer a moment ago")
        started = time.monotonic() if since is None else since
        try:
            return self._patiently(work, started, mode)
        finally:
            if mode.stores:
                # Also where the answer to the commit was lost.
                with self._counting:
                    self.writes += 1

    def _patiently(self, work: Callable[[Session], T], started: float, mode: Mode) -> T:
        attempt = 0
        while True:
            attempt += 1
            try:
                result = self._attempt(work, started, mode)
            except PoolTimeout as error:
                # A pool that runs dry is load, not a dead server: the breaker stays as it is.
                raise self._unavailable("no connection came free in time") from error
            except (DBAPIError, LostRace) as error:
                passing = isinstance(error, LostRace) or _is_passing(error)
                if not passing and not _is_unavailability(error):
                    self._breaker.close()
                    raise
                in_time = (
                    self.budget_seconds is None
                    or time.monotonic() - started < self.budget_seconds / 2
                )
                if attempt < ATTEMPTS and (passing or in_time):
                    continue
                if _is_unavailability(error):
                    self._breaker.trip(time.monotonic())
                log.warning("database_unavailable", reason=type(error).__name__, attempts=attempt)
                raise self._unavailable(f"gave up after {attempt} attempts") from error
            except Exception:
                # The work refused something ("just taken"), so the database did answer.
                self._breaker.close()
                raise
            self._breaker.close()
            return result

    def _unavailable(self, why: str) -> DatabaseUnavailable:
        if self.on_unavailable is not None:
            self.on_unavailable()
        return DatabaseUnavailable(why)

    def _attempt(self, work: Callable[[Session], T], started: float, mode: Mode) -> T:
        with self.engine.connect() as connection:
            connection.execution_options(callnow_begin=mode.begin)
            if not mode.has_transaction and self._postgresql:
                # SQLite's driver commits each statement by itself unless a BEGIN was said.
                connection.execution_options(isolation_level="AUTOCOMMIT")
            with self._watched(connection, started), connection.begin() as transaction:
                session = Session(bind=connection, expire_on_commit=False)
                try:
                    result = work(session)
                    session.flush()
                    if not mode.stores:
                        transaction.rollback()
                    return result
                finally:
                    session.expunge_all()

    def _watched(self, connection: Connection, started: float) -> AbstractContextManager[None]:
        if self._watchdog is None or self.budget_seconds is None:
            return nullcontext()
        driver: Any = connection.connection.dbapi_connection
        return self._watchdog.cutting(driver.pgconn.socket, at=started + self.budget_seconds)


def flush_or_lose(session: Session) -> None:
    """Flush. Raises LostRace where the same holder or idempotency key was stored meanwhile."""
    try:
        session.flush()
    except IntegrityError as error:
        if is_duplicate_key(error):
            raise LostRace("the same request is being answered elsewhere") from error
        raise


def is_duplicate_key(error: IntegrityError) -> bool:
    """Whether the statement failed because a row with this primary or unique key exists."""
    if getattr(error.orig, "sqlstate", None) == _UNIQUE_VIOLATION:
        return True
    return getattr(error.orig, "sqlite_errorname", "") in (
        "SQLITE_CONSTRAINT_PRIMARYKEY",
        "SQLITE_CONSTRAINT_UNIQUE",
    )


def _is_passing(error: DBAPIError) -> bool:
    """A conflict with another transaction that running again resolves."""
    state = getattr(error.orig, "sqlstate", None)
    if state in (_SERIALIZATION_FAILURE, _DEADLOCK_DETECTED):
        return True
    return "database is locked" in str(error.orig)


def _is_unavailability(error: Exception) -> bool:
    """The server is away, or the file cannot be opened or locked: not a fault of the statement."""
    if not isinstance(error, DBAPIError):
        return False
    if getattr(error.orig, "sqlstate", None) in (_SERIALIZATION_FAILURE, _DEADLOCK_DETECTED):
        return False
    if getattr(error.orig, "sqlite_errorname", "") == "SQLITE_ERROR":
        # SQLite calls "no such table" operational too: the statement's fault, which must be seen.
        return False
    return error.connection_invalidated or isinstance(error, OperationalError)
