"""Eight processes that do the same thing at the same moment, each on a connection of its own."""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Callable
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any, TypeVar

from scheduling.database import Database

T = TypeVar("T")

RACERS = 8

SECONDS = 60
"""Within which everything must have happened, on a machine however busy."""

# A server that forks has imported everything once, and has no threads that a fork would tear.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    # twilio reads its own parts only when they are used, which takes half a second.
    [
        __name__,
        "ivr.oncall.tickets",
        "ivr.worker",
        "psycopg",
        "twilio.rest.api.v2010.account.message",
    ]
)


def race(url: str, work: Callable[[Database, int], T]) -> list[T]:
    """Run `work(database, index)` in eight processes at once; return what each returned.

    `work` is a function at the top of a module. Fails where it raises in any of them.
    """
    lanes, _ = _racers()
    for lane in lanes:
        lane.send((url, work))
    answers = [_answer(lane) for lane in lanes]
    faults = [fault for fault, _ in answers if fault]
    assert not faults, faults[0]
    return [result for _, result in answers]


@cache
def _racers() -> tuple[list[Connection], Barrier]:
    # Started once for all races of a test run, and ended with it. The start line is kept with
    # them: the system forgets it with its last owner in this process.
    start_line = PROCESSES.Barrier(RACERS)
    lanes = []
    for index in range(RACERS):
        ours, theirs = PROCESSES.Pipe()
        PROCESSES.Process(target=_race, args=(theirs, start_line, index), daemon=True).start()
        theirs.close()
        lanes.append(ours)
    return lanes, start_line


def _race(lane: Connection, start_line: Barrier, index: int) -> None:
    while True:
        try:
            url, work = lane.recv()
        except EOFError:
            return
        # No budget: eight writers on one SQLite file wait for each other, which is no failure.
        database = Database(url, budget_seconds=None, pool_size=1)
        with database.engine.connect():
            # Connected before the start, so that nobody is held up by it.
            start_line.wait(SECONDS)
        try:
            answer = ("", work(database, index))
        except Exception:  # noqa: BLE001  # whatever it is fails the test, over there
            answer = (traceback.format_exc(), None)
        database.dispose()
        lane.send(answer)


def _answer(lane: Connection) -> tuple[str, Any]:
    assert lane.poll(SECONDS), "a racing process did not answer"
    fault, result = lane.recv()
    return fault, result
