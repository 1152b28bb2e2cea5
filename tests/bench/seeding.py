"""A clinic with years of visits behind it and a nearly full book ahead.

The rows are those that the product's own functions write, made inside the database: through the
functions a million visits would take hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    FromClause,
    String,
    Subquery,
    cast,
    insert,
    literal,
    select,
    true,
)

from scheduling import directory
from scheduling.database import Base, Database
from scheduling.occupancy import GRANULE_SECONDS, patient_resource, provider_resource, room_resource
from scheduling.tables import Occupancy, Patient, Provider, Room, Visit, VisitEvent, VisitType
from tests.bench.clinic import (
    BOOKED,
    CLINIC,
    DAYS_AHEAD,
    HALF_HOURS,
    NOW,
    PATIENTS,
    coming,
    definition,
    half_hour,
)
from tests.bench.seeding_tables import MOMENT, PATIENT, PLACE, SCRATCH, SEAT, numbered_id, numbers


class Book:
    """Writes the clinic's visits into one database, its history in as many portions as wanted.

    coming: how many visits are still ahead.
    """

    def __init__(self, database: Database, providers: int, *, history: int) -> None:
        """Store the clinic, its patients and the coming weeks. history: visits there will be."""
        self._database = database
        self._providers = providers
        self._past = 0
        database.write(lambda session: directory.load_clinic(session, definition(providers)))
        ahead = _places_ahead(providers)
        self.coming = len(ahead)
        with _unchecked(database) as connection:
            self._visit_type = connection.scalars(
                select(VisitType.id).where(VisitType.key == BOOKED)
            ).one()
            SCRATCH.create_all(connection)
            connection.execute(insert(Patient), [_patient(number) for number in range(PATIENTS)])
            connection.execute(insert(PATIENT), [_numbered(number) for number in range(PATIENTS)])
            connection.execute(insert(SEAT), _seats(connection))
            connection.execute(insert(MOMENT), _moments(history // providers))
            connection.execute(insert(PLACE), ahead)
            self._insert_visits(connection, PLACE, "booked")
            self._insert_granules(connection, PLACE)

    def grow_history(self, until: int) -> None:
        """Store completed visits until there are that many, each before all those there are."""
        more = self._places_back(self._past, until)
        with _unchecked(self._database) as connection:
            self._insert_visits(connection, more, "booked", "completed")
        self._past = until

    def keep_granules(self, copy: Database, visits: int) -> None:
        """Store, in a copy, the granules of the latest past visits: as if nothing pruned them."""
        with _unchecked(copy) as connection:
            self._insert_granules(connection, self._places_back(0, visits))

    def _places_back(self, first: int, until: int) -> Subquery:
        """Full days, one after the other into the past."""
        n = numbers(first, until).c.n
        return select(
            (n + _PAST).label("number"),
            (n // self._providers).label("moment"),
            (n % self._providers).label("seat"),
            (n % PATIENTS).label("patient"),
        ).subquery()

    def _insert_visits(self, connection: Connection, places: FromClause, *kinds: str) -> None:
        number = places.c.number
        values: dict[str, ColumnElement[Any]] = {
            "clinic_id": literal(CLINIC),
            "id": numbered_id(number),
            "patient_id": PATIENT.c.patient_id,
            "visit_type_id": literal(self._visit_type),
            "provider_id": SEAT.c.provider_id,
            "room_id": SEAT.c.room_id,
            "starts_at": MOMENT.c.starts_at,
            "ends_at": MOMENT.c.ends_at,
            "status": literal(kinds[-1]),
            "version": literal(1),
            "booked_channel": literal("phone"),
            "created_at": MOMENT.c.starts_at,
            "idempotency_key": literal("call:") + cast(number, String),
        }
        _insert_select(connection, Visit, values, places)
        for nth, kind in enumerate(kinds):
            event: dict[str, ColumnElement[Any]] = {
                "clinic_id": literal(CLINIC),
                "id": numbered_id(number * 10 + nth),
                "visit_id": numbered_id(number),
                "at": MOMENT.c.starts_at,
                "kind": literal(kind),
                "actor": literal("caller"),
                "channel": literal("phone"),
                "detail": literal({"hold_id": str(UUID(int=nth))}, JSON()),
            }
            _insert_select(connection, VisitEvent, event, places)

    def _insert_granules(self, connection: Connection, places: FromClause) -> None:
        nth = numbers(0, 1800 // GRANULE_SECONDS)
        resources = (PATIENT.c.resource, SEAT.c.provider_resource, SEAT.c.room_resource)
        for resource in resources:
            values: dict[str, ColumnElement[Any]] = {
                "clinic_id": literal(CLINIC),
                "resource": resource,
                "granule_start": MOMENT.c.granule_start + nth.c.n * GRANULE_SECONDS,
                "visit_id": numbered_id(places.c.number),
            }
            _insert_select(connection, Occupancy, values, places, nth)


_PAST = 100_000_000
"""Numbers of past visits begin here; those ahead count from nought."""


def _insert_select(
    connection: Connection,
    table: type[Base],
    values: dict[str, ColumnElement[Any]],
    places: FromClause,
    *crossed: FromClause,
) -> None:
    source = (
        select(*values.values())
        .select_from(places)
        .join(MOMENT, MOMENT.c.number == places.c.moment)
        .join(SEAT, SEAT.c.number == places.c.seat)
        .join(PATIENT, PATIENT.c.number == places.c.patient)
    )
    for other in crossed:
        # In the order of the primary key, so that its pages are written one after the other.
        source = source.join(other, true()).order_by(values["resource"], values["granule_start"])
    connection.execute(insert(table).from_select(list(values), source))


@contextmanager
def _unchecked(database: Database) -> Iterator[Connection]:
    """A connection that skips foreign keys, which are half of the time, and ends in ANALYZE.

    The planner then knows what is there, as it does in time by the server's own housekeeping.
    """
    with database.engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        if connection.dialect.name == "sqlite":
            driver.execute("PRAGMA foreign_keys=OFF")
        else:
            driver.execute("SET session_replication_role = replica")
            driver.commit()
        yield connection
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
        connection.invalidate()


def _patient(number: int) -> dict[str, Any]:
    return {
        "clinic_id": CLINIC,
        "id": UUID(int=number),
        "name": f"Patient {number}",
        "date_of_birth": date(1950, 1, 1) + timedelta(days=number),
        "language": "en",
        "created_at": NOW,
    }


def _numbered(number: int) -> dict[str, Any]:
    patient = UUID(int=number)
    return {"number": number, "patient_id": patient, "resource": patient_resource(patient)}


def _seats(connection: Connection) -> list[dict[str, Any]]:
    providers = connection.scalars(select(Provider.id).order_by(Provider.key))
    rooms = connection.scalars(select(Room.id).order_by(Room.key))
    return [
        {
            "number": number,
            "provider_id": provider,
            "room_id": room,
            "provider_resource": provider_resource(provider),
            "room_resource": room_resource(room),
        }
        for number, (provider, room) in enumerate(zip(providers, rooms, strict=True))
    ]


def _moments(back: int) -> list[dict[str, Any]]:
    """Every half hour of the days ahead, and at least `back` of them in the past."""
    a_day = len(HALF_HOURS)
    starts = {
        _ahead(days_ahead, number): half_hour(days_ahead, number)
        for days_ahead in range(DAYS_AHEAD)
        for number in HALF_HOURS
    }
    for number in range(back + 1):
        starts[number] = half_hour(-1 - number // a_day, HALF_HOURS[number % a_day])
    return [
        {
            "number": number,
            "starts_at": start,
            "ends_at": start + timedelta(minutes=30),
            "granule_start": int(start.timestamp()),
        }
        for number, start in starts.items()
    ]


def _ahead(days_ahead: int, number: int) -> int:
    """The number of a moment ahead; those of the past count from nought."""
    return -1 - 48 * days_ahead - number


def _places_ahead(seats: int) -> list[dict[str, int]]:
    return [
        {
            "number": number,
            "moment": _ahead(days_ahead, half),
            "seat": seat,
            "patient": number % PATIENTS,
        }
        for number, (days_ahead, half, seat) in enumerate(coming(seats))
    ]
