"""What happened while the database was away, kept in this process until it can be stored.

It lasts as long as the process. What dies with it the worker finds in the carrier's list of calls,
all but who accepted; a call of which nobody knows that is paged for.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import structlog
from flask import Blueprint
from sqlalchemy.orm import Session

from scheduling.database import Database, DatabaseUnavailable

log = structlog.get_logger(__name__)

Work = Callable[[Session], Any]

MOST = 10_000
"""Kept at most; beyond that the oldest is left to the carrier's list."""

LONGEST_WAIT = 1.0
"""Seconds that a webhook waits at most for what others left behind, before its own work begins."""

RETRY_SECONDS = 1.0
"""Between two attempts where no webhook comes."""


class Unrecorded:
    """Units of work, each safe to run again, that wait for the database, the oldest first."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[Work] = deque(maxlen=MOST)
        self._recording = threading.Lock()
        self._something = threading.Event()

    def add(self, work: Work) -> None:
        """Keep it until it can be stored."""
        self._waiting.append(work)
        self._something.set()

    def record(self, *, seconds: float = LONGEST_WAIT) -> None:
        """Store what waits, for about so many seconds; what cannot be stored now stays."""
        if not self._waiting or not self._recording.acquire(blocking=False):
            return
        until = time.monotonic() + seconds
        try:
            while self._waiting and time.monotonic() < until:
                self._record(self._waiting.popleft())
        except DatabaseUnavailable:
            return
        finally:
            self._recording.release()

    def keep_recording(self) -> None:
        """Store from now on, in a thread of this process, also where no webhook comes."""
        threading.Thread(target=self._keep_recording, name="unrecorded", daemon=True).start()

    def _record(self, work: Work) -> None:
        try:
            self._database.write(work)
        except DatabaseUnavailable:
            self._waiting.appendleft(work)
            raise
        except Exception:
            # A ticket or a person that does not exist: it will not be there next time either.
            log.exception("not_recorded")

    def _keep_recording(self) -> None:
        pause = threading.Event()
        while True:
            self._something.wait()
            pause.wait(RETRY_SECONDS)
            self._something.clear()
            self.record()
            if self._waiting:
                self._something.set()


def record_before_each_request(blueprint: Blueprint, unrecorded: Unrecorded) -> None:
    """A webhook finds stored what happened before it, where this process knows of it."""

    @blueprint.before_request
    def _record() -> None:
        unrecorded.record()
