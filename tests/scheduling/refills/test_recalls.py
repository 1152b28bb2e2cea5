"""What visits do to recalls: booked, given up, completed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from scheduling import recall_calls, recalls
from scheduling.errors import InvalidInput, RefillOutcomeMissing
from scheduling.pumps import RefillOutcome
from scheduling.refill_rules import Standing
from scheduling.tables import Patient, PatientEvent, Pump, Recall, Visit
from tests.scheduling.refills.sample import (
    DUE,
    TUESDAY,
    book,
    cancel,
    complete,
    do,
    miss,
    on,
    recall_of,
    recalls_of,
    retire,
    tell,
    visit_to,
    winter,
)
from tests.scheduling.sample import CLINIC

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduling.database import Database

OUTCOME = RefillOutcome(date(2027, 4, 20), None)
"""Alarm 20 April, margin 7: the next refill is due on 13 April."""


@pytest.mark.parametrize("give_up", [cancel, miss], ids=["cancelled", "missed"])
def test_a_refill_that_is_given_up_is_on_the_list_at_once(
    database: Database, pump: Pump, give_up: Callable[..., None]
) -> None:
    visit = book(database, pump, date(2027, 1, 12))
    do(database, recall_calls.snooze, recall_of(database, pump), until=date(2027, 1, 12))
    give_up(database, visit=visit)
    recall = recall_of(database, pump)
    assert (recall.status, recall.visit_id, recall.snoozed_until, recall.closed_at) == (
        "open",
        None,
        None,
        None,
    )
    assert on(database, TUESDAY) == [(DUE, 8, Standing.DUE_SOON, "open")]


def test_a_refill_with_another_visit_ahead_stays_booked(database: Database, pump: Pump) -> None:
    first = book(database, pump, date(2027, 1, 8))
    second = book(database, pump, date(2027, 1, 12))
    assert recall_of(database, pump).visit_id == first.id
    cancel(database, visit=first)
    assert recall_of(database, pump).visit_id == second.id
    cancel(database, visit=second)
    assert recall_of(database, pump).status == "open"


def test_a_visit_that_nobody_closed_gives_way_to_one_that_is_ahead(
    database: Database, pump: Pump
) -> None:
    book(database, pump, date(2026, 11, 27))
    ahead = book(database, pump, date(2027, 1, 12))
    assert recall_of(database, pump).visit_id == ahead.id


def test_a_missed_patient_who_comes_after_all_is_booked_again(
    database: Database, pump: Pump
) -> None:
    visit = book(database, pump, TUESDAY)
    miss(database, visit=visit)
    assert recall_of(database, pump).status == "open"
    tell(database, recalls.visit_booked, visit, "checked_in")
    assert recall_of(database, pump).visit_id == visit.id


def test_a_refill_is_not_completed_without_its_new_alarm_date(
    database: Database, pump: Pump
) -> None:
    visit = book(database, pump, TUESDAY)
    with pytest.raises(RefillOutcomeMissing):
        complete(database, visit, None)
    assert recall_of(database, pump).status == "booked"


def test_completing_a_refill_opens_the_next_recall(database: Database, pump: Pump) -> None:
    visit = book(database, pump, TUESDAY)
    # min(20 April - 7, 10 April) is 10 April.
    complete(database, visit, RefillOutcome(date(2027, 4, 20), date(2027, 4, 10)))
    done, following = database.read(lambda session: recalls_of(session, pump))
    assert (done.status, done.visit_id, done.closed_at) == ("done", visit.id, winter(TUESDAY))
    assert (following.status, following.visit_id) == ("open", None)
    assert following.due_on == date(2027, 4, 10)
    filled = database.read(lambda session: session.get_one(Pump, (CLINIC, pump.id)))
    assert (filled.filled_on, filled.alarm_on, filled.stable_until, filled.version) == (
        TUESDAY,
        date(2027, 4, 20),
        date(2027, 4, 10),
        2,
    )
    assert on(database, TUESDAY) == []


def test_a_completed_refill_is_noted_without_its_days(database: Database, pump: Pump) -> None:
    visit = book(database, pump, TUESDAY)
    complete(database, visit, OUTCOME)
    noted = database.read(
        lambda session: session.scalars(
            select(PatientEvent).where(PatientEvent.kind == "pump_refilled")
        ).one()
    )
    assert noted.actor == "ana"
    assert noted.detail == {
        "pump_id": str(pump.id),
        "visit_id": str(visit.id),
        "fields": ["filled_on", "alarm_on", "stable_until"],
    }


def test_an_alarm_date_that_cannot_be_meant_completes_nothing(
    database: Database, pump: Pump
) -> None:
    visit = book(database, pump, TUESDAY)
    for outcome in (
        RefillOutcome(TUESDAY, None),
        RefillOutcome(date(2029, 1, 5), None),
        RefillOutcome(date(2027, 4, 20), date(2027, 1, 4)),
    ):
        with pytest.raises(InvalidInput):
            complete(database, visit, outcome)
    assert recall_of(database, pump).status == "booked"


def test_a_refill_late_in_the_evening_counts_for_the_clinics_day(
    database: Database, pump: Pump
) -> None:
    visit = database.write(
        lambda session: visit_to(
            # 23:00 on the 5th in Chicago is 5:00 UTC on the 6th.
            session,
            pump,
            TUESDAY,
            starts_at=winter(TUESDAY, 23),
            ends_at=winter(TUESDAY, 24 - 1) + timedelta(minutes=30),
        )
    )
    complete(database, visit, OUTCOME)
    filled = database.read(lambda session: session.get_one(Pump, (CLINIC, pump.id)))
    assert filled.filled_on == TUESDAY


def test_the_next_recall_is_booked_where_another_visit_is_ahead(
    database: Database, pump: Pump
) -> None:
    visit = book(database, pump, TUESDAY)
    ahead = book(database, pump, date(2027, 4, 8))
    complete(database, visit, OUTCOME)
    _, following = database.read(lambda session: recalls_of(session, pump))
    assert (following.status, following.visit_id) == ("booked", ahead.id)


def test_a_visit_that_is_completed_after_a_later_one_leaves_the_later_filling(
    database: Database, pump: Pump
) -> None:
    forgotten = book(database, pump, date(2026, 12, 28))
    visit = book(database, pump, TUESDAY)
    complete(database, visit, OUTCOME)
    complete(database, forgotten, RefillOutcome(date(2027, 2, 1), None))
    filled = database.read(lambda session: session.get_one(Pump, (CLINIC, pump.id)))
    assert (filled.filled_on, filled.alarm_on) == (TUESDAY, OUTCOME.alarm_on)
    done, following = database.read(lambda session: recalls_of(session, pump))
    assert (done.visit_id, following.status) == (visit.id, "open")
    assert following.due_on == date(2027, 4, 13)


def test_of_two_refills_on_one_day_the_one_completed_last_counts(
    database: Database, pump: Pump
) -> None:
    complete(database, book(database, pump, TUESDAY), RefillOutcome(date(2027, 2, 1), None))
    again = database.write(
        lambda session: visit_to(
            session,
            pump,
            TUESDAY,
            starts_at=winter(TUESDAY, 11),
            ends_at=winter(TUESDAY, 12),
            idempotency_key="again",
        )
    )
    complete(database, again, OUTCOME)
    filled = database.read(lambda session: session.get_one(Pump, (CLINIC, pump.id)))
    assert filled.alarm_on == OUTCOME.alarm_on


def test_a_visit_of_a_retired_pump_recalls_nobody(database: Database, pump: Pump) -> None:
    visit = book(database, pump, TUESDAY)
    retire(database, pump)
    cancel(database, visit=visit)
    tell(database, recalls.visit_booked, visit, "checked_in")
    assert recall_of(database, pump).status == "dropped"


def test_a_retired_pump_that_is_filled_here_after_all_is_recalled_again(
    database: Database, pump: Pump
) -> None:
    visit = book(database, pump, TUESDAY)
    retire(database, pump)
    complete(database, visit, OUTCOME)
    assert database.read(lambda session: session.get_one(Pump, (CLINIC, pump.id))).active
    _, following = database.read(lambda session: recalls_of(session, pump))
    assert (following.status, following.due_on) == ("open", date(2027, 4, 13))


def test_booking_a_refill_that_nobody_recalled_opens_its_recall_as_booked(
    database: Database, pump: Pump
) -> None:
    database.write(lambda session: session.execute(update(Recall).values(status="dropped")))
    visit = book(database, pump, TUESDAY)
    _, opened = database.read(lambda session: recalls_of(session, pump))
    assert (opened.status, opened.visit_id, opened.due_on) == ("booked", visit.id, DUE)


def test_those_who_book_one_pump_at_the_same_time_share_one_recall(
    database: Database, pump: Pump
) -> None:
    database.write(lambda session: session.execute(update(Recall).values(status="dropped")))
    days = [TUESDAY + timedelta(days=n) for n in range(6)]
    with ThreadPoolExecutor(len(days)) as pool:
        list(pool.map(partial(book, database, pump), days))
    live = [
        one
        for one in database.read(lambda session: recalls_of(session, pump))
        if one.status == "booked"
    ]
    assert len(live) == 1
    first = database.read(lambda session: session.get_one(Visit, (CLINIC, live[0].visit_id)))
    assert first.starts_at == winter(TUESDAY)


def test_a_visit_that_fills_no_pump_changes_no_refill_and_has_no_alarm_date(
    database: Database, pump: Pump, ann: Patient
) -> None:
    before = recall_of(database, pump).version
    cancel(database, visit=book(database, ann, TUESDAY))
    visit = book(database, ann, date(2027, 1, 6))
    with pytest.raises(InvalidInput):
        complete(database, visit, OUTCOME)
    complete(database, visit, None)
    assert recall_of(database, pump).version == before
