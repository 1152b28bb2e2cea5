"""One row in every table of whatever revision a database has, written past all of our code."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Time,
    Uuid,
    select,
)
from sqlalchemy.exc import DBAPIError

from ivr.migrations.run import current_revision

ONLY_ID = UUID("01890000-0000-7000-8000-000000000001")
"""The id of every row, so that every reference to another table holds."""

_BEGINNING = datetime(2026, 12, 1, 14, tzinfo=UTC)

# What no type tells: values that a CHECK constraint or another row asks for.
_VALUES: dict[str, Any] = {
    "clinic.id": "demo",
    "clinic_id": "demo",
    "timezone": "America/Chicago",
    "phone_number": "+15125550100",
    "call_sid": "CA1",
    "booked_by": "anyone",
    "booked_channel": "phone",
    "channel": "phone",
    "visit.status": "booked",
    "hold_id": None,
    "waitlist_offer.hold_id": ONLY_ID,
    "resource": f"provider:{ONLY_ID}",
    "granule_start": int(_BEGINNING.timestamp()),
    "room_id": None,
    "merged_into_id": None,
    "deletion_requested_at": None,
    "lane": "ordinary",
    "state": "pending",
    "ticket.status": "open",
    "accepted_by": None,
    "accepted_at": None,
    "role": "front_desk",
    "patient_consent.kind": "sms",
    "prompt_change.kind": "wording",
    "content_type": "audio/wav",
    "recall.status": "open",
    "snoozed_until": None,
    "outcome": "reached",
    "identity_attempt.outcome": "failed",
    "waitlist_entry.status": "waiting",
    "waitlist_offer.status": "open",
    "level": "primary",
    "visit_notice.unreached": None,
}
_KEYS_OF_OTHERS = {"visit_type_room.room_id": ONLY_ID}


def fill(engine: Engine) -> None:
    """Put one row into each table that has none."""
    with engine.begin() as connection:
        for table in _tables(connection):
            if connection.execute(select(table)).first() is not None:
                # A trigger has filled it.
                continue
            connection.execute(
                table.insert().values({column.name: _value(column) for column in table.columns})
            )


def clear(engine: Engine) -> None:
    """Leave no row in any table, but for those that are append-only and what they refer to."""
    with engine.begin() as connection:
        for table in reversed(_tables(connection)):
            with suppress(DBAPIError), connection.begin_nested():
                connection.execute(table.delete())


def contents(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Table -> its rows, each column -> value."""
    with engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in _tables(connection)
        }


_reflected: dict[tuple[str, str | None], list[Table]] = {}
"""URL and revision -> tables: to ask a database about them takes far longer than to fill them."""


def _tables(connection: Connection) -> list[Table]:
    key = str(connection.engine.url), current_revision(connection)
    if key not in _reflected:
        metadata = MetaData()
        metadata.reflect(connection)
        _reflected.clear()
        _reflected[key] = [one for one in metadata.sorted_tables if one.name != "alembic_version"]
    return _reflected[key]


def _value(column: Column[Any]) -> Any:
    full_name = f"{column.table.name}.{column.name}"
    for values, name in (
        (_KEYS_OF_OTHERS, full_name),
        (_VALUES, full_name),
        (_VALUES, column.name),
    ):
        if name in values:
            return _as_stored(values[name], column)
    return _by_type(column)


def _as_stored(value: Any, column: Column[Any]) -> Any:
    # SQLite has no type for them, so a reflected column takes what is stored.
    if isinstance(value, UUID) and not isinstance(column.type, Uuid):
        return value.hex
    return value


def _by_type(column: Column[Any]) -> Any:
    kind = column.type
    if isinstance(kind, Uuid) or (getattr(kind, "length", None) == 32):
        return _as_stored(ONLY_ID, column)
    if isinstance(kind, DateTime):
        later = timedelta(hours=1) * column.name.startswith(("ends", "expires", "freed_until"))
        moment = _BEGINNING + later
        return moment if kind.timezone else moment.replace(tzinfo=None)
    by_type: list[tuple[type, Any]] = [
        (Date, date(2026, 12, 1)),
        (Time, time(8)),
        (Boolean, True),
        (JSON, {"known": 1}),
        (LargeBinary, b"x"),
        (Float, 1.5),
        (BigInteger, 1),
        (Integer, 1),
        (Float, 1.0),
    ]
    return next((value for one, value in by_type if isinstance(kind, one)), "x")
