"""Tells PostgreSQL what a large import has stored, before the next rows refer to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from scheduling.database import Base


def describe(session: Session, table: type[Base]) -> None:
    """Have `table` analyzed, uncommitted rows included.

    Of a table that was empty a moment ago PostgreSQL knows nothing. It then checks each reference
    to it by any index that begins with the clinic, which reads all of the clinic's rows: 50,000
    patients took longer than seven minutes, and take some fifteen seconds like this. Its own
    housekeeping would tell it in time, but not within a transaction. SQLite needs no telling.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"ANALYZE {table.__tablename__}"))
