"""Prepares a demonstration, starts it, says where it is, and stays until it is told to stop."""

from __future__ import annotations

import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Protocol

import click
import httpx
from sqlalchemy.orm import Session

from ivr import gunicorn, loading
from ivr.clinics.definition import ClinicFile
from ivr.demo.children import Children
from ivr.demo.folder import (
    DESK_LOGIN,
    STAFF_PINS,
    DemoError,
    Secrets,
    phone_company,
    secrets_in,
    sole_use_of,
    write_private,
)
from ivr.frontdesk import accounts
from ivr.migrations.run import migrate
from ivr.oncall import pins
from ivr.settings import Settings, read_settings
from scheduling.database import Database

HOST = "127.0.0.1"
"""A demonstration listens to this machine alone: its log-in stands on the screen."""

READY_SECONDS = 120.0
"""How long the processes have to become ready, on a slow machine. One that dies is noticed at
once, so only one that hangs is waited for this long."""

_LOOK_EVERY = 0.1


class StopRequest:
    """Whether Ctrl-C, SIGTERM or a closed terminal has asked for the end."""

    def __init__(self) -> None:
        self.made = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, _number: int, _frame: object) -> None:
        # A plain flag: an Event's lock could be held by the very thread this interrupts.
        self.made = True


class Stop(Protocol):
    """Whether the end was asked for."""

    @property
    def made(self) -> bool: ...


@dataclass(frozen=True)
class Running:
    """A demonstration that runs. web, phone: its addresses."""

    settings: Settings
    clinics: Sequence[ClinicFile]
    account: Secrets
    web: str
    phone: str
    children: Children


def run(environ: Mapping[str, str], folder: Path) -> int:
    """Run the demonstration until told to stop; returns the exit code.

    environ: PORT, PHONE_PORT, DATABASE_URL and CLINICS_DIR are taken from it. Its Twilio account
    is not: a demonstration never calls a real telephone.
    Raises DemoError, SettingsError or ClinicFileError.
    """
    stop = StopRequest()
    ports = _port(environ, "PORT", 8000), _port(environ, "PHONE_PORT", 8010)
    with running(environ, folder, ports, stop=stop) as demo:
        if not stop.made:
            click.echo(_welcome(demo, folder))
        while not stop.made:
            demo.children.require_all_alive()
            time.sleep(_LOOK_EVERY)
        click.echo("Stopping ...")
    click.echo("Stopped. The data is kept: the same command goes on where this one ended.")
    return 0


@contextmanager
def running(
    environ: Mapping[str, str],
    folder: Path,
    ports: tuple[int, int],
    *,
    stop: Stop,
    company: Sequence[str] = (),
) -> Iterator[Running]:
    """Have web, worker and a local phone company at work while inside, ready for the first call.

    ports: of the line and of the phone company. company: further arguments for the latter.
    Raises DemoError, SettingsError or ClinicFileError.
    """
    web, phone = (f"http://{HOST}:{port}" for port in ports)
    with sole_use_of(folder):
        _require_free_ports(*ports)
        account = secrets_in(folder)
        own = _environment(environ, folder.resolve(), account, ports)
        settings = read_settings(own)
        clinics = loading.clinics_at(settings.clinics_dir)
        _prepare_database(settings, clinics, account)
        write_private(folder / "phone.json", phone_company(clinics, web, account))
        with Children() as children:
            _start(children, own, folder, ports[1], company)
            for url in (f"{phone}/", f"{web}/readyz"):
                _wait_for(url, children, stop)
            yield Running(settings, clinics, account, web, phone, children)


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "").strip() or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise DemoError(f"{name} is {text!r}: set it to a number from 1 to 65535")
    return int(text)


def _require_free_ports(port: int, phone_port: int) -> None:
    if port == phone_port:
        raise DemoError(f"PORT and PHONE_PORT are both {port}: give them different numbers")
    for name, number in (("PORT", port), ("PHONE_PORT", phone_port)):
        with socket.socket() as probe:
            # As the servers do it: a port whose last connections are still fading is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, number))
            except OSError as error:
                raise DemoError(
                    f"Port {number} cannot be used ({error.strerror}): another program has it. "
                    f"Stop that one, or choose another port, such as {name}={number + 100}."
                ) from None


def _environment(
    environ: Mapping[str, str], folder: Path, account: Secrets, ports: tuple[int, int]
) -> dict[str, str]:
    ours = {name.upper() for name in Settings.model_fields} - {"DATABASE_URL", "CLINICS_DIR"}
    own = {name: value for name, value in environ.items() if name.upper() not in ours}
    if not own.get("DATABASE_URL"):
        own["DATABASE_URL"] = f"sqlite:///{folder / 'callnow.db'}"
    own["PUBLIC_BASE_URL"] = f"http://{HOST}:{ports[0]}"
    own["TWILIO_ACCOUNT_SID"] = account.account_sid
    own["TWILIO_AUTH_TOKEN"] = account.auth_token
    own["TWILIO_API_BASE_URL"] = f"http://{HOST}:{ports[1]}"
    own["SECRET_KEY"] = account.secret_key
    own["PORT"] = str(ports[0])
    return own


def _prepare_database(settings: Settings, clinics: Sequence[ClinicFile], account: Secrets) -> None:
    migrate(settings.database_url)
    database = Database(settings.database_url, budget_seconds=None)

    def load(session: Session) -> None:
        for clinic in clinics:
            loading.load(session, clinic)
        _admit_desk(session, clinics[0].id, account.desk_password)

    try:
        database.write(load)
        _give_pins(database, clinics[0].id)
    finally:
        database.dispose()


def _admit_desk(session: Session, clinic_id: str, password: str) -> None:
    found = accounts.find_user(session, DESK_LOGIN)
    if found is None:
        accounts.add_user(
            session,
            clinic_id=clinic_id,
            login=DESK_LOGIN,
            name="Front desk",
            password=password,
            role="admin",
            now=datetime.now(UTC),
        )
    elif not accounts.check_password(found, password):
        # The database is older than the folder: what the screen shows must open the page.
        found.password_hash = accounts.HASHER.hash(password)


def _give_pins(database: Database, clinic_id: str) -> None:
    """Let the demo clinic's people on call use the line by phone. A PIN of theirs stays."""
    now = datetime.now(UTC)
    known = database.read(lambda session: pins.standings(session, clinic_id, now.date()))
    for key, _, standing in known:
        if standing is pins.Standing.NO_PIN and key in STAFF_PINS:
            give = partial(
                pins.set_pin,
                clinic_id=clinic_id,
                person_key=key,
                pin_hash=pins.hashed(STAFF_PINS[key]),
                now=now,
            )
            database.write(give)


def _staff_lines(clinic: ClinicFile) -> str:
    return "".join(
        f"  On call      {person.name} on {person.number}: call the line, press 5, PIN "
        f"{STAFF_PINS[person.key]}\n"
        for person in clinic.on_call
        if person.key in STAFF_PINS
    )


def _start(
    children: Children,
    environ: Mapping[str, str],
    folder: Path,
    phone_port: int,
    further: Sequence[str],
) -> None:
    port = int(environ["PORT"])
    worker = [sys.executable, "-m", "ivr.cli", "worker"]
    company = [sys.executable, "-m", "ivr.simulator"]
    configuration = ["--config", str(folder / "phone.json"), "--port", str(phone_port)]
    for name, arguments in (
        # What `callnow web` becomes; straight away, for it reads everything only to do so.
        ("web", gunicorn.command(HOST, port)),
        ("worker", worker),
        ("phone", [*company, *configuration, *further]),
    ):
        children.start(name, arguments, environ, folder / "log" / f"{name}.log")


def _wait_for(url: str, children: Children, stop: Stop) -> None:
    said = "no answer"
    deadline = time.monotonic() + READY_SECONDS
    while not stop.made:
        children.require_all_alive()
        try:
            answer = httpx.get(url, timeout=2, trust_env=False)
        except httpx.HTTPError:
            pass
        else:
            if answer.status_code == httpx.codes.OK:
                return
            said = answer.text.strip()[:500]
        if time.monotonic() > deadline:
            raise DemoError(
                f"{url} was not ready within {READY_SECONDS:.0f} s; it says: {said}. "
                "See the logs beside the data."
            )
        time.sleep(_LOOK_EVERY)


def _welcome(demo: Running, folder: Path) -> str:
    sqlite = demo.settings.database_url.startswith("sqlite")
    data = str(folder / "callnow.db") if sqlite else "in the database that DATABASE_URL names"
    return f"""
Call Now is running, for demonstration: its numbers and people are fictional.

  Phones       {demo.phone}/
  Front desk   {demo.web}/frontdesk   log in as {DESK_LOGIN} with {demo.account.desk_password}
{_staff_lines(demo.clinics[0])}  Health       {demo.web}/readyz

  Data   {data}
  Logs   {folder / "log"}/

Ctrl-C stops it.
"""
