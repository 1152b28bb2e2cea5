"""When a reminder is due: 3 days and 1 day before, by day where the patient lives."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.messages.patients.reminder_rules import STAGES, due_at, is_fresh, useful_until
from ivr.messages.patients.wording import Occasion
from ivr.messages.texting_hours import FROM, UNTIL
from scheduling.hours import instant

AUSTIN, HONOLULU = ZoneInfo("America/Chicago"), ZoneInfo("Pacific/Honolulu")
NEW_YORK, MADRID = ZoneInfo("America/New_York"), ZoneInfo("Europe/Madrid")
THREE_DAYS, ONE_DAY = STAGES


def at(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """By the clinic's clock."""
    return instant(datetime(year, month, day, hour, minute), AUSTIN)  # noqa: DTZ001  # wall clock


def test_it_is_due_at_the_visits_own_time_so_many_days_before() -> None:
    visit = at(2026, 12, 3, 9, 30)
    assert due_at(THREE_DAYS, visit, AUSTIN, AUSTIN) == at(2026, 11, 30, 9, 30)
    assert due_at(ONE_DAY, visit, AUSTIN, AUSTIN) == at(2026, 12, 2, 9, 30)


@pytest.mark.parametrize(
    ("visit", "due"),
    [
        # Before hours: at eight of the same day. After them: in the evening of the same day.
        (at(2026, 12, 3, 6), at(2026, 12, 2, 8)),
        (at(2026, 12, 3, 21, 30), at(2026, 12, 2, 20)),
        # The nights on which clocks change, 1 November 2026 and 14 March 2027.
        (at(2026, 11, 1, 10), at(2026, 10, 31, 10)),
        (at(2026, 11, 2, 10), at(2026, 11, 1, 10)),
        (at(2027, 3, 14, 10), at(2027, 3, 13, 10)),
        (at(2027, 3, 15, 2, 30), at(2027, 3, 14, 8)),
    ],
)
def test_nights_and_the_nights_of_a_changing_clock_move_no_reminder_to_another_day(
    visit: datetime, due: datetime
) -> None:
    assert due_at(ONE_DAY, visit, AUSTIN, AUSTIN) == due


def test_whoever_lives_elsewhere_is_reminded_in_their_own_day() -> None:
    visit = at(2026, 12, 3, 8)
    in_honolulu = due_at(ONE_DAY, visit, AUSTIN, HONOLULU)
    assert in_honolulu.astimezone(HONOLULU) == datetime(2026, 12, 2, 8, tzinfo=HONOLULU)
    # 16:00 in Austin is 23:00 in Madrid.
    late = due_at(ONE_DAY, at(2026, 12, 3, 16), AUSTIN, MADRID)
    assert late.astimezone(MADRID) == datetime(2026, 12, 2, 20, tzinfo=MADRID)


@settings(max_examples=200)
@given(
    minutes=st.integers(0, 60 * 24 * 400),
    zone=st.sampled_from([AUSTIN, HONOLULU, NEW_YORK, MADRID]),
    stage=st.sampled_from(STAGES),
)
def test_it_is_never_due_outside_hours_and_always_before_it_is_useless(
    minutes: int, zone: ZoneInfo, stage: object
) -> None:
    assert isinstance(stage, type(ONE_DAY))
    visit = datetime(2026, 10, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    due = due_at(stage, visit, AUSTIN, zone)
    assert FROM <= due.astimezone(zone).time() < UNTIL
    # Only of a visit in the night may the day before be the day itself.
    if time(8) <= visit.astimezone(AUSTIN).time() < time(21):
        assert due < useful_until(stage.occasion, visit)


def test_who_has_just_learnt_of_the_time_is_not_reminded_of_it() -> None:
    due = at(2026, 12, 2, 9)
    assert is_fresh(ONE_DAY, due, due - timedelta(hours=3))
    assert is_fresh(ONE_DAY, due, due + timedelta(hours=3))
    assert not is_fresh(ONE_DAY, due, due - timedelta(hours=13))
    assert is_fresh(THREE_DAYS, due, due - timedelta(hours=23))


def test_what_was_done_to_a_visit_can_be_told_until_it_begins() -> None:
    visit = at(2026, 12, 3, 9)
    assert useful_until(Occasion.MOVED, visit) == visit
    assert useful_until(Occasion.ONE_DAY, visit) == visit - timedelta(hours=2)
