"""Whom the desk has to call a week ahead: refills nobody booked, visits of who missed one."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from ivr.messages.patients.call_list import is_due
from scheduling import recall_calls, visits
from tests.calls.on_file import CLINIC, PHONE, File, austin, by_desk
from tests.calls.town import Town

DUE, ALARM = date(2026, 12, 10), date(2026, 12, 17)
A_WEEK_BEFORE = date(2026, 12, 3)
WEDNESDAY = date(2026, 12, 2)
"""A visit on it is within a week of Wednesday, 25 November. The tests begin on the 23rd."""
LISTED = date(2026, 11, 25)
TODAY = date(2026, 6, 10)


def at(town: Town, moment: datetime) -> None:
    """A worker comes by."""
    town.product.clock.now = moment
    town.let_the_worker_work()


def listed(town: Town) -> list[tuple[str, str | None]]:
    """Kind, and who ticked it off, of each thing to do; the oldest first."""
    rows = town.product.rows("SELECT kind, done_by FROM desk_task ORDER BY created_at, id")
    return [
        (row["kind"], row["done_by"])
        for row in rows
        if row["kind"] in ("refill_not_booked", "visit_unconfirmed")
    ]


@pytest.mark.parametrize(
    ("due_in", "snoozed_for", "listed"),
    [
        (8, None, False),
        (7, None, True),
        (0, None, True),
        (-1, None, False),
        (5, 3, False),
        (5, 0, True),
        (5, -2, True),
    ],
)
def test_a_refill_is_called_about_from_seven_days_before_unless_it_was_put_off(
    due_in: int, snoozed_for: int | None, *, listed: bool
) -> None:
    until = None if snoozed_for is None else TODAY + timedelta(days=snoozed_for)
    assert is_due(TODAY + timedelta(days=due_in), TODAY, until) is listed


def test_a_refill_nobody_booked_is_on_the_list_a_week_before_and_off_once_booked(
    town: Town,
) -> None:
    file = File.of(town)
    pump = file.pump(ALARM)
    at(town, austin(A_WEEK_BEFORE, 0) - timedelta(minutes=2))
    assert listed(town) == []
    at(town, austin(A_WEEK_BEFORE, 0))
    at(town, austin(A_WEEK_BEFORE, 8))
    assert listed(town) == [("refill_not_booked", None)]
    (task,) = town.product.rows("SELECT * FROM desk_task WHERE kind = 'refill_not_booked'")
    assert (task["callback_number"], task["language"]) == (PHONE, "en")
    assert "Gonzalez" not in task["note"]
    file.visit(austin(date(2026, 12, 9), 9), pump=pump)
    at(town, austin(A_WEEK_BEFORE, 9))
    assert listed(town) == [("refill_not_booked", "Call Now")]


def test_what_the_desk_has_put_off_is_not_on_it_before_that_day(town: Town) -> None:
    File.of(town).pump(ALARM)
    (row,) = town.product.rows("SELECT id FROM recall")
    recall = UUID(str(row["id"]))
    town.product.database.write(
        lambda session: recall_calls.snooze(
            session,
            clinic_id=CLINIC,
            recall_id=recall,
            until=date(2026, 12, 8),
            request=by_desk(town, "away"),
        )
    )
    at(town, austin(A_WEEK_BEFORE, 9))
    assert listed(town) == []
    at(town, austin(date(2026, 12, 8), 9))
    assert listed(town) == [("refill_not_booked", None)]


def test_an_unconfirmed_visit_is_on_it_only_if_they_have_missed_one(town: Town) -> None:
    careful = File.of(town, "Ann Smith", born=date(1950, 1, 2), phone="+15125550161")
    careful.visit(austin(WEDNESDAY, 10))
    file = File.of(town)
    _has_missed_one(town, file)
    file.visit(austin(WEDNESDAY, 9))
    at(town, austin(LISTED, 0) - timedelta(minutes=2))
    assert listed(town) == []
    at(town, austin(LISTED, 0))
    at(town, austin(LISTED, 9))
    assert listed(town) == [("visit_unconfirmed", None)]


def test_a_visit_that_was_confirmed_is_off_it(town: Town) -> None:
    file = File.of(town)
    _has_missed_one(town, file)
    visit = file.visit(austin(WEDNESDAY, 9))
    at(town, austin(LISTED, 9))
    town.product.database.write(
        lambda session: visits.confirm(
            session, clinic_id=CLINIC, visit_id=visit, request=by_desk(town, "confirmed")
        )
    )
    at(town, austin(LISTED, 10))
    assert listed(town) == [("visit_unconfirmed", "Call Now")]


def test_what_the_desk_ticked_off_stays_so(town: Town) -> None:
    File.of(town).pump(ALARM)
    at(town, austin(A_WEEK_BEFORE, 9))
    with town.product.database.engine.begin() as connection:
        connection.execute(
            text("UPDATE desk_task SET done_at = :now, done_by = 'ana'"),
            {"now": town.product.clock.now},
        )
    at(town, austin(A_WEEK_BEFORE, 12))
    assert listed(town) == [("refill_not_booked", "ana")]


def _has_missed_one(town: Town, file: File) -> None:
    missed = file.visit_today(town.product.clock() - timedelta(days=90))
    with town.product.database.engine.begin() as connection:
        connection.execute(
            text("UPDATE visit SET status = 'no_show' WHERE id = :id"),
            {"id": missed.hex if connection.dialect.name == "sqlite" else missed},
        )
