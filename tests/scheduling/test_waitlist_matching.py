"""Which starts of a freed time suit somebody, before anything is looked up."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from scheduling.availability import VisitShape
from scheduling.preferences import ALL_DAYS, DayPart, Wishes
from scheduling.waitlist.matching import suiting_starts
from tests.scheduling.sample import NOW, at

CHICAGO = ZoneInfo("America/Chicago")
HALF_HOUR = VisitShape(timedelta(minutes=30))
FREED = (at(11, 30), at(13))


def starts(wishes: Wishes | None = None, **changed: object) -> list[str]:
    """What suits in the time from 11:30 to 13:00, by the clinic's clock."""
    asked = {"earliest": NOW, "before": None, "given_up": [], "shape": HALF_HOUR, **changed}
    found = suiting_starts(wishes or Wishes(), FREED, zone=CHICAGO, **asked)  # type: ignore[arg-type]  # mixed on purpose
    return [f"{start.astimezone(CHICAGO):%H:%M}" for start in found]


def test_every_quarter_hour_suits_at_which_the_visit_lies_whole_in_the_freed_time() -> None:
    assert starts() == ["11:30", "11:45", "12:00", "12:15", "12:30"]


def test_buffers_lie_in_the_freed_time_too() -> None:
    ten = timedelta(minutes=10)
    assert starts(shape=VisitShape(timedelta(minutes=30), ten, ten)) == ["11:45", "12:00", "12:15"]


def test_a_part_of_the_day_is_told_by_the_start() -> None:
    assert starts(Wishes(day_parts=DayPart.AFTERNOON)) == ["12:00", "12:15", "12:30"]


def test_another_weekday_does_not_suit() -> None:
    assert starts(Wishes(weekdays=ALL_DAYS - {1})) == []


def test_nothing_suits_at_or_after_the_visit_that_they_have() -> None:
    assert starts(before=at(12)) == ["11:30", "11:45"]
    assert starts(before=at(11, 30)) == []
    assert starts(before=at(11)) == []
    assert starts(before=at(9, day=2)) == starts()


def test_nothing_suits_before_they_have_had_time_to_answer() -> None:
    assert starts(earliest=at(12, 20)) == ["12:30"]
    assert starts(earliest=at(12, 40)) == []
    assert starts(earliest=at(14)) == []


def test_what_they_gave_up_does_not_suit() -> None:
    assert starts(given_up=[(at(11), at(11, 45)), (at(12, 15), at(13))]) == ["11:45", "12:00"]
