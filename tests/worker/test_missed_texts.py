"""How far back the worker looks for texts that nobody stored, and how many it takes at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

import pytest
from sqlalchemy import select, update

from ivr.call.lines import lines_of
from ivr.call.tables import CallListLook
from ivr.messages.incoming_tables import ReceivedText
from ivr.messages.tables import DeskTask
from ivr.messages.telephony import CarrierError, ListedText, Trouble
from ivr.recovery.looks import RETRY_AFTER, Recovery
from ivr.recovery.texts import AT_ONCE, KNOWN_FOR
from scheduling.database import Database
from tests.clock import ManualClock
from tests.oncall.clinic import CLINIC, LINE, LINK_BASE, PATIENT, load_clinic
from tests.product import demo_clinic
from tests.worker.test_worker import Carrier

LINES = lines_of({CLINIC: demo_clinic()}, link_base=LINK_BASE)


class ListingCarrier(Carrier):
    """Its list of texts is what the test says; it fails as often as the test says."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[ListedText] = []
        self.failures = 0

    def list_received(self, *, since: datetime, to: str) -> list[ListedText]:
        """Those that fit."""
        if self.failures:
            self.failures -= 1
            raise CarrierError(Trouble.CARRIER_TROUBLE, http_status=500)
        return [one for one in self.texts if one.created_at >= since and one.to_number == to]

    def took(self, sid: str, at: datetime, *, to: str = LINE, body: str = "Hello?") -> None:
        """A text that nothing of ours knows."""
        self.texts.append(ListedText(sid, PATIENT, to, body, at))


@pytest.fixture
def carrier() -> ListingCarrier:
    return ListingCarrier()


@pytest.fixture
def recovery(database: Database, clock: ManualClock, carrier: ListingCarrier) -> Recovery:
    """Of a worker whose first look lies behind it."""
    recovery = Recovery(database, clock, carrier, LINK_BASE, LINES)
    recovery.look_if_due()
    clock.advance(minutes=2)
    return recovery


def found(database: Database) -> list[str]:
    """The texts that the desk has."""
    return database.read(
        lambda session: [
            str(source)
            for source in session.scalars(select(DeskTask.source).order_by(DeskTask.source))
        ]
    )


def test_what_was_before_the_first_look_is_none_of_ours(
    database: Database, recovery: Recovery, clock: ManualClock, carrier: ListingCarrier
) -> None:
    carrier.took("SM1", clock.now - timedelta(minutes=3))
    recovery.look_if_due()
    assert found(database) == []


def test_after_a_long_absence_it_reaches_back_to_the_look_before(
    database: Database, recovery: Recovery, clock: ManualClock, carrier: ListingCarrier
) -> None:
    carrier.took("SM1", clock.now)
    clock.advance(days=3)
    recovery.look_if_due()
    assert found(database) == ["SM1"]


def test_it_never_reaches_back_to_where_what_was_stored_may_have_been_forgotten(
    database: Database, recovery: Recovery, clock: ManualClock, carrier: ListingCarrier
) -> None:
    long_ago = clock.now - KNOWN_FOR - timedelta(minutes=1)
    database.write(
        lambda session: session.execute(
            update(CallListLook).values(began_at=long_ago, looked_at=long_ago)
        )
    )
    carrier.took("SM1", long_ago)
    carrier.took("SM2", clock.now - KNOWN_FOR)
    recovery.look_if_due()
    assert found(database) == ["SM2"]


def test_more_texts_than_one_look_takes_are_all_found_the_oldest_first(
    database: Database, recovery: Recovery, clock: ManualClock, carrier: ListingCarrier
) -> None:
    sids = [f"SM{number:03}" for number in range(AT_ONCE + 3)]
    for age, sid in enumerate(reversed(sids)):
        carrier.took(sid, clock.now - timedelta(minutes=1, milliseconds=age))
    recovery.look_if_due()
    assert found(database) == sids[:AT_ONCE]
    recovery.look_if_due()
    assert found(database) == sids


def test_a_carrier_that_fails_is_asked_again_soon_about_the_same_time(
    database: Database, recovery: Recovery, clock: ManualClock, carrier: ListingCarrier
) -> None:
    carrier.took("SM1", clock.now - timedelta(minutes=1))
    carrier.failures = 1
    recovery.look_if_due()
    assert found(database) == []
    clock.advance(seconds=RETRY_AFTER.total_seconds())
    recovery.look_if_due()
    assert found(database) == ["SM1"]


def test_a_text_that_cannot_be_stored_keeps_no_other_from_the_desk_and_is_tried_again(
    database: Database,
    recovery: Recovery,
    clock: ManualClock,
    carrier: ListingCarrier,
) -> None:
    carrier.took("SM1", clock.now - timedelta(minutes=2), body=cast("str", None))
    carrier.took("SM2", clock.now - timedelta(minutes=1))
    recovery.look_if_due()
    assert found(database) == ["SM2"]
    clock.advance(hours=2)
    carrier.texts[0] = replace(carrier.texts[0], body="Hello?")
    recovery.look_if_due()
    assert found(database) == ["SM1", "SM2"]


def test_two_workers_that_find_it_at_once_store_it_once(
    database: Database, recovery: Recovery, clock: ManualClock, carrier: ListingCarrier
) -> None:
    carrier.took("SM1", clock.now - timedelta(minutes=1))
    other = Recovery(database, clock, carrier, LINK_BASE, LINES)
    for one in (recovery, other):
        one.look_if_due()
    stored = database.read(lambda session: session.scalars(select(ReceivedText.source)).all())
    assert (stored, found(database)) == (["SM1"], ["SM1"])


def test_a_line_whose_words_are_not_known_is_left_to_whoever_knows_them(
    database: Database, clock: ManualClock, carrier: ListingCarrier
) -> None:
    load_clinic(database, clinic_id="other")
    recovery = Recovery(database, clock, carrier, LINK_BASE, {})
    recovery.look_if_due()
    clock.advance(minutes=2)
    carrier.took("SM1", clock.now - timedelta(minutes=1))
    assert recovery.look_if_due() == 0
    assert found(database) == []
