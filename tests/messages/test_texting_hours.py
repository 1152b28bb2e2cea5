"""Callers and patients are texted from 8:00 to 21:00 on the clinic's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.messages.texting_hours import FROM, UNTIL, text_at

AUSTIN = ZoneInfo("America/Chicago")


def local(day: int, hour: int, minute: int = 0, *, month: int = 11) -> datetime:
    """A moment of 2026 as Austin's clock shows it, in UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=AUSTIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "due_at"),
    [
        (local(23, 8), local(23, 8)),
        (local(23, 20, 59), local(23, 20, 59)),
        (local(23, 21), local(24, 8)),
        (local(23, 23, 59), local(24, 8)),
        (local(24, 0), local(24, 8)),
        (local(24, 7, 59), local(24, 8)),
        # The clock goes back in this night, and forward in that one.
        (local(31, 22, month=10), datetime(2026, 11, 1, 14, tzinfo=UTC)),
        (local(7, 22, month=3), datetime(2026, 3, 8, 13, tzinfo=UTC)),
    ],
)
def test_a_text_of_the_night_waits_for_eight(now: datetime, due_at: datetime) -> None:
    assert text_at(now, AUSTIN) == due_at


@given(
    st.integers(0, 2 * 365 * 24 * 60 * 60),
    st.sampled_from(["America/Chicago", "America/Phoenix", "Pacific/Honolulu", "Asia/Kolkata"]),
)
def test_it_never_goes_out_at_night_and_never_waits_a_day(seconds: int, name: str) -> None:
    now, zone = local(1, 0, month=1) + timedelta(seconds=seconds), ZoneInfo(name)
    due_at = text_at(now, zone)
    assert FROM <= due_at.astimezone(zone).time() < UNTIL
    assert 0 <= (due_at - now).total_seconds() <= 12 * 3600
    assert text_at(due_at, zone) == due_at
