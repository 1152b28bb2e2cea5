"""Whether database and worker are there, as the line needs them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ivr.messages import heartbeat
from ivr.migrations.run import current_revision, head_revision
from scheduling.database import Database, DatabaseUnavailable


def database_answers(database: Database) -> Iterator[str]:
    """One look into it."""
    try:
        database.read(lambda session: session.execute(text("SELECT 1")))
    except DatabaseUnavailable:
        yield "The database does not answer: start it, or correct DATABASE_URL."
    except DBAPIError as error:
        # The driver's own first line: which host, which file. Statements are never shown.
        first = str(error.orig).strip().partition("\n")[0]
        yield f"The database refuses: {first}. Correct DATABASE_URL."


def tables_are_current(session: Session) -> Iterator[str]:
    """Its tables are those of this version."""
    has, wants = current_revision(session), head_revision()
    if has != wants:
        yield (
            f"The database's tables are at revision {has or 'none'}, and this version needs "
            f"{wants}: run callnow migrate."
        )


def worker_lives(session: Session, now: datetime) -> Iterator[str]:
    """Some worker has reported lately. now: aware UTC."""
    if not heartbeat.is_alive(session, now):
        last = heartbeat.last_beat(session)
        told = (
            f"No worker has reported since {last:%Y-%m-%d %H:%M} UTC" if last else "None ever ran"
        )
        yield f"{told}, so no text, call or page goes out: start callnow worker."
