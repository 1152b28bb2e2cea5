"""What is offered equals hours and extra sessions, minus closures, minus what is occupied.

The oracle shares nothing with the rules: it finds opening times by walking along the clinic's
clock, and does its set arithmetic with `portion`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import portion
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.availability import VisitShape, bookable_time, starts
from scheduling.hours import WeeklySession, open_time
from scheduling.intervals import Interval, covers, subtract, union

ONE_DAY = timedelta(days=1)
STEP = timedelta(minutes=5)

DAYS_AND_ZONES = [
    ("America/Chicago", date(2026, 3, 8)),  # clocks forward
    ("America/Chicago", date(2026, 11, 1)),  # clocks back
    ("America/Chicago", date(2026, 12, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # back, by half an hour
    ("Australia/Lord_Howe", date(2026, 10, 4)),  # forward, by half an hour
    ("Asia/Kolkata", date(2026, 12, 1)),  # UTC+5:30
    ("Asia/Kathmandu", date(2026, 12, 1)),  # UTC+5:45
    ("America/Havana", date(2026, 3, 8)),  # midnight itself is skipped
]

five_minutes = st.integers(0, 287).map(lambda n: time(n * 5 // 60, n * 5 % 60))
sessions = st.lists(
    st.builds(WeeklySession, st.integers(0, 6), five_minutes, five_minutes), max_size=12
)
lengths = st.integers(0, 60).map(lambda minutes: timedelta(minutes=minutes))
shapes = st.builds(
    VisitShape,
    st.integers(1, 120).map(lambda minutes: timedelta(minutes=minutes)),
    lengths,
    lengths,
)
spans = st.lists(st.tuples(st.integers(-24 * 12, 48 * 12), st.integers(1, 12 * 12)), max_size=8)
"""Beginning and length in steps of five minutes from the day's 0:00 UTC."""


def instants(day: date, drawn: list[tuple[int, int]]) -> list[Interval]:
    """Turn drawn spans into instants around `day`."""
    midnight = datetime.combine(day, time(0), UTC)
    return [(midnight + a * STEP, midnight + (a + n) * STEP) for a, n in drawn]


def wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clinic's clock and calendar show."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


@lru_cache(maxsize=100_000)
def first_seen(shown: datetime, zone: ZoneInfo) -> datetime:
    """The first instant at which the clock shows `shown`, or more: by walking along it."""
    moment = shown.replace(tzinfo=UTC) - timedelta(hours=15)
    while wall(moment, zone) < shown:
        moment += STEP
    return moment


def oracle_of_hours(
    weekly: list[WeeklySession], zone: ZoneInfo, days: list[date]
) -> portion.Interval:
    """The instants of all sessions that open on `days`."""
    opened = portion.empty()
    for day in days:
        for session in weekly:
            if session.weekday == day.isoweekday() - 1:
                last = day + (ONE_DAY if session.closes <= session.opens else timedelta(0))
                opened |= portion.closedopen(
                    first_seen(datetime.combine(day, session.opens), zone),
                    first_seen(datetime.combine(last, session.closes), zone),
                )
    return opened


def as_portion(intervals: list[Interval]) -> portion.Interval:
    """The same set in the oracle's terms."""
    whole = portion.empty()
    for start, end in intervals:
        whole |= portion.closedopen(start, end)
    return whole


def as_intervals(whole: portion.Interval) -> list[Interval]:
    """The oracle's set in ours."""
    return [(part.lower, part.upper) for part in whole if not part.empty]


@settings(max_examples=150, deadline=None)
@given(sessions, st.sampled_from(DAYS_AND_ZONES))
def test_open_time_is_what_the_clinics_clock_shows(
    weekly: list[WeeklySession], where_and_when: tuple[str, date]
) -> None:
    name, day = where_and_when
    zone = ZoneInfo(name)
    days = [day - ONE_DAY, day, day + ONE_DAY]
    assert open_time(weekly, zone, days[0], days[-1]) == as_intervals(
        oracle_of_hours(weekly, zone, days)
    )


@settings(max_examples=150, deadline=None)
@given(sessions, spans, spans, spans, shapes, st.sampled_from(DAYS_AND_ZONES))
def test_every_free_start_is_offered_and_no_other(
    weekly: list[WeeklySession],
    extra: list[tuple[int, int]],
    closed: list[tuple[int, int]],
    taken: list[tuple[int, int]],
    shape: VisitShape,
    where_and_when: tuple[str, date],
) -> None:
    name, day = where_and_when
    zone = ZoneInfo(name)
    days = [day - 2 * ONE_DAY, day - ONE_DAY, day, day + ONE_DAY, day + 2 * ONE_DAY]
    midnight = datetime.combine(day, time(0), UTC)
    within = (midnight - timedelta(hours=15), midnight + timedelta(hours=39))
    extras, closures, occupied = (instants(day, drawn) for drawn in (extra, closed, taken))

    open_ = bookable_time(open_time(weekly, zone, days[0], days[-1]), extras, closures)
    ours = list(starts(subtract(open_, union(occupied)), shape, zone, within))

    free = oracle_of_hours(weekly, zone, days) | as_portion(extras)
    free = free - as_portion(closures) - as_portion(occupied)
    theirs, moment, shown_before = [], within[0], set()
    while moment < within[1]:
        shown = wall(moment, zone)
        doubled = shown in shown_before
        shown_before.add(shown)
        whole = portion.closedopen(
            moment - shape.buffer_before, moment + shape.duration + shape.buffer_after
        )
        if shown.minute % 15 == 0 and not doubled and whole in free:
            theirs.append(moment)
        moment += STEP
    assert ours == theirs


@given(spans, spans, st.tuples(st.integers(-100, 100), st.integers(1, 100)))
def test_sets_of_time_obey_set_arithmetic(
    one: list[tuple[int, int]], other: list[tuple[int, int]], wanted: tuple[int, int]
) -> None:
    day = date(2026, 12, 1)
    a, b, (piece,) = instants(day, one), instants(day, other), instants(day, [wanted])
    assert union(a + b) == as_intervals(as_portion(a) | as_portion(b))
    assert subtract(union(a), union(b)) == as_intervals(as_portion(a) - as_portion(b))
    assert covers(union(a), piece) == (portion.closedopen(*piece) in as_portion(a))
