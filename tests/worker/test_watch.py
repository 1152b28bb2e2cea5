"""A dead worker: what the web process does about it."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from ivr.messages import desk_tasks, heartbeat
from ivr.oncall.supervisor import load_supervisor
from ivr.simulator.testing import PlannedFailure
from ivr.watch import Watch
from scheduling.database import Database
from tests.clock import ManualClock
from tests.oncall.clinic import CLINIC, SAM, open_ticket
from tests.worker.network import Network

SUPERVISOR = SAM.number
"""A telephone that the company knows."""

STOPPED = (
    "Dr. Fura's clinic: texts, calls and pages of the phone line have stopped going out. Call "
    "whoever runs the system: the worker must be started again."
)


@pytest.fixture
def watch(database: Database, clock: ManualClock, network: Network) -> Watch:
    """As each web process has one."""
    database.write(lambda session: load_supervisor(session, CLINIC, SUPERVISOR))
    return Watch(database, clock, network.rest())


def beat(database: Database, clock: ManualClock) -> None:
    """What a worker that lives does every five seconds."""
    database.write(
        lambda session: heartbeat.beat(session, worker_id="w", started_at=clock.now, now=clock.now)
    )


def look(watch: Watch, times: int = 1) -> list[str]:
    """Look so often; what is logged, by level and name."""
    with capture_logs() as logged:
        for _ in range(times):
            watch.look()
    return [f"{line['log_level']} {line['event']}" for line in logged]


def test_an_outage_is_logged_as_an_error_once_and_the_next_one_again(
    database: Database, watch: Watch, clock: ManualClock
) -> None:
    beat(database, clock)
    assert look(watch) == []
    clock.advance(seconds=31)
    assert look(watch, times=3) == ["error no_worker"]
    beat(database, clock)
    assert look(watch, times=3) == ["warning worker_back"]
    clock.advance(seconds=31)
    assert look(watch, times=3) == ["error no_worker"]


def test_while_no_worker_lives_what_is_missed_is_told_to_the_desk_from_here(
    database: Database, watch: Watch, clock: ManualClock
) -> None:
    open_ticket(database)
    clock.advance(minutes=2)
    assert "error urgent_step_missed" in look(watch)
    tasks = database.read(lambda session: desk_tasks.open_tasks(session, CLINIC))
    assert {task.kind for task in tasks} == {"audit"}


def test_while_one_lives_it_is_left_to_the_worker(
    database: Database, watch: Watch, clock: ManualClock
) -> None:
    open_ticket(database)
    clock.advance(minutes=2)
    beat(database, clock)
    look(watch)
    assert database.read(lambda session: desk_tasks.open_tasks(session, CLINIC)) == []


def test_after_two_minutes_the_supervisor_is_texted_once_for_each_outage(
    database: Database, watch: Watch, clock: ManualClock, network: Network
) -> None:
    beat(database, clock)
    clock.advance(seconds=119)
    look(watch)
    assert network.texts(SUPERVISOR) == []
    clock.advance(seconds=1)
    look(watch, times=3)
    assert network.texts(SUPERVISOR) == [STOPPED]
    tasks = database.read(lambda session: desk_tasks.open_tasks(session, CLINIC))
    assert [task.kind for task in tasks] == ["no_worker"]
    beat(database, clock)
    look(watch)
    clock.advance(minutes=2)
    look(watch)
    assert network.texts(SUPERVISOR) == [STOPPED, STOPPED]


def test_a_text_that_the_carrier_does_not_take_is_tried_again(
    database: Database, watch: Watch, clock: ManualClock, network: Network
) -> None:
    beat(database, clock)
    clock.advance(minutes=2)
    network.company.fail_rest(PlannedFailure(http_status=503, code=20503))
    assert "warning supervisor_not_told" in look(watch)
    look(watch)
    assert network.texts(SUPERVISOR) == [STOPPED]


def test_where_no_worker_was_ever_started_nobody_is_texted(
    watch: Watch, clock: ManualClock, network: Network
) -> None:
    clock.advance(hours=1)
    look(watch)
    assert network.texts(SUPERVISOR) == []
