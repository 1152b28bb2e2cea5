"""A clock that stands still until the test moves it, the same in every process of a storm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.oncall.racing import PROCESSES


class SharedClock:
    """Aware UTC. Handed to a process as one of its arguments."""

    def __init__(self, now: datetime) -> None:
        self._seconds = PROCESSES.Value("d", now.timestamp())

    def now(self) -> datetime:
        """What it shows."""
        return datetime.fromtimestamp(self._seconds.value, UTC)

    __call__ = now

    def advance(self, **step: float) -> None:
        """Move on: advance(minutes=5)."""
        self._seconds.value += timedelta(**step).total_seconds()

    def move_to(self, moment: datetime) -> None:
        """Move on to a moment; one in the past leaves it where it is."""
        self._seconds.value = max(self._seconds.value, moment.timestamp())
