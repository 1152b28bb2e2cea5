"""A page waits behind nobody's reminder: what is urgent is sent on a thread of its own."""

from __future__ import annotations

import signal
import threading
from functools import partial

from sqlalchemy.orm import Session

from ivr.carrier.answers import TROUBLES
from ivr.messages import outbox
from ivr.messages.pace import WIDE_OPEN, Pace
from ivr.messages.tally import Tally
from ivr.messages.telephony import Telephony
from ivr.sending import LEASE, PendingOutcomes, Sender
from ivr.simulator.testing import PlannedFailure
from ivr.urgent_lane import UrgentLane
from ivr.worker import Worker
from ivr.worker_process import run_until_signalled
from scheduling.database import Database, new_id
from tests.clock import ManualClock
from tests.oncall.clinic import ANA, CLINIC, SAM, open_ticket
from tests.oncall.clinic import messages as stored_messages
from tests.worker.network import Network
from tests.worker.test_worker import PAGE, Carrier, notes, states

PATIENT = "+15125550142"
SECONDS = 20
"""Longer than anything here takes."""


def lane_of(
    database: Database,
    clock: ManualClock,
    carrier: Telephony,
    *,
    tally: Tally | None = None,
    speed: Pace = WIDE_OPEN,
) -> UrgentLane:
    """As production wires it, on this carrier."""
    tally = tally or Tally(TROUBLES)
    sender = Sender(database, clock, carrier, tally, lane="urgent", speed=speed)
    return UrgentLane(database, clock, sender)


def remind(database: Database, clock: ManualClock) -> None:
    """Something that can wait falls due."""

    def store(session: Session) -> None:
        outbox.enqueue(
            session,
            id=new_id(),
            clinic_id=CLINIC,
            kind="page_sms",
            lane="ordinary",
            subject="notice:1",
            to_number=PATIENT,
            body="…",
            due_at=clock.now,
            now=clock.now,
        )

    database.write(store)


def test_a_page_goes_out_while_the_worker_waits_for_the_answer_about_a_reminder(
    database: Database, clock: ManualClock
) -> None:
    asked, answered = threading.Event(), threading.Event()

    def hang() -> None:
        asked.set()
        assert answered.wait(SECONDS)

    remind(database, clock)
    hanging, free = Carrier(hang), Carrier()
    worker = Worker(database, clock, hanging, "worker-1", speed=Pace())
    thread = threading.Thread(target=worker.tick)
    thread.start()
    try:
        assert asked.wait(SECONDS)
        open_ticket(database)
        assert lane_of(database, clock, free, speed=Pace()).tick() == 2
        assert sorted(free.taken) == [ANA.number, SAM.number]
        assert hanging.taken == []
    finally:
        answered.set()
        thread.join(SECONDS)
    assert hanging.taken == [PATIENT]


def test_it_sends_nothing_but_what_is_urgent(database: Database, clock: ManualClock) -> None:
    remind(database, clock)
    carrier = Carrier()
    assert lane_of(database, clock, carrier).tick() == 0
    assert carrier.taken == []
    Worker(database, clock, carrier, "worker-1").tick()
    assert carrier.taken == [PATIENT]


def test_the_worker_and_its_lane_at_once_send_each_page_once(
    database: Database, clock: ManualClock, network: Network
) -> None:
    open_ticket(database)
    both = [
        Worker(database, clock, network.rest(), "worker-1").tick,
        lane_of(database, clock, network.rest()).tick,
    ]
    threads = [threading.Thread(target=tick) for tick in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert states(database)[:2] == ["sent", "sent"]
    assert (network.texts(ANA.number), network.texts(SAM.number)) == ([PAGE], [PAGE])


def test_what_it_could_not_send_is_counted_with_the_workers_and_comes_again(
    database: Database, clock: ManualClock, network: Network
) -> None:
    tally = Tally(TROUBLES)
    open_ticket(database)
    network.company.fail_rest(PlannedFailure(500, 20500), times=2)
    lane = lane_of(database, clock, network.rest(), tally=tally)
    lane.tick()
    assert tally.as_json()["messages"]["page_sms"]["delayed"] == 2
    clock.advance(seconds=10)
    lane.tick()
    assert (network.texts(ANA.number), notes(database)) == ([PAGE], [])


def test_it_pages_for_what_nobody_accepts_while_the_worker_stands_still(
    database: Database, clock: ManualClock, network: Network
) -> None:
    open_ticket(database)
    lane = lane_of(database, clock, network.rest())
    for _ in range(4):
        while lane.tick():
            pass
        clock.advance(minutes=1)
    assert len(network.texts(ANA.number)) >= 2


def test_what_one_thread_sent_while_the_database_went_away_the_other_does_not_send_again(
    database: Database, clock: ManualClock
) -> None:
    outcomes, carrier = PendingOutcomes(database), Carrier()
    worker = Worker(database, clock, carrier, "worker-1", outcomes=outcomes)
    open_ticket(database)
    sender = Sender(database, clock, carrier, Tally(TROUBLES), outcomes=outcomes)
    messages, numbers = database.write(sender._claim)
    for message in messages:
        outcomes.add(sender._send(message, numbers[message.clinic_id]))
    # The database was away for longer than a claim lasts.
    clock.advance(seconds=LEASE.total_seconds() + 1)
    worker.tick()
    first = {message.id for message in messages}
    sent = [one for one in stored_messages(database) if one.id in first]
    assert [(one.state, one.attempts) for one in sent] == [("sent", 1)] * 2


def test_an_outcome_that_cannot_be_stored_holds_up_no_other(database: Database) -> None:
    stored: list[str] = []

    def faulty(_session: Session) -> None:
        raise RuntimeError("a fault that nobody foresaw")

    outcomes = PendingOutcomes(database)
    outcomes.add(faulty)
    outcomes.add(lambda _session: stored.append("the next"))
    for _ in range(2):
        outcomes.record()
    assert stored == ["the next"]


class _EndsByItself:
    """A loop that a fault has ended."""

    def run(self, stop: threading.Event) -> None: ...


class _Waits:
    """A loop that works until it is told to stop."""

    def run(self, stop: threading.Event) -> None:
        assert stop.wait(SECONDS)


def test_where_one_thread_ends_by_itself_the_process_ends_and_says_so() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        assert not run_until_signalled(_Waits(), _EndsByItself())
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_it_ends_when_it_is_told_to(database: Database, clock: ManualClock) -> None:
    stop = threading.Event()
    carrier = Carrier(stop.set)
    open_ticket(database)
    lane = lane_of(database, clock, carrier)
    thread = threading.Thread(target=partial(lane.run, stop))
    thread.start()
    thread.join(SECONDS)
    assert not thread.is_alive()
    assert len(carrier.taken) == 1
    assert states(database)[:2].count("sent") == 1


def test_a_fault_nobody_foresaw_does_not_end_it(database: Database, clock: ManualClock) -> None:
    stop = threading.Event()

    def break_down() -> None:
        clock.advance(minutes=2)
        raise RuntimeError("a fault that nobody foresaw")

    carrier = Carrier(break_down, lambda: None, lambda: None, stop.set)
    open_ticket(database)
    lane_of(database, clock, carrier).run(stop)
    assert {ANA.number, SAM.number} <= set(carrier.taken)
