"""What two transactions do to one pump's recall, where they can meet: on PostgreSQL.

On SQLite one writer runs after the other, so there is nothing to interleave.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from scheduling import directory, pumps, recalls
from scheduling.database import Database
from scheduling.refill_recalls import refill_type
from scheduling.tables import Recall, Visit
from tests.scheduling.refills.sample import DUE, TUESDAY, recall_of, recalls_of, visit_to
from tests.scheduling.sample import CLINIC, NOW, WITH_REFILLS, by_desk
from tests.scheduling.test_lock_order import Meanwhile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from scheduling.tables import Pump


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    """The sample clinic with refills, on PostgreSQL."""
    database = Database(postgresql_url, budget_seconds=30)
    database.write(lambda session: directory.load_clinic(session, WITH_REFILLS))
    yield database
    database.dispose()


def booking(session: Session, pump: Pump, day: date) -> Visit:
    """Store a refill and tell the recalls."""
    visit = visit_to(session, pump, day)
    recalls.visit_booked(session, visit, by_desk())
    return visit


def test_two_refills_booked_at_once_leave_the_recall_with_the_first_of_them(
    database: Database, pump: Pump
) -> None:
    later = Meanwhile(database, partial(booking, pump=pump, day=TUESDAY + timedelta(days=1)))

    def work(session: Session) -> Visit:
        visit = booking(session, pump, TUESDAY)
        later.start_and_block()
        return visit

    first = database.write(work)
    assert not later.is_refused()
    assert recall_of(database, pump).visit_id == first.id


def test_whoever_opens_a_recall_that_another_has_just_opened_takes_that_one(
    database: Database, pump: Pump
) -> None:
    database.write(lambda session: session.execute(update(Recall).values(status="dropped")))
    later = Meanwhile(database, partial(booking, pump=pump, day=TUESDAY))

    def opening(session: Session) -> Recall:
        # Past our code, which would have locked the pump.
        opened = Recall(
            clinic_id=CLINIC,
            patient_id=pump.patient_id,
            visit_type_id=refill_type(session, CLINIC).id,
            pump_id=pump.id,
            due_on=DUE,
            opened_at=NOW + timedelta(hours=1),
        )
        session.add(opened)
        session.flush()
        later.start_and_block()
        return opened

    opened = database.write(opening)
    assert not later.is_refused()
    _, live = database.read(lambda session: recalls_of(session, pump))
    assert (live.id, live.status) == (opened.id, "booked")


def test_a_pump_registered_twice_by_one_request_at_once_is_one_pump(
    database: Database, pump: Pump
) -> None:
    def registering(session: Session) -> None:
        pumps.register_pump(
            session,
            clinic_id=CLINIC,
            patient_id=pump.patient_id,
            alarm_on=date(2027, 1, 20),
            stable_until=None,
            filled_on=None,
            label="left",
            request=by_desk("a click"),
        )

    later = Meanwhile(database, registering)

    def work(session: Session) -> None:
        registering(session)
        later.start_and_block()

    database.write(work)
    assert not later.is_refused()
    active = database.read(lambda session: pumps.active_pumps(session, CLINIC, pump.patient_id))
    assert sorted(str(one.label) for one in active) == ["None", "left"]
