"""A PostgreSQL database copied and brought back by PostgreSQL's own programs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy.engine import URL

from ivr.backup import BackupError
from ivr.backup.files import whole_or_not_at_all

SUFFIX = ".dump"


def copy(source: URL, target: Path) -> None:
    """Copy all that is committed, in PostgreSQL's custom format; everybody goes on meanwhile.

    Raises BackupError.
    """
    with whole_or_not_at_all(target) as draft:
        options = ["--format=custom", "--no-owner", "--no-privileges", "--file", str(draft)]
        _run("pg_dump", [*options, f"--dbname={_without_password(source)}"], source)
        # Reads its table of contents, which stands at the end of what was written.
        _run("pg_restore", ["--list", str(draft)], source)


def put_back(backup: Path, target: URL) -> None:
    """Fill an empty database from a copy, all or nothing. Raises BackupError."""
    if not backup.exists():
        raise BackupError(f"There is no file {backup}.")
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    _run("pg_restore", [*options, f"--dbname={_without_password(target)}", str(backup)], target)


def _without_password(url: URL) -> str:
    # Every user of the machine sees what a program was started with.
    return url.set(drivername="postgresql", password=None).render_as_string()


def _run(program: str, arguments: list[str], url: URL) -> None:
    found = shutil.which(program)
    if found is None:
        raise BackupError(
            f"{program} is not on this machine: install PostgreSQL's client programs, of the "
            "server's version or newer (apt-get install postgresql-client)."
        )
    environment = {**os.environ, "PGCONNECT_TIMEOUT": "10"}
    if url.password:
        environment["PGPASSWORD"] = url.password
    done = subprocess.run(  # noqa: S603  # no shell; the program is PostgreSQL's, found on PATH
        [found, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        # Of the rest, statements among it, only the first line is for people.
        first = next((line for line in done.stderr.splitlines() if line.strip()), "no reason given")
        raise BackupError(
            f"{first.strip()}. See that DATABASE_URL is right, and that {program} is of the "
            "server's version or newer."
        )
