"""`callnow doctor`: what is wrong with this installation, and what to do about it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from ivr.commands.terminal import opened
from ivr.settings import Settings, is_loopback, read_settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ivr.clinics.definition import ClinicFile
    from scheduling.database import Database

    Check = Callable[[Session], Iterator[str]]

Finding = tuple[str, Sequence[str]]
"""What was looked at, and what is wrong with it."""

LOADED = "loaded"
"""The check without which a clinic's others have nothing to look at."""


@click.command()
@click.pass_context
def doctor(context: click.Context) -> None:
    """Look at everything that an urgent call needs; say what is wrong and what to do.

    Exits with 1 where something is wrong.
    """
    wrong = 0
    for name, faults in _findings(read_settings(os.environ)):
        click.echo(f"{'WRONG' if faults else 'ok   '} {name}")
        for fault in faults:
            click.echo(f"      {fault}")
        wrong += len(faults)
    if wrong:
        click.echo(f"Things to put right: {wrong}.")
        context.exit(1)
    click.echo("Nothing to put right.")


def _findings(settings: Settings) -> Iterator[Finding]:
    from ivr.clinics.definition import ClinicFileError, read_clinics
    from ivr.doctor import clinics

    yield "public address", list(twilio_reaches_the_line(settings))
    files: list[ClinicFile] = []
    faults: list[str] = []
    try:
        files += read_clinics(settings.clinics_dir).values()
        if not files:
            faults.append(f"No clinic.toml below {settings.clinics_dir}: set CLINICS_DIR to yours.")
    except ClinicFileError as error:
        faults.append(str(error))
    yield "clinic files", faults
    for file in files:
        yield f"{file.id}: sentences", list(clinics.sentences_are_complete(file))
    with opened(settings) as database:
        yield from _findings_in(database, files, datetime.now(UTC), settings)


def _findings_in(
    database: Database, files: Sequence[ClinicFile], now: datetime, settings: Settings
) -> Iterator[Finding]:
    from ivr.doctor import installation

    def found(check: Check) -> list[str]:
        return database.read(lambda session: list(check(session)))

    away = list(installation.database_answers(database))
    yield "database", away
    if away:
        return
    behind = found(installation.tables_are_current)
    yield "tables", behind
    if behind:
        # What follows reads those tables.
        return
    yield "worker", found(lambda session: installation.worker_lives(session, now))
    for file in files:
        for name, check in _checks(file, now, settings):
            faults = found(check)
            yield f"{file.id}: {name}", faults
            if name == LOADED and faults:
                break


def _checks(file: ClinicFile, now: datetime, settings: Settings) -> list[tuple[str, Check]]:
    from ivr.audit.sealing import sealing_key
    from ivr.doctor import clinics, urgent_line
    from ivr.doctor.audit import audit_is_whole

    key = sealing_key(settings.secret_key.get_secret_value())

    return [
        (LOADED, lambda s: clinics.is_loaded(s, file)),
        ("number of last resort", lambda s: clinics.last_resort_rings(s, file)),
        ("people on call", lambda s: urgent_line.people_can_be_told_apart(s, file.id)),
        ("rota of the next 14 days", lambda s: urgent_line.rota_has_no_gaps(s, file.id, now)),
        ("urgent tickets", lambda s: urgent_line.tickets_are_accepted(s, file.id)),
        ("pages to staff", lambda s: urgent_line.pages_are_delivered(s, file.id, now)),
        ("audit", lambda s: audit_is_whole(s, file.id, key=key, now=now)),
    ]


def twilio_reaches_the_line(settings: Settings) -> Iterator[str]:
    """PUBLIC_BASE_URL leads here from outside, encrypted."""
    if settings.twilio_api_base_url and _is_here(settings.twilio_api_base_url):
        # The local phone company is on this machine, too.
        return
    base = settings.public_base_url
    if _is_here(base) or not base.startswith("https://"):
        yield (
            f"PUBLIC_BASE_URL is {base}, which Twilio cannot reach: set it to the https address of "
            "this service, and enter that at the number in the Twilio console."
        )


def _is_here(url: str) -> bool:
    return is_loopback(urlsplit(url).hostname or "")
