"""When a failed message is tried again, and when a person has to act."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.messages.backoff import MOST_ATTEMPTS, backoff
from ivr.messages.telephony import Trouble

WAITS = {
    Trouble.BAD_NUMBER: [],
    Trouble.OPTED_OUT: [],
    Trouble.NOT_REGISTERED: [],
    Trouble.UNREACHABLE: [30, 60, 120],
    Trouble.THROTTLED: [1, 2, 4, 8, 16] + [30] * 19,
    Trouble.CARRIER_TROUBLE: [2, 4, 8, 16, 32, 60, 60, 60, 60],
    Trouble.TIMEOUT: [2, 4, 8, 16, 32, 60, 60, 60, 60],
    Trouble.REFUSED_CREDENTIALS: [30] + [60] * 13,
}
"""Seconds after the first attempt, the second, …; then it is given up."""


def test_every_kind_of_trouble_is_in_the_table() -> None:
    assert set(WAITS) == set(Trouble)


@pytest.mark.parametrize("kind", Trouble)
def test_the_waits_after_each_kind_of_trouble(kind: Trouble) -> None:
    waits: list[float] = []
    while (wait := backoff(len(waits) + 1, kind)) is not None:
        waits.append(wait.total_seconds())
    assert waits == WAITS[kind]


@pytest.mark.parametrize("attempts", [0, -1])
def test_nothing_can_fail_before_it_was_tried(attempts: int) -> None:
    with pytest.raises(ValueError, match="count the one that failed"):
        backoff(attempts, Trouble.TIMEOUT)


@given(st.sampled_from(Trouble), st.integers(min_value=1, max_value=10_000))
def test_no_wait_is_negative_or_longer_than_five_minutes_and_all_end(
    kind: Trouble, attempts: int
) -> None:
    wait = backoff(attempts, kind)
    assert wait is None or timedelta(0) < wait <= timedelta(minutes=5)
    assert backoff(MOST_ATTEMPTS, kind) is None
