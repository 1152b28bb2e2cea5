"""How far back the worker looks for texts that nobody stored, and how many it takes at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import cast

import pytest
from sqlalchemy import select, update

from ivr.call.lines import lines_of
from ivr.messages.incoming_tables import ReceivedText
from ivr.messages.list_looks import TextListLook
from ivr.messages.tables import DeskTask
from ivr.messages.telephony import CarrierError, ListedCall, ListedText, Trouble
from ivr.recovery.looks import RETRY_AFTER, Recovery
from ivr.recovery.texts import AT_ONCE, KNOWN_FOR, SETTLED_AFTER
from ivr.settings import PACKAGED_CLINICS
from ivr.worker_process import create_worker
from scheduling.database import Database
from tests.clock import ManualClock
from tests.oncall.clinic import CLINIC, LINE, LINK_BASE, PATIENT
from tests.product import demo_clinic, settings_for
from tests.worker.test_worker import Carrier

NOT_A_TEXT = cast("str", None)
"""What makes a text that cannot be stored."""

LINES = lines_of({CLINIC: demo_clinic()}, link_base=LINK_BASE)


class ListingCarrier(Carrier):
    """Its list of texts is what the test says; it fails as often as the test says."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[ListedText] = []
        self.calls: list[ListedCall] = []
        self.failures = 0
        self.asked = 0

    def list_received(self, *, since: datetime, to: str) -> list[ListedText]:
        """Those that fit."""
        self.asked += 1
        if self.failures:
            self.failures -= 1
            raise CarrierError(Trouble.CARRIER_TROUBLE, http_status=500)
        return [one for one in self.texts if one.created_at >= since and one.to_number == to]

    def list_calls(
        self, *, since: datetime, to: str | None = None, from_: str | None = None
    ) -> list[ListedCall]:
        """Those that fit."""
        return [
            one
            for one in self.calls
            if one.started_at >= since and (one.to_number == to or one.from_number == from_)
        ]

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
    clock.advance(minutes=5)
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
    carrier.took("SM1", clock.now - timedelta(minutes=6))
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
            update(TextListLook).values(began_at=long_ago, looked_at=long_ago)
        )
    )
    carrier.took("SM1", long_ago)
    carrier.took("SM2", clock.now - KNOWN_FOR)
    recovery.look_if_due()
    assert found(database) == ["SM2"]


def test_more_texts_than_one_look_takes_are_all_found_the_urgent_ones_first(
    database: Database, recovery: Recovery, clock: ManualClock, carrier: ListingCarrier
) -> None:
    sids = [f"SM{number:03}" for number in range(AT_ONCE + 3)]
    for age, sid in enumerate(reversed(sids)):
        carrier.took(sid, clock.now - SETTLED_AFTER - timedelta(milliseconds=age))
    carrier.texts[0] = replace(carrier.texts[0], body="my pump is beeping")
    assert recovery.look_if_due() == 1
    assert found(database) == [*sids[: AT_ONCE - 1], sids[-1]]
    recovery.look_if_due()
    assert found(database) == sids


def test_texts_that_cannot_be_stored_hold_up_no_other_and_do_not_make_the_worker_spin(
    database: Database, recovery: Recovery, clock: ManualClock, carrier: ListingCarrier
) -> None:
    for number in range(AT_ONCE + 1):
        carrier.took(f"SM{number:03}", clock.now - timedelta(minutes=3), body=NOT_A_TEXT)
    carrier.took("SMlast", clock.now - SETTLED_AFTER)
    recovery.look_if_due()
    assert found(database) == ["SMlast"]
    carrier.asked = 0
    recovery.look_if_due()
    assert carrier.asked == 0


def test_a_carrier_that_fails_is_asked_again_soon_about_the_same_time(
    database: Database, recovery: Recovery, clock: ManualClock, carrier: ListingCarrier
) -> None:
    carrier.took("SM1", clock.now - SETTLED_AFTER)
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
    carrier.took("SM1", clock.now - timedelta(minutes=3), body=NOT_A_TEXT)
    carrier.took("SM2", clock.now - SETTLED_AFTER)
    recovery.look_if_due()
    assert found(database) == ["SM2"]
    clock.advance(hours=2)
    carrier.texts[0] = replace(carrier.texts[0], body="Hello?")
    recovery.look_if_due()
    assert found(database) == ["SM1", "SM2"]


def test_two_workers_that_find_it_at_once_store_it_once(
    database: Database, recovery: Recovery, clock: ManualClock, carrier: ListingCarrier
) -> None:
    carrier.took("SM1", clock.now - SETTLED_AFTER)
    other = Recovery(database, clock, carrier, LINK_BASE, LINES)
    for one in (recovery, other):
        one.look_if_due()
    stored = database.read(lambda session: session.scalars(select(ReceivedText.source)).all())
    assert (stored, found(database)) == (["SM1"], ["SM1"])


def test_texts_of_a_line_that_no_file_tells_of_are_found_once_one_does(
    database: Database, recovery: Recovery, clock: ManualClock, carrier: ListingCarrier
) -> None:
    carrier.took("SM1", clock.now)
    without_files = Recovery(database, clock, carrier, LINK_BASE, {})
    for _ in range(3):
        clock.advance(hours=2)
        assert without_files.look_if_due() == 0
    assert found(database) == []
    Recovery(database, clock, carrier, LINK_BASE, LINES).look_if_due()
    assert found(database) == ["SM1"]


def test_a_clinic_whose_texts_cannot_be_listed_from_its_first_day_on_loses_no_call(
    database: Database, clock: ManualClock, carrier: ListingCarrier
) -> None:
    recovery = Recovery(database, clock, carrier, LINK_BASE, LINES)
    carrier.failures = 3
    recovery.look_if_due()
    began = clock.now + timedelta(seconds=10)
    ended = began + timedelta(seconds=20)
    carrier.calls.append(ListedCall("CA1", PATIENT, LINE, began, ended, None))
    carrier.took("SM1", began)
    clock.advance(minutes=5)
    assert recovery.look_if_due() == 1
    clock.advance(minutes=5)
    recovery.look_if_due()
    clock.advance(minutes=5)
    recovery.look_if_due()
    assert found(database) == ["SM1"]


def test_the_worker_shows_that_it_lives_between_two_lists(
    database: Database, clock: ManualClock, carrier: ListingCarrier, recovery: Recovery
) -> None:
    beats: list[int] = []
    recovery.after_each = lambda: beats.append(carrier.asked)
    carrier.asked = 0
    recovery.look_if_due()
    assert beats == [0, 1]


def test_files_that_cannot_be_read_keep_no_worker_from_sending(
    database_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "demo"
    copytree(PACKAGED_CLINICS / "demo", folder)
    with (folder / "procedure.en.toml").open("a") as file:
        file.write("\n[signed]\nreviewed = 2026-11-01\n")
    settings = settings_for(database_url, api_base="http://127.0.0.1:9").model_copy(
        update={"clinics_dir": tmp_path}
    )
    worker, lane = create_worker(settings)
    assert worker.tick() == 0
    assert lane is not None
    worker._database.dispose()
