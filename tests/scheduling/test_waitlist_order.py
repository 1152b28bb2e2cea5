"""The fair order: a pump that may run dry first, then by how long somebody has waited."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from scheduling.waitlist.ordering import Place, Precedence, WaitedRefill

TODAY = date(2026, 11, 30)
OPENS_DAYS = 21

days = st.integers(-60, 60).map(lambda days: TODAY + timedelta(days=days))
refills = st.builds(WaitedRefill, days, st.just(OPENS_DAYS), st.just(3), st.none() | days)
instants = st.integers(0, 40).map(
    lambda hours: datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=hours)
)
places = st.builds(Place, st.uuids(), instants, st.none() | refills)
queues = st.lists(places, max_size=12, unique_by=lambda place: place.entry_id)


def place(number: int, *, joined: int, due: date | None = None, visit: date | None = None) -> Place:
    """Somebody who joined on this day of November; their refill's due date, if it is one."""
    return Place(
        UUID(int=number),
        datetime(2026, 11, joined, 15, tzinfo=UTC),
        None if due is None else WaitedRefill(due, OPENS_DAYS, 3, visit),
    )


def in_order(*queue: Place) -> list[int]:
    """The numbers of those who wait, the first in line first."""
    return [one.entry_id.int for one in sorted(queue, key=lambda one: one.rank(TODAY))]


def test_overdue_refills_come_first_then_refills_in_their_window_then_who_joined_first() -> None:
    assert in_order(
        place(1, joined=1),
        place(2, joined=2),
        place(3, joined=29, due=date(2026, 12, 10)),
        place(4, joined=30, due=date(2026, 12, 21)),  # its window of 21 days opens today
        place(5, joined=28, due=date(2026, 11, 29)),  # overdue since yesterday
        place(6, joined=30, due=date(2026, 11, 20)),
    ) == [6, 5, 3, 4, 1, 2]


def test_a_refill_that_is_due_today_is_not_overdue() -> None:
    assert place(1, joined=1, due=TODAY).precedence(TODAY) is Precedence.REFILL_IN_WINDOW


def test_a_refill_whose_window_is_not_open_waits_like_everybody_else() -> None:
    ahead = place(1, joined=2, due=date(2026, 12, 22))
    assert in_order(ahead, place(2, joined=1), place(3, joined=3)) == [2, 1, 3]


def test_a_refill_booked_for_after_it_is_due_counts_as_overdue() -> None:
    late = place(1, joined=9, due=date(2026, 12, 10), visit=date(2026, 12, 11))
    in_time = place(2, joined=1, due=date(2026, 12, 1), visit=date(2026, 12, 1))
    assert in_order(in_time, late) == [1, 2]


def test_refills_due_on_one_day_come_in_the_order_of_joining() -> None:
    due = date(2026, 11, 20)
    assert in_order(place(1, joined=9, due=due), place(2, joined=8, due=due)) == [2, 1]


def test_who_joined_at_the_same_moment_has_a_settled_order_all_the_same() -> None:
    assert in_order(place(2, joined=1), place(1, joined=1)) == [1, 2]


@given(queues, st.randoms(use_true_random=False))
def test_the_order_is_one_whatever_the_rows_come_in(queue: list[Place], draw: Random) -> None:
    shuffled = list(queue)
    draw.shuffle(shuffled)
    assert in_order(*queue) == in_order(*shuffled)
    ranks = [one.rank(TODAY) for one in queue]
    assert len(set(ranks)) == len(queue)


@given(places, places)
def test_nobody_is_put_before_somebody_as_pressing_who_joined_earlier(
    one: Place, other: Place
) -> None:
    due = [waits.refill.due_on if waits.refill else None for waits in (one, other)]
    precedence = one.precedence(TODAY)
    as_pressing = precedence is other.precedence(TODAY) and (
        precedence is Precedence.EVERYBODY or due[0] == due[1]
    )
    if as_pressing and one.joined_at < other.joined_at:
        assert one.rank(TODAY) < other.rank(TODAY)


@given(places, places)
def test_a_more_pressing_refill_is_always_before_a_less_pressing_one(
    one: Place, other: Place
) -> None:
    if one.precedence(TODAY) < other.precedence(TODAY):
        assert one.rank(TODAY) < other.rank(TODAY)


@given(st.lists(st.builds(Place, st.uuids(), instants, refills), max_size=12))
def test_of_two_pressing_refills_the_one_due_first_comes_first(queue: list[Place]) -> None:
    for precedence in (Precedence.OVERDUE_REFILL, Precedence.REFILL_IN_WINDOW):
        due = [
            one.refill.due_on
            for one in sorted(queue, key=lambda one: one.rank(TODAY))
            if one.refill and one.precedence(TODAY) is precedence
        ]
        assert due == sorted(due)
