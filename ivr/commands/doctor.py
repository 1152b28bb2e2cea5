"""`callnow doctor`: what is wrong with this installation, and what to do about it."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from ivr.commands.terminal import account_of, opened
from ivr.settings import Settings, is_loopback, read_settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ivr.carrier.account import TwilioAccount
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

    Changes nothing and dials nobody. Exits with 1 where something is wrong.
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
    from ivr.doctor import clinics, machine

    yield "time zones", list(machine.time_zones_are_known())
    yield "secrets", list(_secrets_are_secret(settings))
    yield "public address", list(public_address_leads_here(settings))
    account = account_of(settings)
    is_reached = yield from _findings_at_carrier(account)
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
        if not carrier_is_here(settings):
            yield f"{file.id}: signed wording", list(clinics.wording_is_signed(file))
        if is_reached:
            faults = list(_number_leads_here(account, file, settings.public_base_url))
            yield f"{file.id}: number at the carrier", faults
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
    yield "storage", [*found(_commits_are_durable), *_file_is_safe(database, settings)]
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
    from ivr.doctor.missed import carriers_lists_are_read
    from ivr.doctor.staff_phones import staff_can_be_reached

    key = sealing_key(settings.secret_key.get_secret_value())

    return [
        (LOADED, lambda s: clinics.is_loaded(s, file)),
        ("number of last resort", lambda s: clinics.last_resort_rings(s, file)),
        ("people on call", lambda s: urgent_line.people_can_be_told_apart(s, file.id)),
        ("phones of staff", lambda s: staff_can_be_reached(s, file.id)),
        ("rota of the next 14 days", lambda s: urgent_line.rota_has_no_gaps(s, file.id, now)),
        ("urgent tickets", lambda s: urgent_line.tickets_are_accepted(s, file.id)),
        ("pages to staff", lambda s: urgent_line.pages_are_delivered(s, file.id, now)),
        ("missed calls and texts", lambda s: carriers_lists_are_read(s, file.id, now)),
        ("audit", lambda s: audit_is_whole(s, file.id, key=key, now=now)),
    ]


def carrier_is_here(settings: Settings) -> bool:
    """Whether the local phone company stands in for the carrier: a demonstration."""
    return bool(settings.twilio_api_base_url) and _is_here(settings.twilio_api_base_url or "")


def public_address_leads_here(settings: Settings) -> Iterator[str]:
    """PUBLIC_BASE_URL leads here from outside, encrypted, and only the carrier gets in."""
    from ivr.doctor import public_address

    base = settings.public_base_url
    if not carrier_is_here(settings) and (_is_here(base) or not base.startswith("https://")):
        yield (
            f"PUBLIC_BASE_URL is {base}, which Twilio cannot reach: set it to the https address of "
            "this service, and run callnow connect."
        )
        return
    yield from public_address.answers_what_is_signed(
        base, settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value()
    )
    if not _is_here(base):
        yield from public_address.keeps_its_figures(base)


def _secrets_are_secret(settings: Settings) -> Iterator[str]:
    from ivr.doctor import machine

    token, old = settings.twilio_auth_token, settings.twilio_auth_token_old
    yield from machine.old_token_is_gone(old.get_secret_value() if old else None)
    yield from machine.secret_key_is_strong(
        settings.secret_key.get_secret_value(), token.get_secret_value()
    )


def _findings_at_carrier(account: TwilioAccount) -> Generator[Finding, None, bool]:
    """Returns whether the carrier answers, so that more can be asked."""
    from ivr.doctor import carrier
    from ivr.messages.telephony import CarrierError

    try:
        found = account.account()
    except CarrierError as error:
        yield "account at the carrier", [carrier.refusal(error)]
        return False
    now = datetime.now(UTC)
    yield "account at the carrier", list(carrier.account_is_active(found))
    yield "clock", list(carrier.clocks_agree(found, now))
    return True


def _number_leads_here(account: TwilioAccount, file: ClinicFile, base: str) -> Iterator[str]:
    from ivr.doctor import carrier
    from ivr.messages.telephony import CarrierError

    line = file.numbers.line
    try:
        number = account.number(line)
        if number is None:
            yield (
                f"The account has no number {line}: buy it or move it there in the Twilio console, "
                "or correct line in clinic.toml and load it."
            )
            return
        yield from carrier.number_leads_here(number, base)
        yield from carrier.texts_get_through(account.text_sender(number))
    except CarrierError as error:
        yield carrier.refusal(error)


def _commits_are_durable(session: Session) -> Iterator[str]:
    from ivr.doctor import storage

    return storage.commits_are_durable(session)


def _file_is_safe(database: Database, settings: Settings) -> Iterator[str]:
    from ivr.doctor import storage

    if database.url.get_backend_name() != "sqlite" or not database.url.database:
        return
    file = Path(database.url.database.removeprefix("file:")).resolve()
    yield from storage.disk_has_room(file.parent)
    if not carrier_is_here(settings):
        mounts = storage.MOUNTS.read_text(encoding="utf-8") if storage.MOUNTS.exists() else ""
        yield from storage.file_is_in_a_lasting_place(file, mounts)


def _is_here(url: str) -> bool:
    return is_loopback(urlsplit(url).hostname or "")
