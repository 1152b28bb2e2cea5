"""`callnow backup` and `callnow restore`."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from ivr.commands.terminal import Failure, opened
from ivr.settings import read_settings


@click.command()
@click.argument("to", type=click.Path(path_type=Path), metavar="FILE|FOLDER")
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    help="Of a folder: afterwards delete all but this many of the newest copies in it.",
)
def backup(to: Path, keep: int | None) -> None:
    """Copy the database into FILE, or into a new file in FOLDER. The line goes on meanwhile."""
    from ivr.backup import BackupError, database

    settings = read_settings(os.environ)
    into_folder = to.is_dir()
    if keep is not None and not into_folder:
        raise Failure(f"{to} is no folder: --keep is for a folder of copies.")
    with opened(settings) as opened_one:
        url = opened_one.url
        target = database.file_in(to, url, datetime.now(UTC)) if into_folder else to
        try:
            database.copy(opened_one, target)
        except BackupError as error:
            raise Failure(str(error)) from None
        gone = database.forget_old(to, url, keep) if keep is not None else []
    click.echo(f"{target}: {target.stat().st_size / 1024**2:.1f} MB.")
    if gone:
        click.echo(f"Older copies deleted: {len(gone)}.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """Bring the database back from a copy, to where DATABASE_URL says and nothing is yet.

    Stop callnow web and callnow worker first; see docs/how-to/back-up-and-restore.md.
    """
    from ivr.audit.sealing import sealing_key
    from ivr.backup import BackupError, database

    settings = read_settings(os.environ)
    key = sealing_key(settings.secret_key.get_secret_value())
    with opened(settings) as opened_one:
        try:
            brought = database.bring_back(opened_one, file, key=key, now=datetime.now(UTC))
        except BackupError as error:
            raise Failure(str(error)) from None
    click.echo(f"Brought back. Visits: {brought.visits}. Urgent calls: {brought.tickets}.")
    if brought.latest is not None:
        click.echo(
            f"The last thing in it was done at {brought.latest:%Y-%m-%d %H:%M:%S} UTC: what came "
            "after it is not there."
        )
    if brought.held_back:
        click.echo(
            f"Messages that may have gone out since, left to the desk's list: {brought.held_back}."
        )
    for clinic_id in brought.broken:
        click.echo(
            f"{clinic_id}: the seals of the audit do not hold. Is SECRET_KEY the one it was made "
            "with? callnow doctor says more."
        )
    click.echo("Start callnow web and callnow worker, and ask callnow doctor.")
