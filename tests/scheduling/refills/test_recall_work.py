"""What the desk does with recalls: puts them off, calls, and closes those of no pump."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from scheduling import other_recalls, recall_calls
from scheduling.errors import (
    InvalidInput,
    KeyReused,
    RecallFollowsPump,
    SchedulingError,
    SnoozePastDue,
    StaffOnly,
    StaleVersion,
    UnknownPatient,
    UnknownRecall,
    UnknownVisit,
    UnknownVisitType,
)
from scheduling.pumps import RefillOutcome
from scheduling.refill_rules import Standing
from scheduling.tables import Patient, PatientEvent, Pump, Recall, RecallAttempt
from tests.scheduling.refills.sample import (
    DUE,
    TUESDAY,
    book,
    cancel,
    check_of,
    complete,
    do,
    listed,
    on,
    recall_of,
    winter,
)
from tests.scheduling.sample import CLINIC, by_desk, patient, request

if TYPE_CHECKING:
    from scheduling.database import Database

DUE_SOON = Standing.DUE_SOON


def test_a_snoozed_recall_reappears_on_its_day(database: Database, pump: Pump) -> None:
    do(database, recall_calls.snooze, recall_of(database, pump), until=date(2027, 1, 8))
    assert on(database, date(2027, 1, 7)) == []
    assert on(database, date(2027, 1, 8)) == [(DUE, 5, DUE_SOON, "open")]


def test_a_recall_can_be_put_off_up_to_its_due_date_and_no_further(
    database: Database, pump: Pump
) -> None:
    recall = recall_of(database, pump)
    for until, error in (
        (date(2027, 1, 14), SnoozePastDue),
        (TUESDAY, InvalidInput),
        (winter(DUE), InvalidInput),
    ):
        with pytest.raises(error):
            do(database, recall_calls.snooze, recall, until=until)
    do(database, recall_calls.snooze, recall, until=DUE, version=recall.version)
    assert on(database, DUE) == [(DUE, 0, DUE_SOON, "open")]
    with pytest.raises(SnoozePastDue):
        do(
            database,
            recall_calls.snooze,
            recall,
            until=date(2027, 1, 20),
            request=by_desk("overdue by now", now=winter(date(2027, 1, 15))),
        )


def test_the_same_snooze_again_changes_nothing_more(database: Database, pump: Pump) -> None:
    recall = recall_of(database, pump)
    do(database, recall_calls.snooze, recall, until=DUE, version=recall.version)
    again = do(database, recall_calls.snooze, recall, until=DUE, version=recall.version)
    assert again.version == recall.version + 1
    with pytest.raises(StaleVersion):
        do(
            database,
            recall_calls.snooze,
            recall,
            until=DUE,
            version=recall.version,
            request=by_desk("somebody else"),
        )


def test_attempts_are_counted_and_the_last_one_is_shown(database: Database, pump: Pump) -> None:
    recall = recall_of(database, pump)
    assert [one.attempts for one in database.read(partial(listed, today=TUESDAY))] == [0]
    for hour, outcome in ((9, "no_answer"), (11, "left_message"), (10, "bad_number")):
        asked = by_desk(f"call at {hour}", now=winter(TUESDAY, hour))
        for _ in range(2):
            do(database, recall_calls.record_attempt, recall, outcome=outcome, request=asked)
    (line,) = database.read(partial(listed, today=TUESDAY))
    assert (line.attempts, line.last_outcome) == (3, "left_message")
    assert line.last_attempt_at == winter(TUESDAY, 11)


def test_an_attempt_of_unknown_outcome_or_under_a_used_key_is_refused(
    database: Database, pump: Pump, check: Recall
) -> None:
    recall = recall_of(database, pump)
    asked = by_desk("a call")
    do(database, recall_calls.record_attempt, recall, outcome="declined", request=asked)
    with pytest.raises(InvalidInput):
        do(database, recall_calls.record_attempt, recall, outcome="shouted")
    with pytest.raises(KeyReused):
        do(database, recall_calls.record_attempt, check, outcome="declined", request=asked)
    attempts = select(func.count(RecallAttempt.id))
    assert database.read(lambda session: session.scalar(attempts)) == 1


def test_a_refills_recall_is_not_changed_by_hand(database: Database, pump: Pump) -> None:
    """An active pump without a recall would run dry unseen."""
    visit = book(database, pump, TUESDAY)
    recall = recall_of(database, pump)
    for what, given in (
        (other_recalls.drop, {"reason": "moved_away"}),
        (other_recalls.finish, {}),
        (other_recalls.book_recall, {"visit_id": visit.id}),
    ):
        with pytest.raises(RecallFollowsPump):
            do(database, what, recall, **given)
    assert recall_of(database, pump).version == recall.version


def test_a_recall_of_no_pump_is_booked_by_hand_and_reopens_with_its_visit(
    database: Database, ann: Patient, check: Recall
) -> None:
    visit = book(database, ann, date(2027, 1, 19))
    do(database, other_recalls.book_recall, check, visit_id=visit.id)
    booked = do(database, recall_calls.snooze, check, until=date(2027, 1, 19))
    assert on(database, TUESDAY) == []
    cancel(database, visit=visit)
    assert on(database, TUESDAY) == [(check.due_on, 15, DUE_SOON, "open")]
    with pytest.raises(StaleVersion):
        do(database, other_recalls.finish, check, version=booked.version)


def test_a_recall_of_no_pump_is_done_with_its_visit_even_where_that_fills_a_pump(
    database: Database, pump: Pump, check: Recall
) -> None:
    visit = book(database, pump, TUESDAY)
    do(database, other_recalls.book_recall, check, visit_id=visit.id)
    complete(database, visit, RefillOutcome(date(2027, 4, 20), None))
    done = database.read(lambda session: session.get_one(Recall, (CLINIC, check.id)))
    assert (done.status, done.visit_id, done.closed_at) == ("done", visit.id, winter(TUESDAY))


def test_a_recall_is_booked_only_by_its_patients_visits_ahead(
    database: Database, ann: Patient, check: Recall
) -> None:
    bob = database.write(
        lambda session: patient(session, name="Bob Lee", date_of_birth=date(1951, 1, 1))
    )
    gone = book(database, ann, date(2027, 1, 19))
    cancel(database, visit=gone)
    for visit_id in (book(database, bob, TUESDAY).id, gone.id, uuid4()):
        with pytest.raises(UnknownVisit):
            do(database, other_recalls.book_recall, check, visit_id=visit_id)
    assert on(database, TUESDAY) == [(check.due_on, 15, DUE_SOON, "open")]


def test_a_recall_of_no_pump_is_closed_by_hand(database: Database, check: Recall) -> None:
    done = do(database, other_recalls.finish, check)
    assert (done.status, done.closed_at) == ("done", winter(TUESDAY))
    again = do(database, other_recalls.finish, check)
    assert again.version == done.version
    with pytest.raises(UnknownRecall):
        do(database, recall_calls.snooze, check, until=check.due_on)
    with pytest.raises(UnknownRecall):
        do(database, recall_calls.record_attempt, check, outcome="reached")
    assert on(database, TUESDAY) == []


def test_only_the_desk_drops_a_recall_and_says_why(database: Database, check: Recall) -> None:
    with pytest.raises(StaffOnly):
        do(database, other_recalls.drop, check, reason="moved_away", request=request())
    for reason in ("Ann moved away", "", "x" * 65):
        with pytest.raises(InvalidInput):
            do(database, other_recalls.drop, check, reason=reason)
    do(database, other_recalls.drop, check, reason="moved_away")
    assert on(database, TUESDAY) == []
    noted = database.read(
        lambda session: session.scalars(
            select(PatientEvent).where(PatientEvent.kind == "recall_dropped")
        ).one()
    )
    assert noted.detail == {"recall_id": str(check.id), "reason": "moved_away"}


def test_the_same_recall_is_opened_once(database: Database, ann: Patient, check: Recall) -> None:
    again = database.write(partial(check_of, who=ann))
    assert again.id == check.id
    assert len(on(database, TUESDAY)) == 1


BAD_INPUT: list[tuple[dict[str, Any], type[SchedulingError]]] = [
    # Today is 30 November 2026.
    ({"due_on": date(2026, 11, 29)}, InvalidInput),
    ({"due_on": date(2036, 1, 20)}, InvalidInput),
    ({"due_on": winter(DUE)}, InvalidInput),
    ({"visit_type_key": "massage"}, UnknownVisitType),
    ({"visit_type_key": "refill"}, RecallFollowsPump),
    ({"patient_id": uuid4()}, UnknownPatient),
]


def test_a_recall_that_cannot_be_meant_is_refused(database: Database, ann: Patient) -> None:
    for given, error in BAD_INPUT:
        with pytest.raises(error):
            database.write(partial(check_of, who=ann, **given))
    assert database.read(lambda session: session.scalar(select(func.count(Recall.id)))) == 0


def test_an_unknown_recall_is_refused(database: Database, check: Recall) -> None:
    with pytest.raises(UnknownRecall):
        do(database, recall_calls.snooze, check, recall_id=uuid4(), until=DUE)
