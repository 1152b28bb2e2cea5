"""Whom the desk has to call, and who is left out. A refill is listed from 21 days before."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, insert, update

from scheduling import directory, recall_list
from scheduling.database import Database
from scheduling.refill_rules import Standing
from scheduling.tables import Patient, Pump, Recall, Visit
from tests.scheduling.refills.sample import (
    DUE,
    TUESDAY,
    book,
    correct,
    listed,
    on,
    pump_of,
    recall_of,
    recalls_of,
)
from tests.scheduling.sample import CLINIC, NOW, WITH_REFILLS, patient

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from scheduling.recall_list import RecallLine

OVERDUE, DUE_SOON = Standing.OVERDUE, Standing.DUE_SOON


def only_line(database: Database, today: date) -> RecallLine:
    """What the list says of the one who is on it."""
    (line,) = database.read(lambda session: listed(session, today))
    return line


def test_a_refill_is_on_the_list_from_the_day_its_window_opens(
    database: Database, pump: Pump
) -> None:
    # Due 13 January, window 21 days: 23 December.
    assert on(database, date(2026, 12, 22)) == []
    assert on(database, date(2026, 12, 23)) == [(DUE, 21, DUE_SOON, "open")]


def test_a_refill_due_today_is_not_overdue_and_the_day_after_is(
    database: Database, pump: Pump
) -> None:
    assert on(database, date(2027, 1, 13)) == [(DUE, 0, DUE_SOON, "open")]
    assert on(database, date(2027, 1, 14)) == [(DUE, -1, OVERDUE, "open")]


def test_the_clinics_clock_says_when_a_day_is_over_also_on_the_day_of_25_hours(
    database: Database, ann: Patient
) -> None:
    # Alarm 14 November 2027, margin 7: due on the 7th, the day on which the clocks go back: it
    # begins in summer time (UTC-5) and ends at midnight in winter time, 6:00 UTC on the 8th.
    database.write(lambda session: pump_of(session, ann, alarm_on=date(2027, 11, 14)))

    def standing_at(now: datetime) -> Standing:
        (line,) = database.read(lambda session: recall_list.recall_list(session, CLINIC, now))
        return line.standing

    assert standing_at(datetime(2027, 11, 8, 5, 59, tzinfo=UTC)) is DUE_SOON
    assert standing_at(datetime(2027, 11, 8, 6, 0, tzinfo=UTC)) is OVERDUE


def test_the_most_overdue_comes_first_and_then_what_is_due_soon(
    database: Database, pump: Pump, ann: Patient
) -> None:
    def more(session: Session) -> None:
        # Margin 7: alarms on 15 and 10 January and 25 December are due on the 8th, 3rd and 18th.
        for label, alarm_on in (
            ("a", date(2027, 1, 15)),
            ("b", date(2027, 1, 10)),
            ("c", date(2026, 12, 25)),
        ):
            pump_of(session, ann, label=label, alarm_on=alarm_on)

    database.write(more)
    lines = database.read(lambda session: listed(session, TUESDAY))
    assert [(one.pump_label, one.days_left, one.standing) for one in lines] == [
        ("c", -18, OVERDUE),
        ("b", -2, OVERDUE),
        ("a", 3, DUE_SOON),
        (None, 8, DUE_SOON),
    ]


def test_a_patient_has_as_many_recalls_as_reasons_to_come(
    database: Database, pump: Pump, ann: Patient, check: Recall
) -> None:
    left = database.write(lambda session: pump_of(session, ann, label="left"))
    lines = database.read(lambda session: listed(session, TUESDAY))
    assert {(one.patient_name, one.visit_type_key, one.pump_id, one.due_on) for one in lines} == {
        ("Ann Lee", "refill", pump.id, DUE),
        ("Ann Lee", "refill", left.id, DUE),
        ("Ann Lee", "consultation", None, date(2027, 1, 20)),
    }


def test_a_recall_of_no_pump_is_on_the_list_for_30_days(database: Database, check: Recall) -> None:
    # Due 20 January: 20 days back is 31 December, 10 more are the 21st.
    assert on(database, date(2026, 12, 20)) == []
    assert on(database, date(2026, 12, 21)) == [(check.due_on, 30, DUE_SOON, "open")]


def test_a_refill_that_is_booked_in_time_leaves_the_list(database: Database, pump: Pump) -> None:
    visit = book(database, pump, date(2027, 1, 13))
    recall = recall_of(database, pump)
    assert (recall.status, recall.visit_id) == ("booked", visit.id)
    assert on(database, TUESDAY) == []
    assert on(database, date(2027, 1, 13)) == []


def test_a_refill_that_is_booked_too_late_is_on_the_overdue_list_at_once(
    database: Database, pump: Pump
) -> None:
    visit = book(database, pump, date(2027, 1, 14))
    line = only_line(database, date(2026, 12, 1))
    # 30 days of December and 13 of January are left.
    assert (line.standing, line.days_left, line.status) == (OVERDUE, 43, "booked")
    assert (line.visit_id, line.visit_at) == (visit.id, visit.starts_at)


def test_a_refill_that_is_booked_too_late_comes_before_all_that_are_due_soon(
    database: Database, pump: Pump, ann: Patient
) -> None:
    # Alarm 15 January, margin 7: due on the 8th, before the 13th.
    database.write(partial(pump_of, who=ann, label="a", alarm_on=date(2027, 1, 15)))
    book(database, pump, date(2027, 1, 14))
    assert [standing for _, _, standing, _ in on(database, TUESDAY)] == [OVERDUE, DUE_SOON]


def test_a_booking_hides_nothing_once_its_visit_does_not_stand(
    database: Database, pump: Pump
) -> None:
    book(database, pump, date(2027, 1, 12))
    database.write(lambda session: session.execute(update(Visit).values(status="cancelled")))
    assert on(database, TUESDAY) == [(DUE, 8, DUE_SOON, "booked")]


def test_a_corrected_alarm_date_can_make_a_booked_refill_too_late(
    database: Database, pump: Pump
) -> None:
    book(database, pump, date(2027, 1, 12))
    assert on(database, TUESDAY) == []
    # Alarm 18 January, margin 7: 11 January, the day before the visit.
    correct(database, pump, alarm_on=date(2027, 1, 18))
    assert on(database, TUESDAY) == [(date(2027, 1, 11), 6, OVERDUE, "booked")]


def test_a_refill_that_did_not_take_place_by_its_due_date_is_overdue_though_booked(
    database: Database, pump: Pump
) -> None:
    book(database, pump, date(2027, 1, 13))
    assert on(database, date(2027, 1, 14)) == [(DUE, -1, OVERDUE, "booked")]


def test_a_visit_that_nobody_closed_is_a_booking_no_more_the_day_after(
    database: Database, pump: Pump
) -> None:
    book(database, pump, date(2027, 1, 4))
    assert on(database, date(2027, 1, 4)) == []
    assert on(database, TUESDAY) == [(DUE, 8, DUE_SOON, "booked")]


def test_a_patient_who_has_died_is_not_called(database: Database, pump: Pump) -> None:
    assert len(on(database, TUESDAY)) == 1
    database.write(lambda session: session.execute(update(Patient).values(deceased_on=TUESDAY)))
    assert on(database, TUESDAY) == []


def test_a_long_list_takes_as_few_statements_as_a_short_one(
    database: Database, pump: Pump, ann: Patient
) -> None:
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    def taken() -> int:
        nonlocal statements
        statements = 0
        database.read(lambda session: listed(session, TUESDAY))
        return statements

    def more(session: Session) -> None:
        for number in range(20):
            pump_of(session, ann, label=f"{number}")

    event.listen(database.engine, "before_cursor_execute", count)
    short = taken()
    database.write(more)
    assert taken() == short
    assert len(on(database, TUESDAY)) == 21


def test_a_list_costs_no_more_when_the_recalls_of_years_stand_behind_it(sqlite_url: str) -> None:
    """Counted in steps of SQLite's machine, which tells a walk through the history from luck."""
    database = Database(sqlite_url)
    database.write(lambda session: directory.load_clinic(session, WITH_REFILLS))
    pump = database.write(lambda session: pump_of(session, patient(session)))

    def cost(session: Session) -> int:
        hundreds = 0

        def tick() -> int:
            nonlocal hundreds
            hundreds += 1
            return 0

        driver: Any = session.connection().connection.dbapi_connection
        driver.set_progress_handler(tick, 100)
        assert len(listed(session, TUESDAY)) == 1
        driver.set_progress_handler(None, 100)
        return hundreds

    def years(session: Session) -> None:
        (live,) = recalls_of(session, pump)
        done = {
            "clinic_id": CLINIC,
            "patient_id": pump.patient_id,
            "visit_type_id": live.visit_type_id,
            "pump_id": pump.id,
            "due_on": DUE,
            "status": "done",
            "opened_at": NOW,
        }
        session.execute(insert(Recall), [done for _ in range(3000)])

    # The first look compiles its statements.
    database.read(cost)
    before = database.read(cost)
    database.write(years)
    assert database.read(cost) <= 1.5 * before
    database.dispose()
