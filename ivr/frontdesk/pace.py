"""How often somebody outside may ask, counted in this process alone.

What is counted is as public as the address that is asked: no row is written for a stranger.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta


class Pace:
    """At most so many times in each window, for each of those who ask."""

    def __init__(self, at_most: int, window: timedelta, *, remembered: int = 10_000) -> None:
        """remembered: of how many a count is kept; beyond them, all begin anew."""
        self._at_most = at_most
        self._window = window
        self._remembered = remembered
        self._counts: dict[str, tuple[datetime, int]] = {}
        self._lock = threading.Lock()

    def wait(self, who: str, now: datetime) -> timedelta | None:
        """Count one. None lets it pass; else how long to wait. now: aware."""
        with self._lock:
            began, count = self._counts.get(who, (now, 0))
            if now - began >= self._window:
                began, count = now, 0
            if who not in self._counts and len(self._counts) >= self._remembered:
                self._counts.clear()
            self._counts[who] = began, count + 1
            return None if count < self._at_most else began + self._window - now
