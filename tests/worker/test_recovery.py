"""When the worker looks through the carrier's list of calls, and how far back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ivr.call.tables import CallRow
from ivr.messages.list_looks import CallListLook
from ivr.messages.telephony import CarrierError, ListedCall, Trouble
from ivr.oncall.tables import Ticket
from ivr.recovery.looks import LOOK_EVERY, RETRY_AFTER, Recovery
from ivr.recovery.reach import REACH
from ivr.worker import Worker
from scheduling.database import Database
from tests.clock import ManualClock
from tests.oncall.clinic import CLINIC, LINE, LINK_BASE, OTHER_LINE, PATIENT, load_clinic
from tests.worker.test_worker import Carrier


class ListingCarrier(Carrier):
    """Its list of calls is what the test says; it fails as often as the test says."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[ListedCall] = []
        self.asked: list[tuple[str, datetime]] = []
        self.failures = 0
        self.faulty = ""

    def list_calls(
        self, *, since: datetime, to: str | None = None, from_: str | None = None
    ) -> list[ListedCall]:
        """Those that fit."""
        if self.faulty in (to, from_):
            raise LookupError("a fault of ours")
        if self.failures:
            self.failures -= 1
            raise CarrierError(Trouble.CARRIER_TROUBLE, http_status=500)
        if to is not None:
            self.asked.append((to, since))
        return [
            call
            for call in self.calls
            if call.started_at >= since and (call.to_number == to or call.from_number == from_)
        ]

    def missed(self, sid: str, at: datetime, *, to: str = LINE) -> None:
        """A call of 20 s that nothing of ours knows."""
        ended = at + timedelta(seconds=20)
        self.calls.append(ListedCall(sid, PATIENT, to, at, ended, None))


@pytest.fixture
def carrier() -> ListingCarrier:
    return ListingCarrier()


@pytest.fixture
def recovery(database: Database, clock: ManualClock, carrier: ListingCarrier) -> Recovery:
    """Of a worker whose first look lies behind it."""
    recovery = Recovery(database, clock, carrier, LINK_BASE, {})
    recovery.look_if_due()
    clock.advance(minutes=2)
    return recovery


def tickets(database: Database) -> list[str]:
    """The calls that have one."""
    return database.read(
        lambda session: list(session.scalars(select(Ticket.call_sid).order_by(Ticket.call_sid)))
    )


def test_what_was_before_the_first_look_is_none_of_ours(
    database: Database, clock: ManualClock, carrier: ListingCarrier
) -> None:
    carrier.missed("CA1", clock.now - timedelta(minutes=1))
    recovery = Recovery(database, clock, carrier, LINK_BASE, {})
    for _ in range(3):
        assert recovery.look_if_due() == 0
        clock.advance(minutes=2)


def test_it_looks_once_a_minute(
    recovery: Recovery, clock: ManualClock, carrier: ListingCarrier
) -> None:
    carrier.asked.clear()
    for _ in range(4):
        recovery.look_if_due()
        clock.advance(seconds=LOOK_EVERY.total_seconds() / 2)
    assert len(carrier.asked) == 2


def test_a_call_is_found_once_and_its_row_is_whole(
    database: Database, recovery: Recovery, clock: ManualClock, carrier: ListingCarrier
) -> None:
    began = clock.now - timedelta(minutes=1)
    carrier.missed("CA1", began)
    assert recovery.look_if_due() == 1
    clock.advance(minutes=2)
    assert recovery.look_if_due() == 0
    row = database.read(lambda session: session.get_one(CallRow, (CLINIC, "CA1")))
    assert (row.from_number, row.started_at) == (PATIENT, began)
    assert (row.ended_at, row.ended_as) == (began + timedelta(seconds=20), "not reported")


def test_after_a_long_absence_it_reaches_back_to_the_look_before(
    database: Database, recovery: Recovery, clock: ManualClock, carrier: ListingCarrier
) -> None:
    recovery.look_if_due()
    last = clock.now
    carrier.missed("CA1", clock.now + timedelta(seconds=30))
    clock.advance(hours=20)
    # Another process, which has nothing in mind.
    assert Recovery(database, clock, carrier, LINK_BASE, {}).look_if_due() == 1
    assert carrier.asked[-1][1] >= last - REACH


def test_a_carrier_that_fails_is_asked_again_soon_about_the_same_time(
    database: Database, recovery: Recovery, clock: ManualClock, carrier: ListingCarrier
) -> None:
    carrier.missed("CA1", clock.now - timedelta(minutes=1))
    carrier.failures = 2
    for _ in range(2):
        assert recovery.look_if_due() == 0
        assert recovery.look_if_due() == 0
        clock.advance(seconds=RETRY_AFTER.total_seconds())
    assert recovery.look_if_due() == 1
    assert tickets(database) == ["CA1"]


def test_a_failing_look_keeps_no_page_from_being_sent(
    database: Database, clock: ManualClock, carrier: ListingCarrier
) -> None:
    carrier.missed("CA1", clock.now)
    recovery = Recovery(database, clock, carrier, LINK_BASE, {})
    recovery.look_if_due()
    clock.advance(minutes=1)
    recovery.look_if_due()
    carrier.failures = 100
    clock.advance(minutes=1)
    assert Worker(database, clock, carrier, "worker-1", recovery).tick() > 0


def test_after_the_database_was_away_it_looks_at_once(
    recovery: Recovery, clock: ManualClock, carrier: ListingCarrier
) -> None:
    recovery.look_if_due()
    carrier.missed("CA1", clock.now - timedelta(seconds=30))
    assert recovery.look_if_due() == 0
    recovery.look_soon()
    assert recovery.look_if_due() == 1


def test_an_old_call_whose_end_is_missing_is_looked_up_however_long_ago_it_began(
    database: Database, recovery: Recovery, clock: ManualClock, carrier: ListingCarrier
) -> None:
    began = clock.now - timedelta(hours=3)
    carrier.missed("CA1", began)

    def store(session: Session) -> None:
        session.add(
            CallRow(clinic_id=CLINIC, call_sid="CA1", from_number=PATIENT, started_at=began)
        )
        ended = CallRow(clinic_id=CLINIC, call_sid="CA0", started_at=began)
        ended.ended_at, ended.ended_as = clock.now, "completed"
        session.add(ended)
        session.execute(update(CallListLook).values(began_at=began))

    database.write(store)
    assert recovery.look_if_due() == 1
    assert tickets(database) == ["CA1"]


def test_each_clinic_is_looked_after_by_its_own_line(
    database: Database, clock: ManualClock, carrier: ListingCarrier
) -> None:
    load_clinic(database, clinic_id="other")
    recovery = Recovery(database, clock, carrier, LINK_BASE, {})
    recovery.look_if_due()
    clock.advance(minutes=2)
    carrier.missed("CA1", clock.now - timedelta(minutes=1), to=OTHER_LINE)
    assert recovery.look_if_due() == 1
    owner = database.read(lambda session: session.scalar(select(Ticket.clinic_id)))
    assert owner == "other"
    assert {number for number, _ in carrier.asked} == {LINE, OTHER_LINE}


def test_what_is_wrong_with_one_clinic_keeps_nobody_elses_calls_from_being_found(
    database: Database, clock: ManualClock, carrier: ListingCarrier
) -> None:
    load_clinic(database, clinic_id="other")
    recovery = Recovery(database, clock, carrier, LINK_BASE, {})
    recovery.look_if_due()
    clock.advance(minutes=2)
    carrier.faulty = LINE
    carrier.missed("CA1", clock.now - timedelta(minutes=1), to=OTHER_LINE)
    assert recovery.look_if_due() == 1


def test_two_workers_that_find_it_at_once_make_one_ticket(
    database: Database, recovery: Recovery, clock: ManualClock, carrier: ListingCarrier
) -> None:
    carrier.missed("CA1", clock.now - timedelta(minutes=1))
    other = Recovery(database, clock, carrier, LINK_BASE, {})
    assert recovery.look_if_due() == 1
    assert other.look_if_due() == 0
    assert tickets(database) == ["CA1"]
