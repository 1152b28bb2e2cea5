"""Workers as processes that can be held between two ticks, so that the clock moves without them."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import Any

import structlog

from ivr.carrier.rest import TwilioRest
from ivr.worker import Worker
from scheduling.database import Database, DatabaseUnavailable
from tests.oncall.racing import PROCESSES
from tests.product import ACCOUNT, BASE, TOKEN
from tests.storm.shared_clock import SharedClock

PATIENCE_SECONDS = 0.5
"""Of a worker with the carrier: it answers at once, or never."""

_LOOK_SECONDS = 0.005


@dataclass
class _Held:
    """One process. busy: it is in the middle of a tick."""

    process: BaseProcess
    busy: Any


class HeldWorkers:
    """So many workers on one database; a killed one is followed by another at once."""

    def __init__(self, url: str, api_base: str, clock: SharedClock, count: int) -> None:
        self._url, self._api_base, self._clock = url, api_base, clock
        # Plain memory: a lock would be lost with whoever is killed while holding it.
        self._open = PROCESSES.Value("b", 0, lock=False)
        self._workers = [self._start() for _ in range(count)]
        self.killed = 0

    def let_go(self) -> None:
        """They work from now on."""
        self._open.value = 1

    def hold(self) -> None:
        """None begins another tick; returns when all have ended theirs."""
        self._open.value = 0
        while any(one.busy.value and one.process.is_alive() for one in self._workers):
            time.sleep(_LOOK_SECONDS)

    def kill(self, place: int) -> None:
        """One of them, in the middle of whatever it does."""
        place %= len(self._workers)
        self._workers[place].process.kill()
        self._workers[place].process.join()
        self._workers[place] = self._start()
        self.killed += 1

    def close(self) -> None:
        """End them all."""
        for one in self._workers:
            one.process.kill()
            one.process.join()

    def _start(self) -> _Held:
        busy = PROCESSES.Value("b", 1, lock=False)
        process = PROCESSES.Process(
            target=_work, args=(self._url, self._api_base, self._clock, self._open, busy)
        )
        process.start()
        return _Held(process, busy)


def _work(url: str, api_base: str, clock: SharedClock, is_open: Any, busy: Any) -> None:
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    carrier = TwilioRest(ACCOUNT, TOKEN, api_base, PATIENCE_SECONDS)
    database = Database(url, budget_seconds=30, pool_size=2)
    worker = Worker(database, clock, carrier, f"worker-{os.getpid()}", base=BASE)
    while True:
        # In this order: whoever looks at `busy` after closing cannot miss a tick that begins.
        busy.value = 1
        if is_open.value and _tick(worker):
            continue
        busy.value = 0
        time.sleep(_LOOK_SECONDS)


def _tick(worker: Worker) -> int:
    try:
        return worker.tick()
    except DatabaseUnavailable:
        return 0
