"""A slip at the desk taken back: the visit, its time, its recalls and its pump are as they were."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from scheduling import directory, undoing, visits
from scheduling.errors import (
    IllegalStep,
    NotBookable,
    PatientBusy,
    PumpChangedSince,
    StaffOnly,
    StaleVersion,
    TimeGivenAway,
    TooLate,
)
from scheduling.preferences import Wishes
from scheduling.pumps import RefillOutcome
from scheduling.tables import Closure, Patient, Provider, Pump, Recall, Visit, VisitEvent
from tests.scheduling.refills.sample import check_of, correct, pump_of, recalls_of
from tests.scheduling.sample import (
    CLINIC,
    at,
    book,
    book_first_free,
    by_desk,
    hold,
    offered,
    request,
)
from tests.scheduling.stored_time import stray_granules
from tests.scheduling.waiting_line import TWO_DOCTORS, Line

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.database import Database
    from scheduling.requests import Request

OUTCOME = RefillOutcome(date(2027, 3, 20), date(2027, 3, 10))
AT_NINE = at(9)


@pytest.fixture
def visit(database: Database) -> Visit:
    """Ann's consultation on Tuesday 1 December, 8:00 to 9:00."""
    return database.write(lambda session: book_first_free(session, after=at(0)))


def do(
    database: Database, what: Callable[..., Visit], visit: Visit, key: str, **given: Any
) -> Visit:
    """One step at the desk, on the visit's day at nine."""
    by: Request = given.pop("request", None) or by_desk(key, now=given.pop("now", AT_NINE))
    return database.write(
        lambda session: what(session, clinic_id=CLINIC, visit_id=visit.id, request=by, **given)
    )


def cancelled(database: Database, visit: Visit, **given: Any) -> Visit:
    return do(database, visits.cancel, visit, "gone", reason="a slip", **given)


def state(database: Database, visit: Visit) -> str:
    """Where it stands; and no granule is kept or lacking that should not be."""
    assert database.read(stray_granules) == []
    return database.read(lambda session: session.get_one(Visit, (CLINIC, visit.id)).status)


def somebody_else(database: Database, start: datetime) -> Visit:
    """Bob books the time."""
    line = Line(database)
    return line.visit(line.person("Bob"), start)


def provider_of(database: Database, key: str) -> UUID:
    return database.read(lambda s: s.scalars(select(Provider.id).where(Provider.key == key)).one())


@pytest.mark.parametrize("before", ["booked", "confirmed", "checked_in"])
def test_an_undone_cancellation_leaves_the_visit_as_it_was(
    database: Database, visit: Visit, before: str
) -> None:
    if before != "booked":
        step = visits.confirm if before == "confirmed" else visits.check_in
        do(database, step, visit, "1")
    cancelled(database, visit)
    assert state(database, visit) == "cancelled"
    for _ in range(2):
        # The second time is a repeated request.
        do(database, undoing.undo_cancel, visit, "back")
        assert state(database, visit) == before
    in_order = select(VisitEvent.kind).order_by(VisitEvent.id)
    kinds = database.read(lambda session: session.scalars(in_order).all())
    assert kinds[-2:] == ["cancelled", "cancellation_undone"]


def test_a_patient_who_was_not_missing_is_expected_again(database: Database, visit: Visit) -> None:
    do(database, visits.confirm, visit, "1")
    do(database, visits.miss, visit, "2")
    do(database, undoing.undo_miss, visit, "3")
    assert state(database, visit) == "confirmed"


def test_a_time_that_somebody_else_has_is_not_taken_from_them(
    database: Database, visit: Visit
) -> None:
    cancelled(database, visit, now=at(0))
    somebody_else(database, at(8))
    with pytest.raises(TimeGivenAway, match="book the patient another one") as refused:
        do(database, undoing.undo_cancel, visit, "back")
    assert refused.value.offered_until is None
    assert state(database, visit) == "cancelled"


def test_a_time_that_is_offered_to_the_waitlist_is_said_to_be_with_its_end(
    database: Database, visit: Visit
) -> None:
    Line(database).newcomer("Bob")
    cancelled(database, visit, now=at(0))
    with pytest.raises(TimeGivenAway) as refused:
        do(database, undoing.undo_cancel, visit, "back", now=at(0, 5))
    assert refused.value.offered_until == at(0, 15)
    # Nobody took it in time.
    do(database, undoing.undo_cancel, visit, "later", now=at(0, 16))
    assert state(database, visit) == "booked"


def test_a_patient_who_is_elsewhere_by_now_is_not_doubled(database: Database, visit: Visit) -> None:
    database.write(lambda session: directory.load_clinic(session, TWO_DOCTORS))
    cancelled(database, visit, now=at(0))
    with_baker = Wishes(provider_id=provider_of(database, "baker"))

    def elsewhere(session: Session) -> None:
        (slot,) = offered(session, after=at(7), limit=1, wishes=with_baker)
        ann = session.get_one(Patient, (CLINIC, visit.patient_id))
        book(session, hold(session, slot, holder="again"), ann)

    database.write(elsewhere)
    with pytest.raises(PatientBusy, match="move that one first"):
        do(database, undoing.undo_cancel, visit, "back")
    assert state(database, visit) == "cancelled"


def test_a_time_that_the_clinic_closed_meanwhile_stays_closed(
    database: Database, visit: Visit
) -> None:
    cancelled(database, visit, now=at(0))
    database.write(
        lambda session: session.add(
            Closure(clinic_id=CLINIC, starts_at=at(0), ends_at=at(23), reason="Snow")
        )
    )
    with pytest.raises(NotBookable, match="outside opening hours"):
        do(database, undoing.undo_cancel, visit, "back")
    assert state(database, visit) == "cancelled"


def test_only_the_desk_undoes_only_the_last_step_and_only_as_it_saw_it(
    database: Database, visit: Visit
) -> None:
    with pytest.raises(IllegalStep):
        do(database, undoing.undo_cancel, visit, "0")
    cancelled(database, visit, now=at(0))
    with pytest.raises(StaffOnly):
        do(database, undoing.undo_cancel, visit, "1", request=request("1", now=at(1)))
    with pytest.raises(StaleVersion):
        do(database, undoing.undo_cancel, visit, "2", version=1)
    with pytest.raises(IllegalStep):
        do(database, undoing.undo_miss, visit, "3")
    with pytest.raises(TooLate):
        do(database, undoing.undo_cancel, visit, "4", now=at(1, day=9))
    do(database, undoing.undo_cancel, visit, "5", version=2)


def test_who_waited_to_have_the_visit_earlier_waits_on(database: Database, visit: Visit) -> None:
    late = somebody_else(database, at(9))

    line = Line(database)
    who = database.read(lambda s: s.get_one(Patient, (CLINIC, late.patient_id)))
    entry = line.joins(who, visit=late)
    cancelled(database, late, now=at(0))

    assert line.status(entry) == "lapsed"
    do(database, undoing.undo_cancel, late, "back", now=at(0, 1))
    assert line.status(entry) == "waiting"


def test_a_recall_that_was_booked_by_hand_is_booked_again_unless_somebody_saw_to_it(
    database: Database, visit: Visit
) -> None:
    def by_hand(session: Session) -> Recall:
        who = session.get_one(Visit, (CLINIC, visit.id))
        recall = check_of(session, session.get_one(Patient, (CLINIC, who.patient_id)))
        recall.status, recall.visit_id = "booked", visit.id
        return recall

    recall = database.write(by_hand)

    def now_is() -> tuple[str, bool]:
        found = database.read(lambda s: s.get_one(Recall, (CLINIC, recall.id)))
        return found.status, found.visit_id == visit.id

    cancelled(database, visit, now=at(0))
    assert now_is() == ("open", False)
    do(database, undoing.undo_cancel, visit, "back", now=at(1))
    assert now_is() == ("booked", True)
    do(database, visits.check_in, visit, "in")
    do(database, visits.complete, visit, "done")
    assert now_is() == ("done", True)
    do(database, undoing.undo_complete, visit, "not done")
    assert now_is() == ("booked", True)


@pytest.fixture
def pump(database: Database, ann: Patient) -> Pump:
    """Ann's, due on Sunday 13 December."""
    return database.write(partial(pump_of, who=ann, alarm_on=date(2026, 12, 20)))


@pytest.fixture
def refill(database: Database, pump: Pump, ann: Patient) -> Visit:
    """On Tuesday 8 December at eight, and the patient is there."""

    def work(session: Session) -> Visit:
        (slot,) = offered(
            session,
            visit_type_key="refill",
            patient_id=ann.id,
            by_staff=True,
            after=at(7, 30, day=8),
            limit=1,
        )
        kept = hold(session, slot, holder="refill")
        return book(session, kept, ann, channel=by_desk().channel)

    made = database.write(work)
    return do(database, visits.check_in, made, "in", now=at(8, day=8))


def dates(database: Database, pump: Pump) -> tuple[date | None, date, date | None, bool]:
    found = database.read(lambda session: session.get_one(Pump, (CLINIC, pump.id)))
    return found.filled_on, found.alarm_on, found.stable_until, found.active


def live(database: Database, pump: Pump) -> list[tuple[date, str]]:
    """Its recalls that are still to be done: due date and status."""
    recalls = database.read(lambda session: recalls_of(session, pump))
    return [(one.due_on, one.status) for one in recalls if one.status in ("open", "booked")]


def complete(database: Database, refill: Visit, key: str = "filled") -> Visit:
    return do(database, visits.complete, refill, key, refill=OUTCOME, now=at(9, day=8))


def test_an_undone_refill_gives_the_pump_its_dates_and_its_recall_back(
    database: Database, pump: Pump, refill: Visit
) -> None:
    before = dates(database, pump)
    assert live(database, pump) == [(date(2026, 12, 13), "booked")]
    complete(database, refill)
    assert dates(database, pump)[1] == date(2027, 3, 20)
    assert live(database, pump) == [(date(2027, 3, 10), "open")]
    do(database, undoing.undo_complete, refill, "slip", now=at(9, 1, day=8))
    assert dates(database, pump) == before
    assert live(database, pump) == [(date(2026, 12, 13), "booked")]
    assert state(database, refill) == "checked_in"
    complete(database, refill, "filled, now really")
    assert live(database, pump) == [(date(2027, 3, 10), "open")]


def test_attempts_on_the_first_recall_are_still_its_own(
    database: Database, pump: Pump, refill: Visit
) -> None:
    (recall,) = database.read(lambda session: recalls_of(session, pump))
    complete(database, refill)
    do(database, undoing.undo_complete, refill, "slip", now=at(9, 1, day=8))
    found = database.read(lambda s: s.get_one(Recall, (CLINIC, recall.id)))
    assert (found.status, found.closed_at, found.visit_id) == ("booked", None, refill.id)


def test_dates_that_were_corrected_since_are_not_overwritten(
    database: Database, pump: Pump, refill: Visit
) -> None:
    complete(database, refill)
    filled = database.read(lambda session: session.get_one(Pump, (CLINIC, pump.id)))
    correct(
        database, filled, alarm_on=date(2027, 4, 1), request=by_desk("corrected", now=at(10, day=8))
    )
    with pytest.raises(PumpChangedSince, match="stays completed"):
        do(database, undoing.undo_complete, refill, "slip", now=at(11, day=8))
    assert dates(database, pump)[1] == date(2027, 4, 1)
    assert state(database, refill) == "completed"


def test_the_next_refill_that_is_booked_already_books_the_recall_that_came_back(
    database: Database, pump: Pump, refill: Visit
) -> None:
    complete(database, refill)
    do(database, undoing.undo_complete, refill, "slip", now=at(9, 1, day=8))
    cancelled(database, refill, now=at(9, 2, day=8))
    assert live(database, pump) == [(date(2026, 12, 13), "open")]
    do(database, undoing.undo_cancel, refill, "back", now=at(9, 3, day=8))
    assert live(database, pump) == [(date(2026, 12, 13), "booked")]
    assert state(database, refill) == "checked_in"
