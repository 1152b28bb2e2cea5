"""What the commands share: the database, the clinic that is meant, and faults with an answer."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.settings import Settings, read_settings
from scheduling.database import Database
from scheduling.tables import Clinic

if TYPE_CHECKING:
    from ivr.carrier.account import TwilioAccount


class Failure(click.ClickException):
    """A fault that a person can put right: its text alone is shown, no trace."""

    def show(self, file: Any = None) -> None:
        """Write the message as it stands, which already says what to do."""
        click.echo(self.format_message(), file=file or sys.stderr)


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The database, without a limit on how long a unit of work may take."""
    database = Database(settings.database_url, budget_seconds=None)
    try:
        yield database
    finally:
        database.dispose()


@contextmanager
def opened_for(clinic_id: str | None) -> Iterator[tuple[Database, str]]:
    """The database of the environment, and which of its clinics is meant; see clinic_for()."""
    with opened(read_settings(os.environ)) as database:
        yield database, database.read(lambda session: clinic_for(session, clinic_id))


def account_of(settings: Settings) -> TwilioAccount:
    """The account at the carrier, to be set up or looked at."""
    from ivr.carrier.account import TwilioAccount

    return TwilioAccount(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        settings.twilio_api_base_url,
    )


def clinic_for(session: Session, clinic_id: str | None) -> str:
    """The clinic of this id, or the only one there is. Raises Failure."""
    known = list(session.scalars(select(Clinic.id).order_by(Clinic.id)))
    if not known:
        raise Failure("There is no clinic in the database yet: run callnow clinic load first.")
    if clinic_id is None and len(known) == 1:
        return known[0]
    if clinic_id not in known:
        asked = "Which clinic?" if clinic_id is None else f"There is no clinic {clinic_id!r}."
        raise Failure(f"{asked} Give --clinic with one of: {', '.join(known)}.")
    return clinic_id


def echo_counts(counts: Mapping[str, int]) -> None:
    """A line for each."""
    for what, number in counts.items():
        click.echo(f"  {what}: {number}")
