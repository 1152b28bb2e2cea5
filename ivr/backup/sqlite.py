"""A SQLite file copied while it is in use, and put back."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from ivr.backup import BackupError
from ivr.backup.files import whole_or_not_at_all

SUFFIX = ".db"

_BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a file: of a lost one it would be played into the one put back."""


def copy(source: Path, target: Path) -> None:
    """Copy all that is committed, by SQLite's own backup; writers go on meanwhile.

    Raises BackupError.
    """
    if not source.exists():
        raise BackupError(f"There is no database {source}: correct DATABASE_URL.")
    with whole_or_not_at_all(target) as draft:
        try:
            with (
                closing(sqlite3.connect(source)) as original,
                closing(sqlite3.connect(draft)) as made,
            ):
                # In one step: it holds a snapshot, which in write-ahead mode stops nobody.
                original.backup(made)
                # The copy is one file, with nothing beside it.
                made.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.Error as error:
            raise BackupError(f"{source} could not be copied: {error}.") from None
        require_whole(draft, source)


def put_back(backup: Path, target: Path) -> None:
    """Put a copy where the database was. Raises BackupError, also where something is there."""
    if not backup.exists():
        raise BackupError(f"There is no file {backup}.")
    beside = [target.with_name(target.name + suffix) for suffix in _BESIDE]
    if left := [path for path in (target, *beside) if path.exists()]:
        raise BackupError(
            f"{left[0]} is there: stop callnow web and callnow worker, move "
            f"{', '.join(path.name for path in left)} away together, keep them, and try again."
        )
    require_whole(backup, backup)
    with whole_or_not_at_all(target) as draft:
        shutil.copyfile(backup, draft)


def require_whole(file: Path, named: Path) -> None:
    """Raises BackupError where SQLite finds the file damaged. named: what to call it."""
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as opened:
            (told,) = opened.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        told = str(error)
    if told != "ok":
        raise BackupError(f"{named} is damaged ({told}): take another copy.")
