"""Several processes that do the same thing at the same moment, each on connections of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from multiprocessing.synchronize import Barrier
from typing import Any, TypeVar

from scheduling.database import Database

T = TypeVar("T")

SECONDS = 60
"""Within which every process must have started and ended, on a machine however busy."""

# A server that forks has imported everything once, and has no threads that a fork would tear.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__, "ivr.oncall.tickets", "ivr.worker"])


def race(count: int, url: str, work: Callable[[Database, int], T]) -> list[T]:
    """Run `work(database, index)` in `count` processes at once; return what each returned.

    `work` is a function at the top of a module. The database is reached before the start, so
    that nobody is held up by connecting. Fails where a process fails.
    """
    barrier = PROCESSES.Barrier(count)
    runners = []
    for index in range(count):
        answer, hers = PROCESSES.Pipe(duplex=False)
        process = PROCESSES.Process(target=_run, args=(hers, barrier, url, work, index))
        process.start()
        hers.close()
        runners.append((process, answer))
    results = [_received(answer) for _, answer in runners]
    for process, _ in runners:
        process.join(SECONDS)
        assert process.exitcode == 0
    return results


def _run(
    answer: Connection, barrier: Barrier, url: str, work: Callable[[Database, int], Any], index: int
) -> None:
    # No budget: eight writers on one SQLite file wait for each other, and that is no failure.
    database = Database(url, budget_seconds=None, pool_size=1)
    with database.engine.connect():
        pass
    barrier.wait(SECONDS)
    answer.send(work(database, index))
    database.dispose()


def _received(answer: Connection) -> Any:
    assert wait([answer], SECONDS), "a racing process did not answer"
    return answer.recv()
