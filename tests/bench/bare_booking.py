"""The rows of a hold and of its booking, written by hand through the bare driver.

The same rows in the same two transactions as the product's, and nothing else: no look at hours,
rules, who else has the time, or whether the request came before. It is what the database alone
takes for a booking.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy.engine import make_url

from scheduling.database import new_id
from scheduling.intervals import Interval
from scheduling.occupancy import granules, patient_resource, provider_resource, room_resource
from scheduling.slots import Slot
from tests.bench.clinic import BUFFER_AFTER

_HOLD = """INSERT INTO hold (clinic_id, id, holder, visit_type_id, provider_id, room_id,
    starts_at, ends_at, expires_at, created_at) VALUES (:clinic_id, :hold_id, :holder,
    :visit_type_id, :provider_id, :room_id, :starts_at, :ends_at, :expires_at, :now)"""
_VISIT = """INSERT INTO visit (clinic_id, id, patient_id, visit_type_id, provider_id, room_id,
    starts_at, ends_at, status, version, callback_number, booked_channel, created_at,
    idempotency_key) VALUES (:clinic_id, :visit_id, :patient_id, :visit_type_id, :provider_id,
    :room_id, :starts_at, :ends_at, 'booked', 1, NULL, 'phone', :now, :key)"""
_EVENT = """INSERT INTO visit_event (clinic_id, id, visit_id, at, kind, actor, channel, detail,
    idempotency_key) VALUES (:clinic_id, :event_id, :visit_id, :now, 'booked', 'caller', 'phone',
    :detail, :key)"""
_HAND_OVER = """UPDATE occupancy SET hold_id = NULL, visit_id = :visit_id
    WHERE clinic_id = :clinic_id AND hold_id = :hold_id"""
_HOLD_GONE = "DELETE FROM hold WHERE clinic_id = :clinic_id AND id = :hold_id"
_COUNTED = "UPDATE agenda_change SET version = version + 1 WHERE clinic_id = :clinic_id"


class BareBooker:
    """One connection to a database, set as the product sets its own."""

    def __init__(self, url: str, sample: Slot, visit_type_id: UUID) -> None:
        """sample: any slot of the clinic and the visit type that will be booked."""
        self._clinic_id = sample.clinic_id
        self._visit_type_id = visit_type_id
        parsed = make_url(url)
        self._sqlite = parsed.get_backend_name() == "sqlite"
        self._connection: Any  # the two drivers share execute() and close(), and no type
        if self._sqlite:
            file = sqlite3.connect(str(parsed.database), timeout=10, isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                file.execute(f"PRAGMA {pragma}")
            self._connection = file
        else:
            self._connection = psycopg.connect(url, autocommit=True)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def hold(self, slot: Slot, holder: str, now: datetime) -> UUID:
        """The first transaction; the hold's id."""
        hold_id = new_id()
        span = (slot.starts_at, slot.ends_at + BUFFER_AFTER)
        values = {
            **self._of(slot),
            "hold_id": hold_id,
            "holder": holder,
            "expires_at": now + timedelta(minutes=2),
            "now": now,
        }
        assert slot.room_id is not None
        resources = (provider_resource(slot.provider_id), room_resource(slot.room_id))

        def work() -> None:
            self._execute(_HOLD, values)
            self._occupy(dict.fromkeys(resources, span), "hold_id", hold_id)

        self._commit(work)
        return hold_id

    def book(self, slot: Slot, hold_id: UUID, patient_id: UUID, key: str, now: datetime) -> None:
        """The second transaction."""
        visit_id = new_id()
        values = {
            **self._of(slot),
            "hold_id": hold_id,
            "visit_id": visit_id,
            "event_id": new_id(),
            "patient_id": patient_id,
            "key": key,
            "now": now,
            "detail": json.dumps(
                {"hold_id": str(hold_id), "starts_at": slot.starts_at.isoformat()}
            ),
        }
        patient_time = {patient_resource(patient_id): (slot.starts_at, slot.ends_at)}

        def work() -> None:
            for statement in (_VISIT, _HAND_OVER, _HOLD_GONE):
                self._execute(statement, values)
            self._occupy(patient_time, "visit_id", visit_id)
            for statement in (_EVENT, _COUNTED):
                self._execute(statement, values)

        self._commit(work)

    def _of(self, slot: Slot) -> dict[str, Any]:
        return {
            "clinic_id": self._clinic_id,
            "visit_type_id": self._visit_type_id,
            "provider_id": slot.provider_id,
            "room_id": slot.room_id,
            "starts_at": slot.starts_at,
            "ends_at": slot.ends_at,
        }

    def _occupy(self, wanted: Mapping[str, Interval], owner: str, owner_id: UUID) -> None:
        rows = [
            (resource, granule)
            for resource in sorted(wanted)
            for granule in granules(wanted[resource])
        ]
        places = ", ".join(f"(:clinic_id, :r{n}, :g{n}, :owner)" for n in range(len(rows)))
        values: dict[str, Any] = {"clinic_id": self._clinic_id, "owner": owner_id}
        for n, (resource, granule) in enumerate(rows):
            values[f"r{n}"] = resource
            values[f"g{n}"] = granule
        self._execute(
            f"INSERT INTO occupancy (clinic_id, resource, granule_start, {owner}) VALUES {places}",  # noqa: S608  # our own names
            values,
        )

    def _commit(self, work: Callable[[], None]) -> None:
        self._connection.execute("BEGIN IMMEDIATE" if self._sqlite else "BEGIN")
        work()
        self._connection.execute("COMMIT")

    def _execute(self, statement: str, values: Mapping[str, Any]) -> None:
        if self._sqlite:
            plain = {name: _for_sqlite(value) for name, value in values.items()}
            self._connection.execute(statement, plain)
        else:
            self._connection.execute(_for_psycopg(statement), values)


@cache
def _for_psycopg(statement: str) -> str:
    return re.sub(r":(\w+)", r"%(\1)s", statement)


def _for_sqlite(value: object) -> object:
    """As SQLAlchemy stores it."""
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return value
