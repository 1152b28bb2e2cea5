"""Copies and brings back whichever database DATABASE_URL names."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.engine import URL

from ivr.backup import BackupError, postgresql, sqlite
from ivr.backup.after import Brought, see_to
from ivr.backup.files import newest_of
from ivr.migrations.run import migrate
from scheduling.database import Database


def file_in(folder: Path, url: URL, now: datetime) -> Path:
    """A name for a copy made now (aware UTC); later ones sort after earlier ones."""
    return folder / f"callnow-{now:%Y%m%dT%H%M%SZ}{_suffix(url)}"


def copy(database: Database, target: Path) -> None:
    """Copy all that is committed by now. Raises BackupError."""
    if database.url.get_backend_name() == "sqlite":
        sqlite.copy(_file(database.url), target)
    else:
        postgresql.copy(database.url, target)


def forget_old(folder: Path, url: URL, keep: int) -> list[Path]:
    """Delete all but the newest `keep` copies of that folder; return what was deleted."""
    return newest_of(folder, f"callnow-????????T??????Z{_suffix(url)}", keep)


def bring_back(database: Database, backup: Path, *, key: bytes, now: datetime) -> Brought:
    """Fill the database, which must be empty, from a copy; bring it to this version's tables.

    key: of the audit's seals. now: aware UTC. Raises BackupError.
    """
    if database.url.get_backend_name() == "sqlite":
        sqlite.put_back(backup, _file(database.url))
    else:
        with database.engine.connect() as connection:
            if inspect(connection).get_table_names():
                raise BackupError(
                    f"The database {database.url.database} is not empty: make a new one (createdb) "
                    "and name it in DATABASE_URL, or drop this one if nothing in it is needed."
                )
        postgresql.put_back(backup, database.url)
    migrate(database.url.render_as_string(hide_password=False))
    return database.write(lambda session: see_to(session, key=key, now=now))


def _file(url: URL) -> Path:
    return Path(url.database or "")


def _suffix(url: URL) -> str:
    return sqlite.SUFFIX if url.get_backend_name() == "sqlite" else postgresql.SUFFIX
