"""The pace of sending, over the carrier's REST API: the pages' lane stays clear."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from ivr.messages import outbox
from ivr.messages.pace import PAUSE, Pace
from ivr.oncall.repaging import page_for_unaccepted
from ivr.simulator.testing import PlannedFailure
from ivr.worker import Worker
from scheduling.database import Database
from tests.clock import ManualClock
from tests.oncall.clinic import ANA, CLINIC, SAM, open_ticket
from tests.worker.network import Network

PAGE = "Dr. Fura's clinic: urgent ticket 1 is waiting. https://line.example/frontdesk/tickets/1"


def enqueue_ordinary(database: Database, clock: ManualClock, count: int) -> None:
    """Texts that anybody may get."""
    for number in range(count):
        database.write(
            partial(
                outbox.enqueue,
                clinic_id=CLINIC,
                kind="page_sms",
                lane="ordinary",
                subject=f"notice:{number}",
                to_number=ANA.number,
                body=f"Notice {number}",
                due_at=clock.now - timedelta(hours=1),
                now=clock.now,
            )
        )


def test_two_workers_at_one_segment_a_second_send_as_many_as_one(
    database: Database, clock: ManualClock, network: Network
) -> None:
    enqueue_ordinary(database, clock, 20)
    workers = [
        Worker(database, clock, network.rest(), f"worker-{number}", speed=Pace())
        for number in range(2)
    ]
    for _ in range(10):
        for worker in workers:
            worker.tick()
        clock.advance(seconds=1)
    # One a second, and one for the second before.
    assert len(network.texts(ANA.number)) == 11


def test_too_many_requests_hold_back_the_other_worker_as_well_and_no_page(
    database: Database, clock: ManualClock, network: Network
) -> None:
    enqueue_ordinary(database, clock, 20)
    one, other = (
        Worker(database, clock, network.rest(), f"worker-{number}", speed=Pace(100, 100))
        for number in range(2)
    )
    network.company.fail_rest(PlannedFailure(http_status=429, code=20429))
    one.tick()
    clock.advance(seconds=PAUSE.total_seconds() - 1)
    assert other.tick() == 0
    open_ticket(database)
    assert other.tick() == 2
    assert network.texts(SAM.number) == [PAGE]
    clock.advance(seconds=1)
    assert other.tick() > 0


def test_a_page_that_falls_due_in_the_middle_of_a_batch_waits_for_one_send_alone(
    database: Database, clock: ManualClock, network: Network
) -> None:
    enqueue_ordinary(database, clock, 20)

    rest = network.rest()
    take = rest.send_sms

    def send_sms(**fields: str) -> str:
        if not network.texts(ANA.number):
            open_ticket(database)
            database.write(partial(page_for_unaccepted, now=clock.now))
        return take(**fields)

    rest.send_sms = send_sms  # type: ignore[method-assign,assignment]  # it still sends
    worker = Worker(database, clock, rest, "worker-1")
    assert worker.tick() == 1
    worker.tick()
    assert network.texts(ANA.number)[:2] == ["Notice 0", PAGE]
