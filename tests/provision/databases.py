"""Migrated databases for tests, one each, at the price of a copy.

The migrations run once per test run and kind of database; every test gets a copy of the result:
a copied file on SQLite, `CREATE DATABASE … TEMPLATE` on PostgreSQL. (Measured with 15 tables:
37 ms to copy and drop, 32 ms to truncate instead, which would also share sequences and leave
whatever a test did to the schema.)
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy.engine import make_url

from ivr.migrations.run import migrate
from tests.provision.postgres import PostgresUnavailable
from tests.provision.shared_postgres import shared_server_url, stop_shared_server


@dataclass(frozen=True)
class TestRun:
    """What the processes of one test run share.

    folder: theirs alone. pid: of the process that everything ends with.
    """

    __test__ = False  # pytest would take the name for a class of tests

    folder: Path
    pid: int

    @property
    def template_name(self) -> str:
        """The run's migrated PostgreSQL database, which others are copied from."""
        return f"callnow_test_{self.folder.name.rpartition('-')[2].lower()}_template"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock that only one process of the run can hold."""
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def server_url(self) -> str:
        """A PostgreSQL server: the one in TEST_DATABASE_URL, else the run's own.

        Raises PostgresUnavailable.
        """
        given = os.environ.get("TEST_DATABASE_URL")
        if given:
            return _plain(given)
        with self.locked():
            return shared_server_url(self.folder, self.pid)

    def end(self) -> None:
        """Leave nothing behind: not the server, not its templates, not the folder."""
        given = os.environ.get("TEST_DATABASE_URL")
        try:
            if given and (self.folder / "template").exists():
                with _administering(_plain(given)) as connection:
                    _drop(connection, self.template_name)
        finally:
            stop_shared_server(self.folder)
            shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def sqlite_database(run: TestRun, folder: Path, *, migrated: bool = True) -> Iterator[str]:
    """The URL of a SQLite file in `folder`, as the migrations leave it, or not there yet."""
    file = folder / "callnow.db"
    if migrated:
        shutil.copyfile(_sqlite_template(run), file)
    yield f"sqlite:///{file}"


@contextmanager
def postgresql_database(run: TestRun, *, migrated: bool = True) -> Iterator[str]:
    """The URL of a PostgreSQL database, as the migrations leave it or empty; dropped afterwards."""
    server = run.server_url()
    template = _postgresql_template(run, server) if migrated else "template1"
    name = f"callnow_test_{uuid4().hex}"
    with _administering(server) as connection:
        connection.execute(
            SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                Identifier(name), Identifier(template)
            )
        )
        try:
            yield _within(server, name)
        finally:
            _drop(connection, name)


def _sqlite_template(run: TestRun) -> Path:
    template = run.folder / "template.db"
    with run.locked():
        if not template.exists():
            unfinished = run.folder / "unfinished.db"
            migrate(f"sqlite:///{unfinished}")
            # The last connection to leave writes the log back; without that, a copy of the file
            # alone would lack tables.
            assert not unfinished.with_name("unfinished.db-wal").exists()
            unfinished.rename(template)
    return template


def _postgresql_template(run: TestRun, server: str) -> str:
    state = run.folder / "template"
    with run.locked():
        if not state.exists() or state.read_text() != "migrated":
            with _administering(server) as connection:
                state.write_text("begun")
                _drop(connection, run.template_name)
                connection.execute(SQL("CREATE DATABASE {}").format(Identifier(run.template_name)))
            migrate(_within(server, run.template_name))
            state.write_text("migrated")
    return run.template_name


@contextmanager
def _administering(server: str) -> Iterator[psycopg.Connection]:
    try:
        connection = psycopg.connect(server, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as reason:
        raise PostgresUnavailable(
            f"The PostgreSQL server for tests did not answer: {' '.join(str(reason).split())} "
            "If TEST_DATABASE_URL is set, check it, or unset it to have a throwaway server started."
        ) from reason
    try:
        with connection:
            yield connection
    except psycopg.errors.InsufficientPrivilege as reason:
        raise PostgresUnavailable(
            f"The user in TEST_DATABASE_URL may not do this: {reason}. Give it the right to "
            "create databases (ALTER ROLE … CREATEDB), or unset TEST_DATABASE_URL."
        ) from reason


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def _plain(url: str) -> str:
    """The URL as libpq understands it, without the name of a driver."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _within(server: str, database: str) -> str:
    return make_url(server).set(database=database).render_as_string(hide_password=False)
