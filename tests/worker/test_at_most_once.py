"""A text to a patient goes out once, whatever dies or fails; where nobody knows, the carrier says.

The local phone company lists a text 30 s after it took it.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from ivr.messages import (
    at_most_once,
    claiming,
    delivery,
    desk_tasks,
    link_texts,
    opting_out,
)
from ivr.messages.patients import sifting
from ivr.messages.telephony import Trouble
from ivr.sending import LEASE
from ivr.simulator.testing import PlannedFailure
from ivr.worker import Worker
from scheduling.database import Database
from tests.clock import MONDAY_MORNING, ManualClock
from tests.oncall.clinic import CLINIC, PATIENT, messages
from tests.worker.network import Network

BODY = "Your link."
ENDS_UNHEARD = [
    PlannedFailure(path="Messages", lost=True),
    PlannedFailure(500, 20500, "Oops", path="Messages", after_accepting=True),
    PlannedFailure(path="Messages", after_accepting=True, unanswered=True),
]


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
    """A text is due."""
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


def let_pass(clock: ManualClock, network: Network, **step: float) -> None:
    """Of our clock and of the carrier's."""
    clock.advance(**step)
    network.company.elapse((clock.now - network.company.clock.now()).total_seconds())


def notes(database: Database) -> list[str]:
    """What the desk reads."""
    tasks = database.read(lambda session: desk_tasks.open_tasks(session, CLINIC))
    assert {task.kind for task in tasks} <= {"text_failed"}
    return [task.note for task in tasks]


def die_while_sending(database: Database, clock: ManualClock) -> None:
    """A worker claims the text, marks it, and is never heard of again."""
    (message,) = database.write(
        lambda session: claiming.claim(session, now=clock.now, limit=9, lease=LEASE)
    )
    assert database.write(partial(sifting.begin, message=message, now=clock.now))


@pytest.mark.parametrize("failure", ENDS_UNHEARD, ids=["lost", "500", "no answer"])
def test_what_the_carrier_took_without_saying_so_is_found_in_its_list_and_not_sent_again(
    database: Database,
    worker: Worker,
    network: Network,
    clock: ManualClock,
    failure: PlannedFailure,
) -> None:
    network.company.fail_rest(failure)
    worker.tick()
    for _ in range(6):
        let_pass(clock, network, seconds=25)
        worker.tick()
    assert network.texts(PATIENT) == [BODY]
    (message,) = messages(database)
    assert message.state == "sent"
    assert message.provider_id in network.company.exchange.messaging.messages
    assert notes(database) == []


def test_what_the_carrier_never_heard_of_is_sent_once_its_list_must_show_it(
    database: Database, worker: Worker, network: Network, clock: ManualClock
) -> None:
    network.company.fail_rest(PlannedFailure(path="Messages", unheard=True))
    worker.tick()
    let_pass(clock, network, seconds=100)
    assert worker.tick() == 0
    assert network.texts(PATIENT) == []
    let_pass(clock, network, seconds=20)
    worker.tick()
    worker.tick()
    assert network.texts(PATIENT) == [BODY]
    assert messages(database)[0].state == "sent"


def test_a_worker_that_died_before_it_began_to_send_costs_only_its_lease(
    database: Database, worker: Worker, network: Network, clock: ManualClock
) -> None:
    database.write(lambda session: claiming.claim(session, now=clock.now, limit=9, lease=LEASE))
    let_pass(clock, network, seconds=LEASE.total_seconds())
    worker.tick()
    assert network.texts(PATIENT) == [BODY]


def test_a_worker_that_died_while_it_sent_leaves_the_question_to_the_next(
    database: Database, worker: Worker, network: Network, clock: ManualClock
) -> None:
    die_while_sending(database, clock)
    network.rest().send_sms(to=PATIENT, from_="+15125550100", body=BODY, status_callback=None)
    let_pass(clock, network, minutes=3)
    worker.tick()
    assert worker.tick() == 0
    assert network.texts(PATIENT) == [BODY]
    assert messages(database)[0].state == "sent"


def test_the_same_words_sent_before_are_not_taken_for_it(
    database: Database, worker: Worker, network: Network, clock: ManualClock
) -> None:
    worker.tick()
    asked_again = messages(database)[0].provider_id
    let_pass(clock, network, seconds=10)
    database.write(
        lambda session: link_texts.send(
            session,
            clinic_id=CLINIC,
            zone=ZoneInfo("America/Chicago"),
            number=PATIENT,
            body=BODY,
            source="CA2",
            now=clock.now,
        )
    )
    network.company.fail_rest(PlannedFailure(path="Messages", unheard=True))
    worker.tick()
    let_pass(clock, network, minutes=3)
    worker.tick()
    worker.tick()
    assert network.texts(PATIENT) == [BODY, BODY]
    assert messages(database)[1].provider_id not in (None, asked_again)


def test_a_report_of_the_carrier_settles_it_at_once(
    database: Database, worker: Worker, network: Network, clock: ManualClock
) -> None:
    network.company.fail_rest(PlannedFailure(path="Messages", lost=True))
    worker.tick()
    (message,) = messages(database)
    tell(database, clock, message.id, "sent")
    (message,) = messages(database)
    assert (message.state, message.provider_id, message.delivery) == ("sent", "SM1", "sent")


def test_a_carrier_that_cannot_be_asked_leaves_it_to_the_desk_in_the_end(
    database: Database, worker: Worker, network: Network, clock: ManualClock
) -> None:
    network.company.fail_rest(PlannedFailure(path="Messages", lost=True))
    worker.tick()
    failure = PlannedFailure(500, 20500, "Oops", path="Messages", method="GET")
    network.company.fail_rest(failure, times=1000)
    for _ in range(14):
        let_pass(clock, network, minutes=5)
        worker.tick()
    assert network.texts(PATIENT) == [BODY]
    (note,) = notes(database)
    assert "May have been sent or not. Call, and ask whether it arrived" in note
    assert messages(database)[0].state == "failed"


def test_what_was_withdrawn_while_it_was_claimed_does_not_go_out(
    database: Database, network: Network, clock: ManualClock
) -> None:
    (message,) = database.write(
        lambda session: claiming.claim(session, now=clock.now, limit=9, lease=LEASE)
    )
    database.write(
        lambda session: opting_out.stop(
            session, clinic_id=CLINIC, number=PATIENT, source="SM9", now=clock.now
        )
    )
    assert not database.write(partial(sifting.begin, message=message, now=clock.now))
    assert messages(database)[0].state == "cancelled"


def tell(database: Database, clock: ManualClock, message_id: UUID, status: str) -> None:
    """The carrier reports."""
    database.write(
        lambda session: delivery.report(
            session,
            clinic_id=CLINIC,
            message_id=message_id,
            status=status,
            sid="SM1",
            trouble=Trouble.UNREACHABLE,
            error_code=30003,
            now=clock.now,
        )
    )


def test_reports_that_come_late_again_and_out_of_order_change_nothing_that_is_final(
    database: Database, worker: Worker, clock: ManualClock
) -> None:
    worker.tick()
    (message,) = messages(database)
    seen = []
    for status in ("sent", "queued", "nonsense", "undelivered", "sent", "delivered", "undelivered"):
        tell(database, clock, message.id, status)
        seen.append(messages(database)[0].delivery)
    assert seen == ["sent", "sent", "sent", *["undelivered"] * 4]
    assert len(notes(database)) == 1


def test_every_report_of_a_report_is_in_the_one_order() -> None:
    assert all(not delivery.supersedes(one, "delivered") for one in delivery.ORDER)
    assert all(delivery.supersedes(one, None) for one in delivery.ORDER)
    assert at_most_once.CALLS < at_most_once.KINDS
