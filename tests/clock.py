"""The clock of the tests: it moves when a test says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MONDAY_MORNING = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
"""10:00 at the demo clinic in Austin: its desk is open."""

MONDAY_NIGHT = datetime(2026, 11, 24, 8, 40, tzinfo=UTC)
"""2:40 at night there."""


class ManualClock:
    """Callable like the product's clock; aware UTC."""

    def __init__(self, now: datetime = MONDAY_MORNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **step: float) -> None:
        """Move on: advance(minutes=5)."""
        self.now += timedelta(**step)
