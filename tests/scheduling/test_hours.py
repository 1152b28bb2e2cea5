"""Wall-clock hours become instants, on the days when the clock jumps too. Dates by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from scheduling.errors import UnknownRegion, UnknownZone
from scheduling.hours import WeeklySession, instant, open_time, public_holidays, zone_of

CHICAGO = ZoneInfo("America/Chicago")
KOLKATA = ZoneInfo("Asia/Kolkata")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")

SPRING_FORWARD = date(2026, 3, 8)
"""In Chicago, 2:00 is followed by 3:00 (08:00 UTC)."""
FALL_BACK = date(2026, 11, 1)
"""In Chicago, 2:00 is followed by 1:00 again (07:00 UTC)."""

MONDAY = date(2026, 11, 30)


def utc(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), UTC)


def on(day: date, opens: time, closes: time, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    return open_time([WeeklySession(day.weekday(), opens, closes)], zone, day, day)


def test_a_session_is_read_in_the_clinics_own_time() -> None:
    assert on(MONDAY, time(8), time(12), CHICAGO) == [(utc(MONDAY, 14), utc(MONDAY, 18))]


def test_a_half_hour_zone_is_half_an_hour_off() -> None:
    assert on(MONDAY, time(9), time(13), KOLKATA) == [(utc(MONDAY, 3, 30), utc(MONDAY, 7, 30))]


def test_a_session_that_closes_before_it_opens_runs_into_the_next_day() -> None:
    (opened, closed) = on(MONDAY, time(20), time(2), CHICAGO)[0]
    assert (opened, closed) == (utc(date(2026, 12, 1), 2), utc(date(2026, 12, 1), 8))


def test_midnight_to_midnight_is_a_whole_day() -> None:
    assert on(MONDAY, time(0), time(0), CHICAGO) == [
        (utc(MONDAY, 6), utc(date(2026, 12, 1), 6)),
    ]


def test_opening_at_a_skipped_time_means_the_moment_of_the_jump() -> None:
    assert on(SPRING_FORWARD, time(2, 30), time(6), CHICAGO) == [
        (utc(SPRING_FORWARD, 8), utc(SPRING_FORWARD, 11))
    ]


def test_closing_at_a_skipped_time_means_the_moment_of_the_jump() -> None:
    assert on(SPRING_FORWARD, time(0), time(2, 30), CHICAGO) == [
        (utc(SPRING_FORWARD, 6), utc(SPRING_FORWARD, 8))
    ]


def test_hours_within_the_skipped_hour_do_not_exist() -> None:
    assert on(SPRING_FORWARD, time(2, 10), time(2, 50), CHICAGO) == []


def test_a_session_over_the_skipped_hour_is_an_hour_shorter_than_it_reads() -> None:
    (opened, closed) = on(SPRING_FORWARD, time(1), time(5), CHICAGO)[0]
    assert (closed - opened).total_seconds() == 3 * 3600


def test_a_doubled_time_means_its_first_occurrence() -> None:
    assert on(FALL_BACK, time(1, 30), time(4), CHICAGO) == [
        (utc(FALL_BACK, 6, 30), utc(FALL_BACK, 10))
    ]
    assert on(FALL_BACK, time(0), time(1, 30), CHICAGO) == [
        (utc(FALL_BACK, 5), utc(FALL_BACK, 6, 30))
    ]


def test_a_session_over_the_doubled_hour_is_an_hour_longer_than_it_reads() -> None:
    (opened, closed) = on(FALL_BACK, time(0), time(4), CHICAGO)[0]
    assert (closed - opened).total_seconds() == 5 * 3600


def test_a_jump_of_half_an_hour_is_found_to_the_second() -> None:
    """On Lord Howe, 2:00 on 4 October 2026 is followed by 2:30 (15:30 UTC the day before)."""
    jump = utc(date(2026, 10, 3), 15, 30)
    assert instant(datetime(2026, 10, 4, 2, 0), LORD_HOWE) == jump  # noqa: DTZ001  # a wall time
    assert instant(datetime(2026, 10, 4, 2, 17), LORD_HOWE) == jump  # noqa: DTZ001  # a wall time
    assert instant(datetime(2026, 10, 4, 2, 30), LORD_HOWE) == jump  # noqa: DTZ001  # a wall time


def test_hours_hold_from_their_first_to_their_last_effective_day() -> None:
    session = WeeklySession(0, time(8), time(12), date(2026, 12, 7), date(2026, 12, 14))
    mondays = [date(2026, 11, 30), date(2026, 12, 7), date(2026, 12, 14), date(2026, 12, 21)]
    assert [session.opens_on(day) for day in mondays] == [False, True, True, False]


def test_a_session_that_opens_on_a_holiday_does_not_take_place() -> None:
    christmas = date(2026, 12, 25)
    every_day = [WeeklySession(day, time(20), time(2)) for day in range(7)]
    opened = open_time(every_day, CHICAGO, date(2026, 12, 24), date(2026, 12, 26), {christmas})
    assert [start.astimezone(CHICAGO).day for start, _ in opened] == [24, 26]


def test_thanksgiving_is_a_public_holiday_in_texas() -> None:
    assert date(2026, 11, 26) in public_holidays("US-TX", 2026)


@pytest.mark.parametrize("region", ["", "XX", "US-ZZ", "us_tx", "US-" + "T" * 10_000])
def test_an_unknown_region_is_refused_by_name(region: str) -> None:
    with pytest.raises(UnknownRegion, match="US-TX"):
        public_holidays(region, 2026)


@pytest.mark.parametrize(
    "name", ["", "Mars/Base", "America", "../../etc/passwd", "America/Chicago\0", "Z" * 10_000]
)
def test_an_unknown_zone_is_refused_by_name(name: str) -> None:
    with pytest.raises(UnknownZone, match="America/Chicago"):
        zone_of(name)
