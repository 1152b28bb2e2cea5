"""Eight processes answer, settle and free time at once: each offer has one end, each time one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.scheduling import change_racers, waiting_line
from tests.scheduling.racers import PROCESSES, Racers
from tests.scheduling.sample import at
from tests.scheduling.stored_time import overlaps, stray_granules
from tests.scheduling.waiting_line import LAPSED, Line

if TYPE_CHECKING:
    from datetime import datetime

    from scheduling.database import Database
    from scheduling.tables import WaitlistOffer

pytestmark = [pytest.mark.storm, pytest.mark.xdist_group("races")]

Size: TypeAlias = Callable[[int, int], int]
Tally: TypeAlias = Callable[[str, int], None]


@pytest.fixture
def line(database: Database) -> Line:
    """A clinic where nobody waits yet."""
    return Line(database)


def mornings(count: int) -> list[datetime]:
    """Eight o'clock of so many days, Mondays to Fridays, from tomorrow."""
    days = (at(8) + timedelta(days=number) for number in range(2 * count + 2))
    return [day for day in days if day.weekday() < 5][:count]


def offer_at(line: Line, start: datetime) -> WaitlistOffer:
    """Somebody has this time offered, and somebody else is next in line; nobody else waits."""
    visit = line.visit(line.person("Zoe"), start)
    line.newcomer("Ann")
    line.newcomer("Ben")
    line.cancels(visit)
    return line.offer()


def ends_of(line: Line, start: datetime) -> list[str]:
    """What became of the offers of this time, in order."""
    return [status for _, begins, status in line.told() if begins == start]


def everybody_leaves(line: Line) -> None:
    """So that the next round begins with nobody."""
    for entry in line.waiting():
        line.leaves(entry, f"leave {entry.id}")


def expect_whole(database: Database) -> None:
    """Nothing overlaps, no granule is left over, none is missing."""
    assert database.read(overlaps) == []
    assert database.read(stray_granules) == []


def test_an_offer_is_accepted_once_in_eight_processes(
    racers: Racers, database: Database, database_url: str, line: Line, size: Size, tally: Tally
) -> None:
    came_of: Counter[str] = Counter()
    for start in mornings(size(2, 40)):
        offer = offer_at(line, start)
        outcomes = racers.race(
            database_url,
            waiting_line.accept,
            [(offer.id, f"{start} {number}") for number in range(PROCESSES)],
        )
        assert outcomes.count("gone") == 7, outcomes
        came_of.update("gone" if outcome == "gone" else "booked" for outcome in outcomes)
        assert ends_of(line, start) == ["accepted"]
        everybody_leaves(line)
    for outcome, count in came_of.items():
        tally(outcome, count)
    expect_whole(database)


def test_a_yes_that_is_repeated_in_eight_processes_is_one_visit(
    racers: Racers, database: Database, database_url: str, line: Line, size: Size
) -> None:
    for start in mornings(size(2, 20)):
        offer = offer_at(line, start)
        outcomes = racers.race(
            database_url, waiting_line.accept, [(offer.id, f"{start}")] * PROCESSES
        )
        assert len(set(outcomes)) == 1, outcomes
        assert "gone" not in outcomes
        everybody_leaves(line)


def test_a_lapsed_offer_is_passed_on_once_by_eight_workers(
    racers: Racers, database: Database, database_url: str, line: Line, size: Size, tally: Tally
) -> None:
    passed_on = 0
    for start in mornings(size(2, 40)):
        offer_at(line, start)
        outcomes = racers.race(database_url, waiting_line.settle, [(LAPSED,)] * PROCESSES)
        assert sorted(outcomes) == ["0"] * 7 + ["1"]
        assert ends_of(line, start) == ["lapsed", "open"]
        passed_on += 1
        everybody_leaves(line)
    tally("passed on", passed_on)
    expect_whole(database)


def test_an_offer_ends_in_one_way_whoever_answers_while_it_lapses(
    racers: Racers, database: Database, database_url: str, line: Line, size: Size, tally: Tally
) -> None:
    """Two say yes, two say no, four workers settle, all at the moment at which it lapses."""
    ends: Counter[str] = Counter()
    for start in mornings(size(3, 60)):
        offer = offer_at(line, start)
        outcomes = racers.race(
            database_url,
            waiting_line.answer,
            [("accept", offer.id, f"{start} yes {number}", LAPSED) for number in range(2)]
            + [("decline", offer.id, f"{start} no {number}", LAPSED) for number in range(2)]
            + [("settle", LAPSED)] * 4,
        )
        assert Counter(outcomes[:4])["gone"] + outcomes[4:].count("0") == 7, outcomes
        end, *then = ends_of(line, start)
        assert then == ([] if end == "accepted" else ["open"])
        ends[end] += 1
        everybody_leaves(line)
    for end, count in ends.items():
        tally(end, count)
    expect_whole(database)


def test_eight_visits_cancelled_at_once_make_one_offer_to_each_who_waits(
    racers: Racers, database: Database, database_url: str, line: Line, size: Size, tally: Tally
) -> None:
    offers = 0
    for first, second in zip(*[iter(mornings(size(4, 40)))] * 2, strict=True):
        visits = [
            line.visit(line.person("Zoe"), day + timedelta(hours=hour))
            for day, hour in chain.from_iterable(
                [(day, hour) for hour in range(4)] for day in (first, second)
            )
        ]
        entries = [line.newcomer(name) for name in ("Ann", "Ben", "Cal", "Dan")]
        outcomes = racers.race(
            database_url,
            change_racers.cancel,
            [(visit.id, f"cancel {visit.id}") for visit in visits],
        )
        assert outcomes == ["cancelled"] * 8
        made = [one for one in line.offers() if one.status == "open"]
        assert {one.entry_id for one in made} == {entry.id for entry in entries}
        assert len(made) == len({one.starts_at for one in made}) == 4
        offers += len(made)
        everybody_leaves(line)
    tally("offers", offers)
    expect_whole(database)


def test_eight_times_that_become_free_at_once_make_one_offer_to_who_waits(
    racers: Racers, database: Database, database_url: str, line: Line, size: Size
) -> None:
    """Nothing else that the eight do makes one wait for another."""
    for first, second in zip(*[iter(mornings(size(4, 40)))] * 2, strict=True):
        entry = line.newcomer("Ann")
        hours = [day + timedelta(hours=hour) for day in (first, second) for hour in range(4)]
        outcomes = racers.race(database_url, waiting_line.free, [(start,) for start in hours])
        assert sorted(outcomes) == ["nobody"] * 7 + ["offered"]
        assert line.offer().entry_id == entry.id
        everybody_leaves(line)
    expect_whole(database)
