"""Brings a database to a revision, and says which one it has."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.orm import Session

from scheduling.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

_LOCK = 0x43414C4C
""""CALL": the advisory lock under which PostgreSQL lets one migration run at a time."""


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database at `url` up to `revision`, all in one transaction.

    Two processes may do it at once: the second waits, and finds nothing left to do.
    Raises whatever the database or a revision raises; nothing has been changed then.
    """
    with _connection(url) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        command.upgrade(_config(connection), revision)
        if connection.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise RuntimeError(
                    f"the migration to {revision} left {len(broken)} rows that refer to nothing: "
                    "it was undone; report this"
                )


def downgrade(url: str, revision: str) -> None:
    """Take the database at `url` back to `revision` ("base" is empty), data included."""
    with _connection(url) as connection, connection.begin():
        command.downgrade(_config(connection), revision)


def check(url: str) -> None:
    """Raise alembic's CommandError where the migrated database and the models disagree."""
    with _connection(url) as connection, connection.begin():
        command.check(_config(connection))


def autogenerate(url: str, message: str, number: str) -> None:
    """Write the next revision: what the models have and the database at `url`, at head, has not."""
    with _connection(url) as connection, connection.begin():
        command.revision(_config(connection), message, autogenerate=True, rev_id=number)


@cache
def head_revision() -> str:
    """The revision that the code in front of you expects."""
    head = ScriptDirectory.from_config(_config(None)).get_current_head()
    if head is None:
        raise RuntimeError("there are no revisions: the package was installed without its files")
    return head


def revisions() -> list[str]:
    """All of them, the first first."""
    scripts = ScriptDirectory.from_config(_config(None))
    return [script.revision for script in scripts.walk_revisions()][::-1]


def current_revision(source: Session | Connection | str) -> str | None:
    """The revision that a database has: an open session or connection, or a URL. None is empty."""
    if isinstance(source, str):
        with _connection(source) as connection:
            return MigrationContext.configure(connection).get_current_revision()
    connection = source.connection() if isinstance(source, Session) else source
    return MigrationContext.configure(connection).get_current_revision()


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    database = Database(url, budget_seconds=None)
    try:
        with database.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                # Rebuilding a table drops the old one, which would cascade to whatever refers
                # to it. It has to be said before the transaction begins; migrate() looks after.
                driver: Any = connection.connection.dbapi_connection
                driver.execute("PRAGMA foreign_keys=OFF")
            yield connection
    finally:
        database.dispose()


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
