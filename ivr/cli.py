"""`callnow`: everything an operator does from a terminal, and how the processes start.

Each command imports what it needs when it runs: to load all of the product takes two seconds, and
`callnow web` is replaced by gunicorn before it uses any of it.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ivr import gunicorn
from ivr.call.checks import FlowUnsound
from ivr.clinics.definition import ClinicFileError
from ivr.commands.backup import backup, restore
from ivr.commands.connect import connect
from ivr.commands.deletions import patient, retention
from ivr.commands.doctor import doctor
from ivr.commands.imports import import_
from ivr.commands.phone import phone
from ivr.commands.rota import rota
from ivr.commands.staff import staff
from ivr.commands.terminal import Failure, clinic_for, opened
from ivr.demo.folder import DemoError
from ivr.frontdesk.tables import ROLES
from ivr.logs import configure_logging
from ivr.settings import SettingsError, read_settings
from scheduling.database import DatabaseUnavailable


class EnvironmentFailure(Failure):
    """The environment is incomplete or malformed."""

    exit_code = 2


class Commands(click.Group):
    """Turns the errors that have an answer into that answer."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Exit code 2 is for the environment, 1 for everything else."""
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            raise EnvironmentFailure(str(error)) from None
        except (ClinicFileError, FlowUnsound, DemoError) as error:
            raise Failure(str(error)) from None
        except DatabaseUnavailable as error:
            raise Failure(
                f"The database does not answer ({error}). Start it, or correct DATABASE_URL."
            ) from None
        except DBAPIError as error:
            # The driver's own first line: which host, which file. Statements are never shown.
            first = str(error.orig).strip().partition("\n")[0]
            raise Failure(
                f"The database refused: {first}. Correct DATABASE_URL, or run callnow migrate "
                "if its tables are missing."
            ) from None


@click.group(cls=Commands)
@click.version_option(package_name="call-now", message="Call Now %(version)s")
def main() -> None:
    """Call Now: the telephone line of a pain-pump clinic.

    Every command but demo and phone reads its settings from the environment and, when some are
    missing or malformed, lists them all and exits with 2.
    """
    # A command answers the person in front of it: of the logs, only what went wrong.
    configure_logging(sys.stderr, level=logging.WARNING)


@main.command()
@click.option("--host", default="0.0.0.0", show_default=True, help="Address to listen on.")  # noqa: S104  # in a container, the platform's router comes from outside
def web(host: str) -> None:
    """Serve the line, the desk and the health pages on PORT."""
    gunicorn.serve(host, read_settings(os.environ).port)


@main.command()
def worker() -> None:
    """Send what is due, until told to stop. Any number may run on one database."""
    from ivr.worker_process import create_worker, run_until_signalled

    configure_logging()
    if not run_until_signalled(*create_worker(read_settings(os.environ))):
        raise Failure("A part of the worker ended by a fault of ours; the log has it.")


@main.command()
def migrate() -> None:
    """Bring the database's tables up to this version. Harmless to repeat."""
    from ivr.migrations import run

    url = read_settings(os.environ).database_url
    before = run.current_revision(url)
    run.migrate(url)
    if before == run.head_revision():
        click.echo(f"The database is at revision {before}: nothing to do.")
    else:
        click.echo(f"The database went from {before or 'empty'} to revision {run.head_revision()}.")


@main.group()
def clinic() -> None:
    """Clinics and their files."""


@clinic.command("load")
@click.argument(
    "path", required=False, type=click.Path(exists=True, path_type=Path), metavar="[FILE|FOLDER]"
)
def clinic_load(path: Path | None) -> None:
    """Check and store the clinics of a file or folder (CLINICS_DIR, if none is given).

    Nothing is stored unless all of it is sound, sentences included. Loading the same again
    changes nothing, and what the desk edited since stays.
    """
    from ivr import loading
    from ivr.call.lines import lines_of

    settings = read_settings(os.environ)
    clinics = loading.clinics_at(path or settings.clinics_dir)
    by_id = {one.id: one for one in clinics}
    try:
        lines_of(by_id, link_base=settings.public_base_url)
    except ValueError as error:
        raise Failure(str(error)) from None
    with opened(settings) as database:
        loaded = database.write(
            lambda session: {one.id: loading.load(session, one) for one in clinics}
        )
    for clinic_id, done in loaded.items():
        _list(f"{clinic_id}: {len(done.changes)} changes:", done.changes)
        if not done.changes:
            click.echo(f"{clinic_id}: nothing to change.")
        _list(
            f"{clinic_id}: changed in the file and at the desk, whose values stay. To have the "
            "file's, enter it at the desk; otherwise write the desk's into the file:",
            done.conflicts,
        )


def _list(heading: str, lines: Sequence[str]) -> None:
    if lines:
        click.echo(heading)
    for line in lines:
        click.echo(f"  {line}")


@main.group()
def user() -> None:
    """Members of staff who sign in at the front desk's page."""


@user.command("add")
@click.argument("login")
@click.option("--name", required=True, help="As colleagues know the person.")
@click.option(
    "--clinic", "clinic_id", help="Id of the clinic; may be left out when there is only one."
)
@click.option("--role", type=click.Choice(ROLES), default=ROLES[0], show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def user_add(login: str, name: str, clinic_id: str | None, role: str, password_stdin: bool) -> None:
    """Add LOGIN, who may then sign in at /frontdesk. Asks for a password."""
    from ivr.frontdesk import accounts

    with opened(read_settings(os.environ)) as database:
        chosen = database.read(lambda session: clinic_for(session, clinic_id))
        if password_stdin:
            password = sys.stdin.readline().rstrip("\r\n")
        else:
            password = click.prompt("Password", hide_input=True, confirmation_prompt=True)

        def add(session: Session) -> str:
            added = accounts.add_user(
                session,
                clinic_id=chosen,
                login=login,
                name=name,
                password=password,
                role=role,
                now=datetime.now(UTC),
            )
            return added.login

        try:
            stored = database.write(add)
        except accounts.AccountRefused as error:
            raise Failure(str(error)) from None
    click.echo(f"{stored} may now sign in at /frontdesk, for clinic {chosen}.")


@user.command("reset")
@click.argument("login")
def user_reset(login: str) -> None:
    """Give LOGIN a temporary password, remove their second factor, log them out everywhere.

    The way back in where the clinic's only administrator lost a password or a phone.
    """
    from ivr.frontdesk import accounts, audit, second_factor, sessions

    password = accounts.temporary_password()
    hashed = accounts.hash_of(password)

    def reset(session: Session) -> str | None:
        found = accounts.find_user(session, login)
        if found is None:
            return None
        found.password_hash = hashed
        found.must_change_password = True
        second_factor.turn_off(session, clinic_id=found.clinic_id, staff_id=found.id)
        sessions.close_all(session, clinic_id=found.clinic_id, staff_id=found.id)
        audit.record(
            session,
            clinic_id=found.clinic_id,
            staff_id=found.id,
            action="user.reset_by_command",
            detail={"user": str(found.id)},
            now=datetime.now(UTC),
        )
        return found.login

    with opened(read_settings(os.environ)) as database:
        stored = database.write(reset)
    if stored is None:
        raise Failure(f"There is no login {login}: see the page of people for those there are.")
    click.echo(f"{stored} signs in once with {password} and then chooses a password.")


for command in (
    *(import_, patient, phone, retention, rota, staff),
    *(connect, doctor, backup, restore),
):
    main.add_command(command)


@main.command()
def flow() -> None:
    """Print the call flow as Markdown: a diagram and a table. Needs no settings."""
    from ivr.call.drawing import draw
    from ivr.call.flow import FLOW

    click.echo(draw(FLOW), nl=False)


@main.command()
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var"),
    show_default=True,
    help="Where the demonstration keeps its data, secrets and logs.",
)
def demo(folder: Path) -> None:
    """Start everything on this machine, with a local phone company in Twilio's place.

    PORT (8000) and PHONE_PORT (8010) move the ports; DATABASE_URL takes another database than
    the SQLite file in the folder; CLINICS_DIR other clinics. Stop it with Ctrl-C.
    """
    from ivr.demo import start

    sys.exit(start.run(os.environ, folder))


if __name__ == "__main__":
    main()
