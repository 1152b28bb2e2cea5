"""The worker, from a ticket to the text on the nurse's phone, over the carrier's REST API."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from ivr.messages import claiming, desk_tasks, heartbeat, outbox
from ivr.messages.backoff import MOST_ATTEMPTS
from ivr.messages.outcome_words import OUTCOME, STAFF_NEXT
from ivr.messages.telephony import ListedCall, ListedText
from ivr.oncall import acceptance, leaving
from ivr.sending import BATCH, LEASE
from ivr.simulator.testing import PlannedFailure
from ivr.worker import Worker
from scheduling.database import Database
from tests.clock import ManualClock
from tests.oncall.clinic import (
    ANA,
    CLINIC,
    LINE,
    OTHER_LINE,
    SAM,
    load_clinic,
    messages,
    open_ticket,
)
from tests.worker.network import Network

PAGE = "Dr. Fura's clinic: urgent ticket 1 is waiting. https://line.example/frontdesk/tickets/1"


@pytest.fixture
def worker(database: Database, clock: ManualClock, network: Network) -> Worker:
    """A worker on the phone company."""
    return Worker(database, clock, network.rest(), "worker-1")


def states(database: Database) -> list[str]:
    """Of every message there ever was."""
    return [message.state for message in messages(database)]


def notes(database: Database) -> list[str]:
    """What the desk reads of what could not be sent."""
    tasks = database.read(lambda session: desk_tasks.open_tasks(session, CLINIC))
    return [task.note for task in tasks if task.kind == "page_failed"]


def test_a_minute_after_the_ticket_everybody_on_call_has_a_text(
    database: Database, worker: Worker, network: Network, clock: ManualClock
) -> None:
    open_ticket(database)
    assert worker.tick() == 2
    assert network.texts(ANA.number) == network.texts(SAM.number) == [PAGE]
    first = messages(database)[0]
    assert (first.state, first.sent_at) == ("sent", clock.now)
    assert first.provider_id in network.company.exchange.messaging.messages
    assert worker.tick() == 0


def test_a_worker_that_was_away_tells_the_desk_what_it_missed(
    database: Database, worker: Worker, clock: ManualClock
) -> None:
    open_ticket(database)
    clock.advance(minutes=5)
    worker.tick()
    tasks = database.read(lambda session: desk_tasks.open_tasks(session, CLINIC))
    told = [task.note.partition(".")[0] for task in tasks if task.kind == "audit"]
    assert told == [
        "Ticket 1: nobody's phone was rung while the caller waited",
        "Ticket 1: on-call staff were not called",
    ]


def test_nobody_is_paged_before_the_minute_is_over(
    database: Database, worker: Worker, network: Network, clock: ManualClock
) -> None:
    open_ticket(database)
    clock.advance(seconds=-1)
    assert worker.tick() == 0
    assert network.texts(ANA.number) == []


def test_a_caller_who_hangs_up_has_everybody_paged_at_the_next_tick(
    database: Database, worker: Worker, network: Network, clock: ManualClock
) -> None:
    open_ticket(database)
    clock.advance(seconds=-50)
    assert worker.tick() == 0
    database.write(
        lambda session: leaving.caller_left(
            session, clinic_id=CLINIC, call_sid="CA1", now=clock.now
        )
    )
    # A text and a call each.
    assert worker.tick() == 4
    assert network.texts(SAM.number) == [PAGE]
    assert network.company.phone(ANA.number).ringing
    assert network.company.phone(SAM.number).ringing


def test_acceptance_before_the_minute_is_over_pages_nobody(
    database: Database, worker: Worker, network: Network, clock: ManualClock
) -> None:
    ticket = open_ticket(database)
    database.write(
        lambda session: acceptance.accept(
            session, clinic_id=CLINIC, ticket_id=ticket.id, person_key="ana", now=clock.now
        )
    )
    assert worker.tick() == 0
    assert network.texts(ANA.number) == []


def test_a_carrier_that_asks_to_wait_is_given_its_time(
    database: Database, worker: Worker, network: Network, clock: ManualClock
) -> None:
    open_ticket(database)
    network.company.fail_rest(PlannedFailure(http_status=429, code=20429), times=2)
    assert worker.tick() == 2
    assert worker.tick() == 0
    clock.advance(seconds=1)
    assert worker.tick() == 2
    assert network.texts(ANA.number) == network.texts(SAM.number) == [PAGE]


def test_a_carrier_that_never_recovers_leaves_the_page_with_the_desk(
    database: Database, worker: Worker, network: Network, clock: ManualClock
) -> None:
    open_ticket(database)
    network.company.fail_rest(PlannedFailure(http_status=500, code=20500), times=1000)
    for _ in range(9):
        worker.tick()
        clock.advance(minutes=1)
    assert notes(database) == []
    worker.tick()
    assert len(notes(database)) == 2
    assert (
        "The telephone company had trouble (the telephone company's code 20500)"
        in (notes(database)[0])
    )
    assert network.texts(ANA.number) == []


def test_one_bad_number_goes_to_the_desk_and_the_other_page_goes_out(
    database: Database, worker: Worker, network: Network
) -> None:
    open_ticket(database)
    network.company.fail_rest(PlannedFailure(http_status=400, code=21211))
    assert worker.tick() == 2
    assert (network.texts(ANA.number), network.texts(SAM.number)) == ([], [PAGE])
    (note,) = notes(database)
    assert note.endswith("(the telephone company's code 21211). " + STAFF_NEXT["number"])


def test_a_page_whose_answer_was_lost_is_sent_again_rather_than_not_at_all(
    database: Database, worker: Worker, network: Network, clock: ManualClock
) -> None:
    open_ticket(database)
    network.company.fail_rest(PlannedFailure(lost=True))
    worker.tick()
    clock.advance(seconds=2)
    worker.tick()
    assert network.texts(ANA.number) == [PAGE, PAGE]
    assert network.texts(SAM.number) == [PAGE]
    assert states(database) == ["sent", "sent"]


def test_a_page_that_falls_due_goes_out_before_ordinary_messages(
    database: Database, worker: Worker, network: Network, clock: ManualClock
) -> None:
    for number in range(BATCH + 2):
        database.write(
            lambda session, number=number: outbox.enqueue(  # type: ignore[misc]  # mypy cannot infer a lambda with a default
                session,
                clinic_id=CLINIC,
                kind="page_sms",
                lane="ordinary",
                subject=f"visit:{number}",
                to_number=ANA.number,
                body=f"Reminder {number}",
                due_at=clock.now - timedelta(hours=1),
                now=clock.now,
            )
        )
    open_ticket(database)
    assert worker.tick() == 2
    assert network.texts(ANA.number) == [PAGE]
    assert network.texts(SAM.number) == [PAGE]


def test_each_tick_says_that_the_worker_lives(
    database: Database, worker: Worker, clock: ManualClock
) -> None:
    assert database.read(heartbeat.last_beat) is None
    worker.tick()
    first = clock.now
    clock.advance(seconds=4)
    worker.tick()
    assert database.read(heartbeat.last_beat) == first
    clock.advance(seconds=1)
    worker.tick()
    assert database.read(heartbeat.last_beat) == clock.now


def test_workers_gone_for_a_day_are_forgotten(
    database: Database, worker: Worker, network: Network, clock: ManualClock
) -> None:
    worker.tick()
    clock.advance(hours=25)
    Worker(database, clock, network.rest(), "worker-2").tick()
    # The first still runs: it comes back with its next beat.
    worker.tick()
    assert database.read(heartbeat.last_beat) == clock.now


def test_a_message_that_kills_its_workers_ends_with_the_desk(
    database: Database, worker: Worker, network: Network, clock: ManualClock
) -> None:
    open_ticket(database)
    for _ in range(MOST_ATTEMPTS):
        # Claimed, and never heard of again.
        database.write(lambda session: claiming.claim(session, now=clock.now, limit=9, lease=LEASE))
        clock.advance(minutes=1)
    worker.tick()
    assert states(database)[:2] == ["failed", "failed"]
    assert OUTCOME["undecided"] in notes(database)[0]
    assert network.texts(ANA.number) == []


class Carrier:
    """A telephone network of the test's own: does what the test says, then takes the message."""

    def __init__(self, *before: Callable[[], None]) -> None:
        self.before = list(before)
        self.taken: list[str] = []

    def send_sms(self, *, to: str, from_: str, body: str, status_callback: str | None) -> str:
        """Take it."""
        if self.before:
            self.before.pop(0)()
        self.taken.append(to)
        return f"SM{len(self.taken)}"

    def hang_up(self, call_sid: str) -> None:
        """Nobody rings here."""

    def delete_recording(self, sid: str) -> None:
        """Nothing is recorded here."""

    def place_call(
        self,
        *,
        to: str,
        from_: str,  # a telephone network's own signature
        url: str,  # the same
        status_callback: str | None,  # the same
        timeout_seconds: int,  # the same
        detect_machine: bool = False,  # the same
    ) -> str:
        """Take it."""
        return self.send_sms(to=to, from_="", body="", status_callback=None)

    def list_calls(
        self, *, since: datetime, to: str | None = None, from_: str | None = None
    ) -> list[ListedCall]:
        """Nobody ever called."""
        return []

    def list_texts(self, *, since: datetime, to: str, from_: str) -> list[ListedText]:
        """Nobody ever asks: pages may come twice."""
        return []

    def list_received(self, *, since: datetime, to: str) -> list[ListedText]:
        """Nobody ever wrote."""
        return []


def test_a_fault_in_sending_one_message_does_not_end_the_worker(
    database: Database, clock: ManualClock
) -> None:
    stop = threading.Event()

    def break_down() -> None:
        clock.advance(seconds=LEASE.total_seconds())
        raise RuntimeError("a fault that nobody foresaw")

    # Once its claim has lapsed the calls are due as well.
    carrier = Carrier(break_down, *[lambda: None] * 3, stop.set)
    open_ticket(database)
    Worker(database, clock, carrier, "worker-1").run(stop)
    assert sorted(carrier.taken) == [ANA.number, ANA.number, SAM.number, SAM.number]
    assert states(database) == ["sent"] * 4


def test_a_worker_told_to_stop_finishes_the_message_in_hand_and_gives_back_the_rest(
    database: Database, clock: ManualClock
) -> None:
    stop = threading.Event()
    carrier = Carrier(stop.set)
    open_ticket(database)
    Worker(database, clock, carrier, "worker-1").run(stop)
    assert carrier.taken == [ANA.number]
    assert states(database) == ["sent", "pending"]
    assert Worker(database, clock, Carrier(), "worker-2").tick() == 1


def test_a_worker_slower_than_its_claim_sends_only_what_is_still_its_own(
    database: Database, clock: ManualClock
) -> None:
    carrier = Carrier(lambda: clock.advance(seconds=55))
    open_ticket(database)
    assert Worker(database, clock, carrier, "worker-1").tick() == 1
    assert carrier.taken == [ANA.number]
    other = Carrier()
    Worker(database, clock, other, "worker-2").tick()
    assert other.taken == [ANA.number, SAM.number, SAM.number]
    assert states(database)[:2] == ["sent", "sent"]


def test_what_is_sent_carries_the_number_of_its_own_clinic(
    database: Database, worker: Worker, network: Network
) -> None:
    load_clinic(database, SAM, clinic_id="other")
    open_ticket(database)
    open_ticket(database, clinic_id="other")
    assert worker.tick() == 3
    sent = network.company.exchange.messaging.messages.values()
    assert {(text.from_number, text.to_number) for text in sent} == {
        (LINE, ANA.number),
        (LINE, SAM.number),
        (OTHER_LINE, SAM.number),
    }
