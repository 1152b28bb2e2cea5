"""Migrated databases for tests, one each, at the price of a copy.

The migrations run once per test run and kind of database, and so does what many tests begin with;
every test gets a copy of the result: a copied file on SQLite, `CREATE DATABASE … TEMPLATE` on
PostgreSQL. (Measured with 15 tables: 37 ms to copy and drop, 32 ms to truncate instead, which
would also share sequences and leave whatever a test did to the schema.)
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy.engine import make_url

from ivr.migrations.run import migrate
from tests.provision.postgres import PostgresUnavailable
from tests.provision.shared_postgres import shared_server_url, stop_shared_server


def _nothing_more(_url: str) -> None:
    """Leave a database as the migrations left it."""


@dataclass(frozen=True)
class Template:
    """What a test finds in its database.

    name: of small letters, its own. fill: stores it in the migrated database at a URL, and leaves
    no connection open; called once in a test run for each kind of database.
    """

    name: str
    fill: Callable[[str], None] = _nothing_more


MIGRATED = Template("migrated")
"""The tables, with nothing in them."""


@dataclass(frozen=True)
class TestRun:
    """What the processes of one test run share.

    folder: theirs alone. pid: of the process that everything ends with.
    """

    __test__ = False  # pytest would take the name for a class of tests

    folder: Path
    pid: int

    def name_of(self, template: Template) -> str:
        """The run's PostgreSQL database that is copied for this template."""
        return f"callnow_test_{self.folder.name.rpartition('-')[2].lower()}_{template.name}"

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
            made = [Template(state.suffix[1:]) for state in self.folder.glob("template.*")]
            if given and made:
                with _administering(_plain(given)) as connection:
                    for template in made:
                        _drop(connection, self.name_of(template))
        finally:
            stop_shared_server(self.folder)
            shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def sqlite_database(run: TestRun, template: Template | None = MIGRATED) -> Iterator[str]:
    """The URL of a SQLite file, or of one that is not there yet; deleted afterwards."""
    with TemporaryDirectory(prefix="sqlite-", dir=run.folder) as folder:
        file = Path(folder) / "callnow.db"
        if template:
            shutil.copyfile(_sqlite_template(run, template), file)
        yield f"sqlite:///{file}"


@contextmanager
def postgresql_database(run: TestRun, template: Template | None = MIGRATED) -> Iterator[str]:
    """The URL of a PostgreSQL database, or of an empty one; dropped afterwards."""
    server = run.server_url()
    original = _postgresql_template(run, server, template) if template else "template1"
    name = f"callnow_test_{uuid4().hex}"
    with _administering(server) as connection:
        connection.execute(
            SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                Identifier(name), Identifier(original)
            )
        )
        try:
            yield _within(server, name)
        finally:
            _drop(connection, name)


def _sqlite_template(run: TestRun, template: Template) -> Path:
    original = run.folder / f"{template.name}.db"
    with run.locked():
        if not original.exists():
            unfinished = run.folder / "unfinished.db"
            unfinished.unlink(missing_ok=True)
            _fill(f"sqlite:///{unfinished}", template)
            # The last connection to leave writes the log back; without that, a copy of the file
            # alone would lack tables.
            assert not unfinished.with_name("unfinished.db-wal").exists()
            unfinished.rename(original)
    return original


def _postgresql_template(run: TestRun, server: str, template: Template) -> str:
    original = run.name_of(template)
    state = run.folder / f"template.{template.name}"
    with run.locked():
        if not state.exists() or state.read_text() != "made":
            with _administering(server) as connection:
                state.write_text("begun")
                _drop(connection, original)
                connection.execute(SQL("CREATE DATABASE {}").format(Identifier(original)))
            _fill(_within(server, original), template)
            state.write_text("made")
    return original


def _fill(url: str, template: Template) -> None:
    migrate(url)
    template.fill(url)


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
