"""A refill from its recall to the next one, through the steps that the phone and the desk take.

Ann's alarm is on 20 December 2026, margin 7: due on Sunday the 13th. 21 days before is 22
November, and the drug takes 3 days from Monday 30 November: so she may come from 3 December on.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from scheduling import booking, visits
from scheduling.errors import (
    InvalidInput,
    NotBookable,
    RefillNeedsReplacement,
    RefillOutcomeMissing,
    Refusal,
    SlotTaken,
)
from scheduling.pumps import RefillOutcome
from scheduling.refill_rules import Standing
from scheduling.slots import Slot
from scheduling.tables import Provider, Pump, Recall, Visit, VisitEvent
from tests.scheduling.refills.sample import on, pump_of, recall_of, recalls_of
from tests.scheduling.sample import CLINIC, TTL, at, by_desk, patient, request

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from scheduling.database import Database
    from scheduling.requests import Request
    from scheduling.tables import Patient

MONDAY = date(2026, 11, 30)
DUE = date(2026, 12, 13)
OUTCOME = RefillOutcome(date(2027, 3, 20), date(2027, 3, 10))
"""min(20 March - 7, 10 March): the next refill is due on 10 March."""


@pytest.fixture
def pump(database: Database, ann: Patient) -> Pump:
    """Ann's."""
    return database.write(partial(pump_of, who=ann, alarm_on=date(2026, 12, 20)))


@pytest.fixture
def visit(database: Database, pump: Pump, ann: Patient) -> Visit:
    """Booked by phone for Tuesday 8 December, 8:00."""
    return book(database, ann, at(8, day=8), request("a call"))


def slot_at(session: Session, start: datetime) -> Slot:
    provider = session.scalars(select(Provider)).one()
    return Slot(
        clinic_id=CLINIC,
        visit_type_key="refill",
        provider_id=provider.id,
        provider_name=provider.name,
        room_id=None,
        starts_at=start,
        ends_at=start + timedelta(minutes=30),
    )


def book(database: Database, who: Patient, start: datetime, by: Request, **given: Any) -> Visit:
    """Hold and book a refill."""

    def work(session: Session) -> Visit:
        kept = booking.hold(
            session, slot=slot_at(session, start), holder=by.key, now=by.now, ttl=TTL
        )
        return booking.book_hold(
            session,
            clinic_id=CLINIC,
            hold_id=kept.id,
            patient_id=who.id,
            callback_number=None,
            request=by,
            **given,
        )

    return database.write(work)


def do(
    database: Database, what: Callable[..., Visit], visit: Visit, by: Request, **given: Any
) -> Visit:
    """One step, in a unit of work of its own."""
    return database.write(
        lambda session: what(session, clinic_id=CLINIC, visit_id=visit.id, request=by, **given)
    )


def move(database: Database, visit: Visit, start: datetime, by: Request) -> Visit:
    """Reschedule to a start, without a hold."""
    return database.write(
        lambda session: visits.reschedule(
            session,
            clinic_id=CLINIC,
            visit_id=visit.id,
            slot=slot_at(session, start),
            request=by,
        )
    )


def check_in(database: Database, visit: Visit) -> None:
    do(database, visits.check_in, visit, by_desk("here", now=at(8, day=8)))


def stored(database: Database, visit: Visit) -> Visit:
    return database.read(lambda session: session.get_one(Visit, (CLINIC, visit.id)))


def state_of(recall: Recall) -> tuple[str, object]:
    return recall.status, recall.visit_id


def test_booking_a_refill_books_its_recall(database: Database, pump: Pump, ann: Patient) -> None:
    assert on(database, MONDAY) == [(DUE, 13, Standing.DUE_SOON, "open")]
    visit = book(database, ann, at(8, day=8), request("a call"))
    assert visit.pump_id == pump.id
    assert state_of(recall_of(database, pump)) == ("booked", visit.id)
    assert on(database, MONDAY) == []


def test_of_two_pumps_a_refill_fills_the_one_that_is_named(
    database: Database, pump: Pump, ann: Patient
) -> None:
    left = database.write(partial(pump_of, who=ann, label="left", alarm_on=date(2026, 12, 18)))
    visit = book(database, ann, at(8, day=8), request("a call"), pump_id=pump.id)
    assert state_of(recall_of(database, pump)) == ("booked", visit.id)
    assert state_of(recall_of(database, left)) == ("open", None)


def test_cancelling_a_refill_at_the_desk_reopens_its_recall_at_once(
    database: Database, pump: Pump, visit: Visit
) -> None:
    do(database, visits.cancel, visit, by_desk(), reason="away that week")
    assert state_of(recall_of(database, pump)) == ("open", None)
    assert on(database, MONDAY) == [(DUE, 13, Standing.DUE_SOON, "open")]


def test_a_refill_is_not_cancelled_by_phone_or_message_and_stands(
    database: Database, pump: Pump, visit: Visit
) -> None:
    for channel in ("phone", "worker"):
        with pytest.raises(RefillNeedsReplacement):
            do(database, visits.cancel, visit, request(channel, channel=channel), reason="away")
    assert (stored(database, visit).status, stored(database, visit).version) == ("booked", 1)
    assert state_of(recall_of(database, pump)) == ("booked", visit.id)
    kinds = database.read(lambda session: session.scalars(select(VisitEvent.kind)).all())
    assert kinds == ["booked"]


def test_missing_a_refill_reopens_its_recall_at_once_and_coming_late_books_it_again(
    database: Database, pump: Pump, visit: Visit
) -> None:
    do(database, visits.miss, visit, by_desk("missed", now=at(8, 20, day=8)))
    assert state_of(recall_of(database, pump)) == ("open", None)
    assert on(database, date(2026, 12, 8)) == [(DUE, 5, Standing.DUE_SOON, "open")]
    do(database, visits.check_in, visit, by_desk("here", now=at(8, 25, day=8)))
    assert state_of(recall_of(database, pump)) == ("booked", visit.id)


def test_a_refill_is_moved_by_phone_together_with_its_replacement(
    database: Database, pump: Pump, visit: Visit
) -> None:
    moved = move(database, visit, at(9, day=9), request("another call"))
    assert (moved.id, moved.starts_at) == (visit.id, at(9, day=9))
    assert state_of(recall_of(database, pump)) == ("booked", visit.id)


def test_a_refill_whose_replacement_is_gone_keeps_its_time_and_its_recall(
    database: Database, pump: Pump, visit: Visit
) -> None:
    bob = database.write(partial(patient, name="Bob Lee", date_of_birth=date(1951, 1, 1)))
    database.write(partial(pump_of, who=bob, alarm_on=date(2026, 12, 20)))
    book(database, bob, at(9, day=9), request("Bob's call"))
    with pytest.raises(SlotTaken):
        move(database, visit, at(9, day=9), request("another call"))
    assert stored(database, visit).starts_at == at(8, day=8)
    assert state_of(recall_of(database, pump)) == ("booked", visit.id)


def test_a_patient_cannot_book_or_move_a_refill_past_its_due_date(
    database: Database, pump: Pump, visit: Visit, ann: Patient
) -> None:
    with pytest.raises(NotBookable) as refused:
        move(database, visit, at(8, day=14), request("another call"))
    assert refused.value.reason is Refusal.REFILL_TOO_LATE
    with pytest.raises(NotBookable):
        book(database, ann, at(8, day=14), request("a third call"))
    assert stored(database, visit).starts_at == at(8, day=8)


def test_a_refill_that_the_desk_moves_past_its_due_date_is_on_the_overdue_list(
    database: Database, pump: Pump, visit: Visit
) -> None:
    move(database, visit, at(8, day=14), by_desk())
    assert on(database, MONDAY) == [(DUE, 13, Standing.OVERDUE, "booked")]


def test_a_refill_is_not_completed_without_its_new_alarm_date(
    database: Database, pump: Pump, visit: Visit
) -> None:
    check_in(database, visit)
    done = by_desk("done", now=at(9, day=8))
    with pytest.raises(RefillOutcomeMissing):
        do(database, visits.complete, visit, done)
    with pytest.raises(InvalidInput):
        do(database, visits.complete, visit, done, refill=RefillOutcome(date(2026, 12, 8), None))
    assert stored(database, visit).status == "checked_in"
    assert state_of(recall_of(database, pump)) == ("booked", visit.id)


def test_completing_a_refill_opens_the_next_recall_once(
    database: Database, pump: Pump, visit: Visit
) -> None:
    check_in(database, visit)
    done = by_desk("done", now=at(9, day=8))
    for _ in range(2):
        do(database, visits.complete, visit, done, refill=OUTCOME)
    before, following = database.read(lambda session: recalls_of(session, pump))
    assert state_of(before) == ("done", visit.id)
    assert (*state_of(following), following.due_on) == ("open", None, date(2027, 3, 10))
    filled = database.read(lambda session: session.get_one(Pump, (CLINIC, pump.id)))
    assert (filled.filled_on, filled.alarm_on) == (date(2026, 12, 8), OUTCOME.alarm_on)
    # 10 days of March, and 11 of February's 28, make 21: the window opens on 17 February.
    assert on(database, date(2027, 2, 16)) == []
    assert on(database, date(2027, 2, 17)) == [(date(2027, 3, 10), 21, Standing.DUE_SOON, "open")]
