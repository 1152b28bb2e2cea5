"""THE RULE OF OVERDUE REFILLS, as a table: how one stands, now -> who is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.oncall.overdue_rule import (
    OverdueRefill,
    desk_has_until,
    desk_is_told,
    on_call_is_told,
)
from scheduling.hours import WeeklySession, open_time, zone_of

AUSTIN = zone_of("America/Chicago")
WEEK = [WeeklySession(day, time(8), time(17)) for day in range(5)]
HOURS = open_time(WEEK, AUSTIN, date(2026, 10, 1), date(2026, 12, 31))

DUE, ALARM = date(2026, 10, 29), date(2026, 11, 5)
"""A Thursday, and the Thursday after. On the Sunday between, clocks go back."""
NIGHT = datetime(2026, 10, 30, 5, 0, tzinfo=UTC)
"""Midnight after the due date, in summer time."""

NEW = OverdueRefill(DUE, ALARM, visit_on=None, told_at=None, waits=False, ticked_on=None)
TOLD = replace(NEW, told_at=NIGHT, waits=True)
TICKED = replace(NEW, told_at=NIGHT, ticked_on=date(2026, 10, 30))
FRIDAY, MONDAY, WEDNESDAY = date(2026, 10, 30), date(2026, 11, 2), date(2026, 11, 4)


def wall(day: date, hour: int, minute: int = 0) -> datetime:
    """A clock in Austin."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=AUSTIN)


@pytest.mark.parametrize(
    ("refill", "today", "opens", "told"),
    [
        (NEW, DUE, True, False),
        (NEW, FRIDAY, True, True),
        (NEW, FRIDAY, False, True),
        (replace(NEW, visit_on=MONDAY), FRIDAY, True, True),
        (TOLD, FRIDAY, True, False),
        (TOLD, ALARM, True, False),
        (TICKED, FRIDAY, True, False),
        (TICKED, date(2026, 10, 31), False, False),
        (TICKED, MONDAY, True, True),
        (replace(TICKED, visit_on=WEDNESDAY), MONDAY, True, False),
        (replace(TICKED, visit_on=FRIDAY), MONDAY, True, True),
        (replace(TICKED, visit_on=date(2026, 11, 6)), MONDAY, True, True),
    ],
)
def test_the_desk_is_told_at_once_and_anew_on_office_days_without_a_visit(
    refill: OverdueRefill, today: date, *, opens: bool, told: bool
) -> None:
    assert desk_is_told(refill, today, desk_opens=opens) is told


@pytest.mark.parametrize(
    ("refill", "now", "told"),
    [
        (NEW, wall(FRIDAY, 17), False),
        (TOLD, wall(FRIDAY, 16, 59), False),
        (TOLD, wall(FRIDAY, 17), True),
        (TICKED, wall(MONDAY, 17), False),
        (TICKED, wall(ALARM, 7, 59), False),
        (TICKED, wall(ALARM, 8), True),
        (replace(TOLD, visit_on=WEDNESDAY), wall(MONDAY, 17), False),
        (replace(TOLD, visit_on=ALARM), wall(ALARM, 12), False),
        (replace(TICKED, visit_on=WEDNESDAY), wall(ALARM, 8), True),
        (replace(TOLD, visit_on=date(2026, 11, 6)), wall(FRIDAY, 17), True),
        (replace(TOLD, visit_on=date(2026, 11, 9)), wall(date(2026, 11, 9), 9), False),
    ],
)
def test_on_call_staff_are_told_when_the_desks_day_is_over_or_the_alarm_date_is_there(
    refill: OverdueRefill, now: datetime, *, told: bool
) -> None:
    assert on_call_is_told(refill, now, HOURS, AUSTIN) is told


def test_a_desk_that_opens_on_no_known_day_is_given_no_time() -> None:
    assert on_call_is_told(TOLD, NIGHT, (), AUSTIN)


def test_who_is_told_on_a_friday_evening_has_until_monday_by_the_winters_clock() -> None:
    told = wall(FRIDAY, 18)
    assert desk_has_until(told, HOURS, AUSTIN) == datetime(2026, 11, 2, 23, 0, tzinfo=UTC)


@given(
    st.dates(date(2026, 10, 20), date(2026, 11, 20)),
    st.booleans(),
    st.none() | st.dates(date(2026, 10, 20), date(2026, 11, 20)),
)
def test_from_the_alarm_date_on_only_a_visit_that_day_keeps_it_from_on_call_staff(
    today: date, waits: bool, visit_on: date | None
) -> None:
    told_at = wall(today, 9) - timedelta(hours=1)
    refill = replace(NEW, visit_on=visit_on, told_at=told_at, waits=waits)
    if today >= ALARM and visit_on != today:
        assert on_call_is_told(refill, wall(today, 9), HOURS, AUSTIN)
    if today <= DUE:
        assert not on_call_is_told(refill, wall(today, 9), HOURS, AUSTIN)
