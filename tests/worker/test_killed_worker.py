"""Workers as processes: racing each other, killed, told to stop."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

from ivr.carrier.rest import TwilioRest
from ivr.messages.tables import OutboxMessage
from ivr.sending import LEASE
from ivr.worker import Worker
from ivr.worker_process import run_until_signalled
from scheduling.database import Database
from tests.clock import ManualClock
from tests.oncall.clinic import ANA, SAM, messages, open_ticket
from tests.oncall.racing import PROCESSES, SECONDS
from tests.worker.network import ACCOUNT, TOKEN, Network

TICKETS = 10
WORKERS = 3


@contextmanager
def worker_process(url: str, network: Network, clock: ManualClock) -> Iterator[BaseProcess]:
    """`callnow worker` in a process of its own, with the test's clock."""
    process = PROCESSES.Process(target=_work, args=(url, network.base_url, clock))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join(SECONDS)


def stored(database: Database) -> list[tuple[str, str, int, bool]]:
    """Of every message: to whom, how it stands, claims, whether a worker has it."""
    return [_facts(message) for message in messages(database)]


def test_a_page_whose_worker_was_killed_before_recording_it_is_sent_again(
    database: Database, database_url: str, network: Network, clock: ManualClock
) -> None:
    open_ticket(database)
    with worker_process(database_url, network, clock) as process:
        # The company has taken the page; the worker never hears of it.
        network.on_accepted.append(lambda: _kill(process, signal.SIGKILL))
        process.join(SECONDS)
        assert process.exitcode == -signal.SIGKILL
    assert (len(network.texts(ANA.number)), len(network.texts(SAM.number))) == (1, 0)
    assert stored(database) == [
        (ANA.number, "pending", 1, True),
        (SAM.number, "pending", 1, True),
    ]
    survivor = Worker(database, clock, network.rest(), "worker-2")
    assert survivor.tick() == 0
    clock.advance(seconds=LEASE.total_seconds())
    # Their calls have fallen due meanwhile.
    assert survivor.tick() == 4
    assert (len(network.texts(ANA.number)), len(network.texts(SAM.number))) == (2, 1)
    assert stored(database)[:2] == [
        (ANA.number, "sent", 2, False),
        (SAM.number, "sent", 2, False),
    ]


def test_sigterm_lets_a_worker_finish_the_message_in_hand(
    database: Database, database_url: str, network: Network, clock: ManualClock
) -> None:
    open_ticket(database)
    with worker_process(database_url, network, clock) as process:
        network.on_accepted.append(lambda: _kill(process, signal.SIGTERM))
        process.join(SECONDS)
        assert process.exitcode == 0
    # A signal may be seen after the next message has begun: whichever were sent are recorded,
    # and the others are free for the next worker at once.
    sent = len(network.texts(ANA.number)) + len(network.texts(SAM.number))
    assert sent >= 1
    assert [facts[1] for facts in stored(database)].count("sent") == sent
    assert not any(facts[3] for facts in stored(database))


def test_workers_that_race_send_every_page_once(
    database: Database, database_url: str, network: Network, clock: ManualClock
) -> None:
    for call in range(TICKETS):
        open_ticket(database, f"CA{call}")
    runners = [
        PROCESSES.Process(target=_work_off, args=(database_url, network.base_url, clock))
        for _ in range(WORKERS)
    ]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join(SECONDS)
        assert runner.exitcode == 0
    assert {facts[1:] for facts in stored(database)} == {("sent", 1, False)}
    for person in (ANA, SAM):
        texts = network.texts(person.number)
        assert len(texts) == len(set(texts)) == TICKETS


def _facts(message: OutboxMessage) -> tuple[str, str, int, bool]:
    claimed = message.claimed_until is not None
    return message.to_number, message.state, message.attempts, claimed


def _kill(process: BaseProcess, number: signal.Signals) -> None:
    assert process.pid is not None
    os.kill(process.pid, number)
    if number == signal.SIGKILL:
        # Answered only when nobody is left to hear it.
        assert wait([process.sentinel], SECONDS)


def _worker(url: str, base_url: str, clock: ManualClock) -> Worker:
    rest = TwilioRest(ACCOUNT, TOKEN, base_url, timeout_seconds=30)
    database = Database(url, budget_seconds=30, pool_size=2)
    return Worker(database, clock, rest, f"worker-{os.getpid()}")


def _work(url: str, base_url: str, clock: ManualClock) -> None:
    run_until_signalled(_worker(url, base_url, clock))


def _work_off(url: str, base_url: str, clock: ManualClock) -> None:
    worker = _worker(url, base_url, clock)
    while worker.tick():
        continue
