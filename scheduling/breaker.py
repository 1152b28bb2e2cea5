"""Spares callers the wait for a database that did not answer a moment ago."""

from __future__ import annotations

from threading import Lock


class Breaker:
    """After a failure, one unit at a time probes; the others are refused at once.

    Without it a frozen database would hold every web thread for the whole budget, and the
    caller who presses "urgent" would stand in that queue.
    """

    _CLOSED = float("-inf")

    def __init__(self, probe_every: float) -> None:
        self._lock = Lock()
        self._probe_every = probe_every
        self._next_probe = self._CLOSED

    def lets_through(self, now: float) -> bool:
        if self._next_probe == self._CLOSED:
            return True
        with self._lock:
            if now < self._next_probe:
                return False
            if self._next_probe != self._CLOSED:
                self._next_probe = now + self._probe_every
            return True

    def trip(self, now: float) -> None:
        with self._lock:
            self._next_probe = now + 0.5

    def close(self) -> None:
        if self._next_probe != self._CLOSED:
            with self._lock:
                self._next_probe = self._CLOSED
