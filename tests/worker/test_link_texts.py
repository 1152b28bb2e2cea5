"""The worker sends the link that a caller asked for: by day, at most once, or the desk is told."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.messages import desk_tasks, link_texts, text_consent
from ivr.simulator.testing import PlannedFailure
from ivr.worker import Worker
from scheduling.database import Database
from tests.clock import MONDAY_MORNING, ManualClock
from tests.oncall.clinic import CLINIC, PATIENT, messages
from tests.worker.network import Network

BODY = "Your link."


@pytest.fixture
def clock() -> ManualClock:
    """By day."""
    return ManualClock(MONDAY_MORNING)


@pytest.fixture
def worker(database: Database, clock: ManualClock, network: Network) -> Worker:
    """A worker on the phone company."""
    return Worker(database, clock, network.rest(), "worker-1")


@pytest.fixture(autouse=True)
def asked_for(database: Database) -> None:
    """A caller has said yes."""
    database.write(
        lambda session: link_texts.send(
            session,
            clinic_id=CLINIC,
            zone=ZoneInfo("America/Chicago"),
            number=PATIENT,
            body=BODY,
            source="CA1",
            now=MONDAY_MORNING,
        )
    )


def notes(database: Database) -> list[str]:
    """What the desk reads."""
    tasks = database.read(lambda session: desk_tasks.open_tasks(session, CLINIC))
    assert {task.kind for task in tasks} <= {"text_failed"}
    return [task.note for task in tasks]


def test_it_arrives_once(database: Database, worker: Worker, network: Network) -> None:
    assert (worker.tick(), worker.tick()) == (1, 0)
    assert network.texts(PATIENT) == [BODY]
    assert notes(database) == []


def test_a_plain_no_of_the_carrier_is_tried_again(
    database: Database, worker: Worker, network: Network, clock: ManualClock
) -> None:
    network.company.fail_rest(PlannedFailure(429, 20429, "Too Many Requests", path="Messages"))
    worker.tick()
    clock.advance(minutes=1)
    worker.tick()
    assert network.texts(PATIENT) == [BODY]
    assert notes(database) == []


def test_one_to_be_tried_again_waits_where_night_has_fallen(
    database: Database, worker: Worker, network: Network, clock: ManualClock
) -> None:
    network.company.fail_rest(PlannedFailure(429, 20429, "Too Many Requests", path="Messages"))
    worker.tick()
    clock.advance(hours=12)
    assert worker.tick() == 0
    (message,) = messages(database)
    assert (message.attempts, message.claimed_until) == (1, None)
    assert message.due_at == MONDAY_MORNING + timedelta(hours=22)
    clock.advance(hours=10)
    assert worker.tick() == 1
    assert network.texts(PATIENT) == [BODY]


def test_who_told_only_the_carrier_to_stop_is_known_from_then_on(
    database: Database, worker: Worker, network: Network
) -> None:
    network.company.fail_rest(PlannedFailure(400, 21610, "Unsubscribed", path="Messages"))
    worker.tick()
    (note,) = notes(database)
    assert "must text START" in note
    said = database.read(lambda session: text_consent.consents(session, CLINIC, PATIENT))
    assert said is False
