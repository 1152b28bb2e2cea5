"""`callnow phone`: walk a call in the terminal."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from ivr.clinics.definition import ClinicFile
from ivr.commands.terminal import Failure
from ivr.settings import PACKAGED_CLINICS


class _ByKeyboardInterrupt:
    """Ctrl-C interrupts a command that waits for a person to type."""

    made = False


@click.command()
@click.option(
    "--language",
    type=click.Choice(["en", "es"]),
    default="en",
    show_default=True,
    help="Language of the call; es presses 9 at the first menu.",
)
@click.option("--clinic", "clinic_id", help="Id of the clinic to call; else the first one.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var/phone"),
    show_default=True,
    help="Where its data and logs are kept.",
)
def phone(language: str, clinic_id: str | None, folder: Path) -> None:
    """Walk a call in the terminal: type what the caller presses or says.

    Digits, * and # are keys; anything else is spoken. An empty line is silence; "hang up", or the
    end of the input, ends the call. The line, its worker and a local phone company run meanwhile,
    on a database of their own or on the one that DATABASE_URL names. No real telephone rings.
    """
    from ivr.demo.folder import PATIENT_PHONES
    from ivr.demo.start import running
    from ivr.demo.terminal_call import TerminalCall, company_at

    clinic = _clinic(clinic_id)
    ports = _free_port(), _free_port()
    unhurried = ("--words-per-minute", "0", "--wait-for-people")
    with running(os.environ, folder, ports, stop=_ByKeyboardInterrupt(), company=unhurried) as demo:
        sqlite = demo.settings.database_url.startswith("sqlite")
        where = "that DATABASE_URL names" if os.environ.get("DATABASE_URL") else "of its own"
        kept = f" ({demo.settings.database_url.removeprefix('sqlite:///')})" if sqlite else ""
        click.echo(
            f"A call to {clinic.name}, {clinic.numbers.line}, on the database {where}{kept}."
        )
        click.echo(
            'Digits, * and # are keys; other words are spoken; an empty line is silence; "hang up" '
            "ends the call. In brackets: where the call stands."
        )
        with _nodes(demo.settings.database_url) as node_of, company_at(demo.phone) as company:
            call = TerminalCall(
                company=company,
                caller=next(iter(PATIENT_PHONES)),
                line=clinic.numbers.line,
                show=click.echo,
                ask=_typed,
                node_of=node_of,
            )
            call.walk(("9",) if language == "es" else ())


def _clinic(clinic_id: str | None) -> ClinicFile:
    """The one that is named, else the first, before anything is started."""
    from ivr.loading import clinics_at

    known = clinics_at(Path(os.environ.get("CLINICS_DIR") or PACKAGED_CLINICS))
    found = next((one for one in known if clinic_id in (None, one.id)), None)
    if found is None:
        ids = ", ".join(one.id for one in known)
        raise Failure(f"There is no clinic {clinic_id}: --clinic is one of {ids}.")
    return found


def _typed(prompt: str) -> str | None:
    click.echo(prompt, nl=False)
    line = sys.stdin.readline()
    if not sys.stdin.isatty():
        # What is typed elsewhere stands in no terminal: written down, the call can be read.
        click.echo(line.rstrip("\n"))
    return line or None


@contextmanager
def _nodes(database_url: str) -> Iterator[Callable[[str], str]]:
    """CallSid → the node at which that call stands, out of the line's own records."""
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    from ivr.call.tables import CallTurnRow
    from scheduling.database import Database

    database = Database(database_url)

    def node_of(call_sid: str) -> str:
        latest = (
            select(CallTurnRow.node)
            .where(CallTurnRow.call_sid == call_sid)
            .order_by(CallTurnRow.turn.desc())
            .limit(1)
        )

        def look(session: Session) -> str:
            return session.scalar(latest) or ""

        return database.read(look)

    try:
        yield node_of
    finally:
        database.dispose()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
