"""The clinic of the benchmarks, and how full its book is."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from scheduling.definition import (
    ClinicDefinition,
    ProviderDefinition,
    RoomDefinition,
    VisitTypeDefinition,
    WeeklyHoursDefinition,
)
from scheduling.hours import instant, zone_of

CLINIC = "bench"
NOW = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
"""Monday 30 November 2026, 10:00 in Chicago."""
ZONE = zone_of("America/Chicago")

ASKED = "consultation"
"""Callers ask for this: 45 minutes, a buffer to tidy up, a room, a day's notice."""
BUFFER_AFTER = timedelta(minutes=15)
BOOKED = "check"
"""The book is full of these: 30 minutes each."""

HALF_HOURS = (*range(16, 24), *range(26, 34))
"""When visits of the book start, in half hours since midnight: 8:00 to 12:00, 13:00 to 17:00."""
DAYS_AHEAD = 40
"""Working days with visits in them."""
PATIENTS = 5_000

_HOURS = tuple(
    WeeklyHoursDefinition(weekday, time(opens), time(closes))
    for weekday in range(5)
    for opens, closes in ((8, 12), (13, 17))
)


def share_taken(days_ahead: int) -> float:
    """How full the book is so many working days ahead: the next days nearly, then ever less.

    What the nearly full days have left, half an hour each, is too short for what is asked.
    """
    for until, share in ((4, 15 / 16), (10, 0.75), (20, 0.5), (40, 0.2)):
        if days_ahead < until:
            return share
    return 0.0


def half_hour(days_ahead: int, number: int) -> datetime:
    """A half hour of a working day, in UTC; days count from NOW's Monday, negative ones back."""
    weeks, weekday = divmod(days_ahead, 5)
    day = NOW.date() + timedelta(days=7 * weeks + weekday)
    return instant(datetime.combine(day, time(number // 2, 30 * (number % 2))), ZONE)


def coming(seats: int) -> Iterator[tuple[int, int, int]]:
    """The visits ahead: working day from now, half hour, seat (the number of the provider)."""
    chance = random.Random(3)
    for days_ahead in range(DAYS_AHEAD):
        taken = round(share_taken(days_ahead) * len(HALF_HOURS))
        days = [set(chance.sample(HALF_HOURS, taken)) for _ in range(seats)]
        for number in HALF_HOURS:
            for seat, day in enumerate(days):
                if number in day:
                    yield days_ahead, number, seat


def definition(providers: int) -> ClinicDefinition:
    """A clinic of so many providers, each with a room and full days, Monday to Friday."""
    return ClinicDefinition(
        id=CLINIC,
        name="Bench Clinic",
        timezone="America/Chicago",
        phone_number="+15125550100",
        holidays_region="US-TX",
        desk_hours=_HOURS,
        providers=tuple(
            ProviderDefinition(f"p{n:03}", f"Doctor {n}", _HOURS) for n in range(providers)
        ),
        rooms=tuple(RoomDefinition(f"r{n:03}", f"Room {n}") for n in range(providers)),
        visit_types=(
            VisitTypeDefinition(
                ASKED,
                duration_minutes=45,
                buffer_after_minutes=BUFFER_AFTER // timedelta(minutes=1),
                notice_minutes=24 * 60,
                needs_room=True,
            ),
            VisitTypeDefinition(BOOKED, duration_minutes=30, needs_room=True),
        ),
    )
