"""Starts processes of the booking storm, kills them in its middle, and keeps what they said."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from scheduling.tables import Visit

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

WITHIN = 120
"""Seconds in which the storm has to get as far as the test wants it."""


@dataclass(frozen=True)
class Told:
    """The last that a storm said of one visit."""

    kind: str
    starts_at: datetime | None


@dataclass
class _Process:
    """One process and what it acknowledged."""

    running: subprocess.Popen[str]
    told: dict[UUID, Told] = field(default_factory=dict)


class StormProcesses:
    """Several at once, on one database. Use it as a context manager."""

    def __init__(self, url: str, seeds: range, *flags: str) -> None:
        self._enough = threading.Condition()
        self.acknowledged = 0
        self._processes = [_Process(_start(url, seed, flags)) for seed in seeds]
        self._readers = [
            threading.Thread(target=self._read, args=(process,)) for process in self._processes
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> StormProcesses:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def await_changes(self, count: int) -> None:
        """Wait until all of them together have acknowledged this many."""
        with self._enough:
            arrived = self._enough.wait_for(lambda: self.acknowledged >= count, WITHIN)
        assert arrived, f"only {self.acknowledged} changes in {WITHIN} s"

    def kill(self) -> None:
        """SIGKILL each of them, in the middle of whatever it does."""
        for process in self._processes:
            process.running.send_signal(signal.SIGKILL)
        for process, reader in zip(self._processes, self._readers, strict=True):
            process.running.wait(WITHIN)
            reader.join(WITHIN)

    def told(self) -> dict[UUID, Told]:
        """Visit -> what was acknowledged of it last. Each process changes its own visits only."""
        return {visit: told for one in self._processes for visit, told in one.told.items()}

    def _read(self, process: _Process) -> None:
        lines: IO[str] | None = process.running.stdout
        assert lines is not None
        with lines:
            for line in lines:
                if not line.endswith("\n"):
                    return
                kind, visit, start = line.split()
                starts_at = None if start == "-" else datetime.fromisoformat(start)
                process.told[UUID(visit)] = Told(kind, starts_at)
                with self._enough:
                    self.acknowledged += 1
                    self._enough.notify_all()


def lost(session: Session, told: dict[UUID, Told], processes: int) -> list[UUID]:
    """Visits that are not as their process last said.

    Each process may have committed one change that it was killed before it could acknowledge, so
    that many visits may be one change further on.
    """
    stored = {visit.id: visit for visit in session.scalars(select(Visit))}
    missing = [visit for visit in told if visit not in stored]
    further_on = [
        visit
        for visit, last in told.items()
        if visit in stored and not _is_as_told(stored[visit], last)
    ]
    return missing if len(further_on) <= processes else missing + further_on


def _is_as_told(visit: Visit, last: Told) -> bool:
    if last.kind == "cancelled":
        return visit.status == "cancelled"
    return visit.status == "booked" and visit.starts_at == last.starts_at


def _start(url: str, seed: int, flags: tuple[str, ...]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.scheduling.booking_storm", url, str(seed), *flags],
        stdout=subprocess.PIPE,
        # A server that is killed under it ends it with a long traceback.
        stderr=subprocess.DEVNULL,
        text=True,
    )
