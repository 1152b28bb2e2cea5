"""End to end on both databases: what find_slots offers is what PostgreSQL's multiranges say.

For random clinics: several providers and rooms, buffers, closures, extra sessions, holidays, time
that is taken and holds that have expired; in zones with half-hour offsets, on the days on which
the clocks change, with sessions across midnight.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.engine import make_url

from scheduling import directory
from scheduling.database import Database, new_id
from scheduling.definition import (
    ClinicDefinition,
    ClosureDefinition,
    ExtraSessionDefinition,
    ProviderDefinition,
    RoomDefinition,
    VisitTypeDefinition,
    WeeklyHoursDefinition,
)
from scheduling.intervals import union
from scheduling.occupancy import granules
from scheduling.offers import find_slots
from scheduling.tables import Hold, Occupancy, Provider, Room, VisitType
from tests.scheduling.multirange_oracle import Owner, Question, Span, starts

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

Size: TypeAlias = Callable[[int, int], int]

ONE_DAY = timedelta(days=1)
STEP = timedelta(minutes=5)
QUARTER = timedelta(minutes=15)
DAYS_AHEAD = 2

DAYS_AND_ZONES = [
    ("America/Chicago", date(2026, 3, 7)),  # the clocks go forward on the next day
    ("America/Chicago", date(2026, 10, 31)),  # and back
    ("America/Chicago", date(2026, 11, 25)),  # Thanksgiving is tomorrow
    ("Australia/Lord_Howe", date(2026, 4, 4)),  # back, by half an hour
    ("Australia/Lord_Howe", date(2026, 10, 3)),  # forward, by half an hour
    ("Asia/Kolkata", date(2026, 12, 1)),  # UTC+5:30
    ("Asia/Kathmandu", date(2026, 12, 1)),  # UTC+5:45
    ("America/Havana", date(2026, 3, 7)),  # midnight itself is skipped
]
THANKSGIVING = date(2026, 11, 26)

walls = st.integers(0, 287).map(lambda n: time(n * 5 // 60, n * 5 % 60))
weekly = st.lists(st.tuples(st.integers(0, 6), walls, walls), max_size=8).map(tuple)
spans = st.lists(st.tuples(st.integers(-200, 800), st.integers(1, 100)), max_size=4)
"""Beginning and length in steps of five minutes from the first day's 0:00 UTC."""
lengths = st.integers(0, 30).map(lambda minutes: timedelta(minutes=minutes))


@st.composite
def owners(draw: st.DrawFn, midnight: datetime, *, room: bool) -> Owner:
    """A provider or a room."""

    def drawn() -> tuple[Span, ...]:
        return tuple((midnight + a * STEP, midnight + (a + n) * STEP) for a, n in draw(spans))

    hours = draw(weekly)
    return Owner(
        weekly=hours,
        extra=drawn(),
        closed=drawn(),
        taken=tuple(union(drawn())),
        always=room and not hours,
    )


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """A clinic on one of the days above."""
    zone, day = draw(st.sampled_from(DAYS_AND_ZONES))
    midnight = datetime.combine(day, time(0), UTC)
    closed = tuple((midnight + a * STEP, midnight + (a + n) * STEP) for a, n in draw(spans)[:1])
    return Question(
        zone=zone,
        first_day=day,
        last_day=day + DAYS_AHEAD * ONE_DAY,
        earliest=datetime.combine(day, time(draw(st.integers(0, 23))), ZoneInfo(zone)).astimezone(
            UTC
        ),
        before=draw(lengths),
        duration=timedelta(minutes=draw(st.integers(1, 120))),
        after=draw(lengths),
        providers=tuple(draw(st.lists(owners(midnight, room=False), min_size=1, max_size=3))),
        rooms=tuple(draw(st.lists(owners(midnight, room=True), max_size=2))),
        closed=closed,
        holidays=draw(st.sampled_from([(), (THANKSGIVING,)])),
    )


@pytest.fixture
def databases(sqlite_url: str, postgresql_url: str) -> Iterator[list[Database]]:
    """One of each kind: every clinic goes into both."""
    both = [Database(url, budget_seconds=60) for url in (sqlite_url, postgresql_url)]
    yield both
    for database in both:
        database.dispose()


@pytest.mark.storm
@pytest.mark.timeout(3000)
def test_what_is_offered_is_hours_less_closures_less_what_is_taken(
    databases: list[Database], postgresql_url: str, size: Size
) -> None:
    numbers = count()
    with oracle_on(postgresql_url) as server:

        @settings(
            max_examples=size(40, 3000),
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        @given(questions())
        def holds_for(asked: Question) -> None:
            expected = starts(server, asked)
            clinic_id = f"clinic-{next(numbers)}"
            for database in databases:
                database.write(partial(store, clinic_id=clinic_id, asked=asked))
                expect(database, clinic_id, asked, expected)

        holds_for()


@contextmanager
def oracle_on(url: str) -> Iterator[psycopg.Connection[Any]]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as server:
        yield server


def expect(
    database: Database, clinic_id: str, asked: Question, expected: dict[datetime, set[int]]
) -> None:
    """Every start is found, by three walks that begin a quarter of an hour apart."""
    whole = asked.before + asked.duration + asked.after
    names = [f"Doctor {number}" for number in range(len(asked.providers))]
    for begins in (asked.earliest + n * QUARTER for n in range(3)):
        slots = database.read(
            partial(
                find_slots,
                clinic_id=clinic_id,
                visit_type_key="visit",
                now=asked.earliest,
                after=begins - whole,
                limit=10_000,
            )
        )
        apart: list[datetime] = []
        for start in sorted(one for one in expected if one >= begins):
            if not apart or start >= apart[-1] + whole:
                apart.append(start)
        assert [slot.starts_at for slot in slots] == apart
        for slot in slots:
            assert names.index(slot.provider_name) in expected[slot.starts_at]


def store(session: Session, clinic_id: str, asked: Question) -> None:
    """The clinic, through the product; what is taken, past it."""
    directory.load_clinic(session, definition(clinic_id, asked))
    now = asked.earliest
    kinds: list[tuple[str, type[Provider] | type[Room], tuple[Owner, ...]]] = [
        ("provider", Provider, asked.providers),
        ("room", Room, asked.rooms),
    ]
    for name, table, drawn in kinds:
        for number, owner in enumerate(drawn):
            owner_id = session.scalars(
                select(table.id).where(
                    table.clinic_id == clinic_id, table.key == f"{name}-{number}"
                )
            ).one()
            resource = f"{name}:{owner_id}"
            for span in owner.taken:
                occupy(session, clinic_id, resource, span, now + ONE_DAY)
            expired = owner.closed[0] if owner.closed else None
            if expired is not None and not any(
                a < expired[1] and expired[0] < b for a, b in owner.taken
            ):
                occupy(session, clinic_id, resource, expired, now)


def occupy(
    session: Session, clinic_id: str, resource: str, span: Span, expires_at: datetime
) -> None:
    """A hold, with its granules."""
    hold_id = new_id()
    session.execute(
        insert(Hold).values(
            clinic_id=clinic_id,
            id=hold_id,
            holder=str(hold_id),
            visit_type_id=one_id(session, clinic_id, VisitType),
            provider_id=one_id(session, clinic_id, Provider),
            starts_at=span[0],
            ends_at=span[1],
            expires_at=expires_at,
            created_at=span[0],
        )
    )
    session.execute(
        insert(Occupancy),
        [
            {
                "clinic_id": clinic_id,
                "resource": resource,
                "granule_start": granule,
                "hold_id": hold_id,
            }
            for granule in granules(span)
        ],
    )


def one_id(session: Session, clinic_id: str, table: type[VisitType] | type[Provider]) -> UUID:
    return session.scalars(select(table.id).where(table.clinic_id == clinic_id).limit(1)).one()


def definition(clinic_id: str, asked: Question) -> ClinicDefinition:
    """The clinic as its file would say it."""
    providers = [(f"provider-{number}", one) for number, one in enumerate(asked.providers)]
    rooms = [(f"room-{number}", one) for number, one in enumerate(asked.rooms)]
    minutes = [
        int(one / timedelta(minutes=1)) for one in (asked.duration, asked.before, asked.after)
    ]
    return ClinicDefinition(
        id=clinic_id,
        name="Any Clinic",
        timezone=asked.zone,
        phone_number=f"+1512{2_000_000 + int(clinic_id.partition('-')[2])}",
        holidays_region="US",
        observes_holidays=bool(asked.holidays),
        providers=tuple(
            ProviderDefinition(key, f"Doctor {number}", hours(one))
            for number, (key, one) in enumerate(providers)
        ),
        rooms=tuple(RoomDefinition(key, key, hours(one)) for key, one in rooms),
        visit_types=(
            VisitTypeDefinition(
                "visit",
                duration_minutes=minutes[0],
                buffer_before_minutes=minutes[1],
                buffer_after_minutes=minutes[2],
                horizon_days=DAYS_AHEAD,
                needs_room=bool(rooms),
            ),
        ),
        closures=(
            *(ClosureDefinition(*span, "closed") for span in dict.fromkeys(asked.closed)),
            *(
                ClosureDefinition(*span, "away", provider_key=key)
                for key, one in providers
                for span in dict.fromkeys(one.closed)
            ),
            *(
                ClosureDefinition(*span, "shut", room_key=key)
                for key, one in rooms
                for span in dict.fromkeys(one.closed)
            ),
        ),
        extra_sessions=(
            *(
                ExtraSessionDefinition(*span, provider_key=key)
                for key, one in providers
                for span in dict.fromkeys(one.extra)
            ),
            *(
                ExtraSessionDefinition(*span, room_key=key)
                for key, one in rooms
                for span in dict.fromkeys(one.extra)
            ),
        ),
    )


def hours(owner: Owner) -> tuple[WeeklyHoursDefinition, ...]:
    return tuple(WeeklyHoursDefinition(*one) for one in dict.fromkeys(owner.weekly))
