"""What a patient's wishes admit, by the clinic's clock and calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.errors import EndBeforeStart, InvalidInput
from scheduling.preferences import (
    ANY_PART,
    ANY_TIME,
    DayPart,
    Unwanted,
    Wishes,
    day_part,
    weekday_bits,
    weekdays_of,
)

SOMEBODY = uuid4()
TUESDAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("wall", "part"),
    [
        (time(0), DayPart.MORNING),
        (time(11, 59), DayPart.MORNING),
        (time(12), DayPart.AFTERNOON),
        (time(16, 59), DayPart.AFTERNOON),
        (time(17), DayPart.EVENING),
        (time(23, 59), DayPart.EVENING),
    ],
)
def test_the_day_has_three_parts(wall: time, part: DayPart) -> None:
    assert day_part(wall) is part


def test_whoever_wishes_nothing_is_suited_by_anything() -> None:
    assert ANY_TIME.suits(datetime(2026, 12, 1, 3), SOMEBODY)  # noqa: DTZ001  # a wall-clock time


def test_a_wish_is_about_the_clinics_clock() -> None:
    """18:30 UTC is half past noon in Chicago."""
    local = datetime(2026, 12, 1, 18, 30, tzinfo=UTC).astimezone(ZoneInfo("America/Chicago"))
    assert Wishes(DayPart.AFTERNOON).suits(local, SOMEBODY)
    assert not Wishes(DayPart.EVENING | DayPart.MORNING).suits(local, SOMEBODY)


def test_every_part_of_a_wish_must_be_met() -> None:
    wishes = Wishes(
        DayPart.MORNING, frozenset({1}), TUESDAY, date(2026, 12, 8), provider_id=SOMEBODY
    )
    at_nine = datetime(2026, 12, 1, 9)  # noqa: DTZ001  # a wall-clock time
    assert wishes.suits(at_nine, SOMEBODY)
    assert not wishes.suits(at_nine, uuid4())
    assert not wishes.suits(at_nine.replace(hour=12), SOMEBODY)
    assert not wishes.suits(at_nine.replace(day=2), SOMEBODY)
    assert wishes.suits(at_nine.replace(day=8), SOMEBODY)
    assert not wishes.suits(at_nine.replace(day=15), SOMEBODY)
    assert not wishes.suits(at_nine.replace(month=11, day=24), SOMEBODY)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"weekdays": frozenset()}, InvalidInput),
        ({"weekdays": frozenset({7})}, InvalidInput),
        ({"day_parts": DayPart(0)}, InvalidInput),
        ({"from_on": TUESDAY, "until_on": date(2026, 11, 30)}, EndBeforeStart),
        ({"until_on": datetime(2026, 12, 1, tzinfo=UTC)}, InvalidInput),
    ],
)
def test_a_wish_that_nothing_can_meet_is_refused(
    fields: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        Wishes(**fields)  # type: ignore[arg-type]  # the mistake under test


@given(st.frozensets(st.integers(0, 6)))
def test_weekdays_come_back_from_how_they_are_stored(days: frozenset[int]) -> None:
    assert weekdays_of(weekday_bits(days)) == days


def test_monday_is_one_and_sunday_sixty_four() -> None:
    assert (weekday_bits([0]), weekday_bits([6]), weekday_bits(range(7))) == (1, 64, 127)


AT_TEN = datetime(2026, 12, 1, 10)  # noqa: DTZ001  # a wall-clock time


@pytest.mark.parametrize(
    ("unwanted", "at_ten"),
    [
        (Unwanted(), True),
        (Unwanted(frozenset({(1, ANY_PART)})), False),
        (Unwanted(frozenset({(1, DayPart.AFTERNOON)})), True),
        (Unwanted(frozenset({(0, ANY_PART), (2, ANY_PART)})), True),
        (Unwanted(spans=((date(2026, 11, 30), TUESDAY),)), False),
        (Unwanted(spans=((date(2026, 12, 2), date(2026, 12, 3)),)), True),
        (Unwanted(before=time(10)), True),
        (Unwanted(before=time(10, 1)), False),
        (Unwanted(from_=time(10)), False),
        (Unwanted(from_=time(10, 1)), True),
    ],
)
def test_what_is_ruled_out_is_not_offered(unwanted: Unwanted, *, at_ten: bool) -> None:
    assert Wishes(unwanted=unwanted).suits(AT_TEN, SOMEBODY) is at_ten
    assert Unwanted.from_json(unwanted.to_json()) == unwanted


def test_what_is_ruled_out_later_comes_on_top() -> None:
    monday, early = Unwanted(frozenset({(0, ANY_PART)})), Unwanted(before=time(9))
    both = monday.joined(early).joined(Unwanted(before=time(10)))
    assert both == Unwanted(frozenset({(0, ANY_PART)}), before=time(10))
    assert both
    assert not Unwanted()
