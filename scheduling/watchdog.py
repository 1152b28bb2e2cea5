"""Cuts a database connection that has not answered by its deadline.

A server that is frozen (SIGSTOP, a stuck disk) keeps acknowledging packets, so neither a
statement timeout, which the server itself would have to enforce, nor any TCP timeout ever fires.
Shutting the socket down from here wakes the waiting thread with an ordinary connection error.
"""

from __future__ import annotations

import heapq
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Watchdog:
    """One thread for all connections of a process, started with the first watch.

    Deadlines are seconds of `time.monotonic()`.
    """

    def __init__(self) -> None:
        self._wake = threading.Condition()
        self._deadlines: list[tuple[float, int]] = []
        self._watched: dict[int, int] = {}
        self._ticket = 0
        self._thread: threading.Thread | None = None
        self._owner_pid = 0

    @contextmanager
    def cutting(self, descriptor: int, *, at: float) -> Iterator[None]:
        """Inside this block, shut the socket `descriptor` down once the clock passes `at`."""
        with self._wake:
            self._start_in_this_process()
            self._ticket += 1
            ticket = self._ticket
            self._watched[ticket] = descriptor
            heapq.heappush(self._deadlines, (at, ticket))
            if self._deadlines[0][1] == ticket:
                self._wake.notify()
        try:
            yield
        finally:
            # Under the same lock as the cut: the descriptor cannot be closed and reused by
            # another connection between the watchdog's look and its shutdown.
            with self._wake:
                self._watched.pop(ticket, None)

    def _start_in_this_process(self) -> None:
        # A forked web worker inherits the object but not the thread.
        alive = self._thread is not None and self._thread.is_alive()
        if not alive or self._owner_pid != os.getpid():
            self._deadlines, self._watched = [], {}
            self._owner_pid = os.getpid()
            self._thread = threading.Thread(target=self._watch, name="db-watchdog", daemon=True)
            self._thread.start()

    def _watch(self) -> None:
        with self._wake:
            while True:
                while self._deadlines and self._deadlines[0][1] not in self._watched:
                    heapq.heappop(self._deadlines)
                if not self._deadlines:
                    self._wake.wait()
                    continue
                remaining = self._deadlines[0][0] - time.monotonic()
                if remaining > 0:
                    self._wake.wait(remaining)
                    continue
                _, ticket = heapq.heappop(self._deadlines)
                _cut(self._watched.pop(ticket))


def _cut(descriptor: int) -> None:
    # A duplicate shares the connection but not the descriptor's life: closing ours leaves the
    # driver's own descriptor for the driver to close.
    try:
        duplicate = socket.socket(fileno=os.dup(descriptor))
    except OSError:
        return
    try:
        duplicate.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    finally:
        duplicate.close()
