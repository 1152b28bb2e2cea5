"""Where benchmarks keep their databases: new ones, and copies of filled ones, by name."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import psycopg
from psycopg.sql import SQL, Identifier

from ivr.migrations.run import migrate
from tests.provision.postgres import PostgresServer


class Store(Protocol):
    """One kind of database. `name`: as tables of figures call it."""

    name: str

    def new(self, name: str) -> str:
        """The URL of an empty database."""

    def copy(self, name: str, to: str) -> str:
        """The URL of a copy of a database that nobody is connected to."""


class SqliteFiles:
    """Files in one folder."""

    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new(self, name: str) -> str:
        """See Store."""
        return f"sqlite:///{self._folder / name}.db"

    def copy(self, name: str, to: str) -> str:
        """See Store."""
        # The last connection to close has put the log back into the file.
        shutil.copyfile(self._folder / f"{name}.db", self._folder / f"{to}.db")
        return self.new(to)


class PostgresDatabases:
    """Databases of one server that waits for the disk, as a production server does."""

    name = "PostgreSQL"

    def __init__(self, server: PostgresServer) -> None:
        self._server = server

    def new(self, name: str) -> str:
        """See Store."""
        return self._created(name, "template1")

    def copy(self, name: str, to: str) -> str:
        """See Store."""
        return self._created(to, name)

    def _created(self, name: str, template: str) -> str:
        statement = SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        with psycopg.connect(self._server.url(), autocommit=True) as connection:
            connection.execute(statement.format(Identifier(name), Identifier(template)))
        return self._server.url(name)


@contextmanager
def stores() -> Iterator[list[Store]]:
    """Both kinds; all is gone afterwards."""
    with (
        TemporaryDirectory(prefix="callnow-bench-") as folder,
        PostgresServer(durable=True) as server,
    ):
        yield [SqliteFiles(Path(folder)), PostgresDatabases(server)]


def migrated(store: Store, name: str) -> str:
    """The URL of a new database with the product's tables."""
    url = store.new(name)
    migrate(url)
    return url
