"""Ways to lose a database, and to get it back."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from ivr.migrations.run import migrate
from scheduling.database import DatabaseUnavailable
from tests.carrier.proxy import Proxy
from tests.product import Product
from tests.provision.postgres import PostgresServer


class Outage(ABC):
    """A database at `database_url` that can be lost."""

    database_url: str
    readable = False
    """Whether what is stored can still be read."""

    @abstractmethod
    @contextmanager
    def happening(self) -> Iterator[None]:
        """The database is away inside this block."""

    def wait_until_probed(self, product: Product) -> None:
        """Return once the product has noticed that its database is back."""
        for _ in range(100):
            try:
                product.database.read(lambda session: session.execute(text("SELECT 1")).one())
            except DatabaseUnavailable:
                Event().wait(0.1)
            else:
                return
        raise AssertionError("the product did not find its database again within 10 s")


class LockedFile(Outage):
    """SQLite's way to freeze: another process holds the file's write lock and does not go on."""

    readable = True

    def __init__(self, url: str) -> None:
        self.database_url = url

    @contextmanager
    def happening(self) -> Iterator[None]:
        holder = sqlite3.connect(str(make_url(self.database_url).database), isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            holder.execute("ROLLBACK")
            holder.close()


class BehindProxy(Outage):
    """PostgreSQL across a network that refuses, or drops, what is sent."""

    def __init__(self, url: str, proxy: Proxy, way: str) -> None:
        self.database_url = (
            make_url(url)
            .set(host="127.0.0.1", port=proxy.port)
            .render_as_string(hide_password=False)
        )
        self._proxy = proxy
        self._way = way

    @contextmanager
    def happening(self) -> Iterator[None]:
        if self._way == "refused":
            self._proxy.refuse()
        else:
            self._proxy.swallow()
        try:
            yield
        finally:
            self._proxy.recover()


class FrozenServer(Outage):
    """PostgreSQL stopped with SIGSTOP: its kernel acknowledges, its processes do not answer."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self.database_url = server.url()

    @contextmanager
    def happening(self) -> Iterator[None]:
        self._server.freeze()
        try:
            yield
        finally:
            self._server.thaw()


@contextmanager
def outages(request: pytest.FixtureRequest) -> Iterator[Outage]:
    """A database of the kind and in the way that a parameter names: "pg-refused"."""
    kind, _, way = request.param.partition("-")
    make = sqlite_outages if kind == "sqlite" else postgresql_outages
    with make(request, way) as outage:
        yield outage


@contextmanager
def sqlite_outages(request: pytest.FixtureRequest, way: str) -> Iterator[Outage]:
    """The one way SQLite freezes; its file is local, so there is no network to lose."""
    assert way == "locked"
    yield LockedFile(request.getfixturevalue("sqlite_url"))


@contextmanager
def postgresql_outages(request: pytest.FixtureRequest, way: str) -> Iterator[Outage]:
    """PostgreSQL, lost in this way."""
    if way == "frozen":
        server: PostgresServer = request.getfixturevalue("private_postgres")
        migrate(server.url())
        yield FrozenServer(server)
        return
    url = make_url(request.getfixturevalue("postgresql_url"))
    with Proxy((url.host or "127.0.0.1", url.port or 5432)) as proxy:
        yield BehindProxy(url.render_as_string(hide_password=False), proxy, way)
