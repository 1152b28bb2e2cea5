"""Whoever has to come back for a refill is texted in time, until a visit is booked."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from ivr.messages.patients.recall_texts import step_due
from scheduling import recall_calls
from tests.calls.on_file import CLINIC, PHONE, File, austin, by_desk, tasks
from tests.calls.test_answering_by_text import texts
from tests.calls.test_confirmation_texts import agrees
from tests.calls.test_reminders import inbox, work
from tests.calls.town import Town
from tests.product import LINE

DUE = date(2026, 12, 20)
SAID = (
    f"Dr. Fura's clinic: it is time to make your next appointment. Call {LINE}, or reply 1 and the "
    "front desk calls you. Reply 9 to opt out."
)


def before(days: int) -> date:
    """So many days before the due date."""
    return DUE - timedelta(days=days)


def due(town: Town, *, consent: bool = True) -> File:
    """A patient whose pump warns seven days after DUE."""
    file = File.of(town)
    if consent:
        agrees(file)
    file.pump(DUE + timedelta(days=7))
    return file


@pytest.mark.parametrize(
    ("days", "step"), [(22, None), (21, 21), (15, 21), (14, 14), (8, 14), (7, None), (-3, None)]
)
def test_which_text_is_due(days: int, step: int | None) -> None:
    assert step_due(DUE, before(days), None) == step


def test_what_is_put_off_is_not_due_before_its_day() -> None:
    assert step_due(DUE, before(15), before(10)) is None
    assert step_due(DUE, before(10), before(10)) == 14


def test_they_are_texted_three_and_two_weeks_before_once_each_and_neutrally(town: Town) -> None:
    due(town)
    work(town, austin(before(22), 12))
    assert inbox(town) == []
    work(town, austin(before(21), 6))
    assert inbox(town) == []
    work(town, austin(before(21), 8))
    assert inbox(town) == [SAID]
    work(town, austin(before(15), 12))
    assert inbox(town) == [SAID]
    work(town, austin(before(14), 12))
    work(town, austin(before(8), 12))
    assert inbox(town) == [SAID, SAID]


def test_with_a_visit_booked_nobody_is_texted(town: Town) -> None:
    file = due(town)
    (row,) = town.product.rows("SELECT id FROM pump")
    work(town, austin(before(21), 6))
    file.visit(austin(before(11), 9), pump=UUID(str(row["id"])))
    work(town, austin(before(21), 12))
    assert SAID not in inbox(town)


def test_one_that_waits_to_be_sent_goes_with_what_put_it_off(town: Town) -> None:
    due(town)
    work(town, austin(before(21), 6))
    (recall,) = town.product.rows("SELECT id FROM recall")
    town.product.database.write(
        lambda session: recall_calls.snooze(
            session,
            clinic_id=CLINIC,
            recall_id=UUID(str(recall["id"])),
            until=before(16),
            request=by_desk(town, "put off"),
        )
    )
    work(town, austin(before(21), 9))
    assert inbox(town) == []


def test_who_agreed_to_no_texts_is_left_to_the_desks_list(town: Town) -> None:
    due(town, consent=False)
    work(town, austin(before(14), 12))
    assert inbox(town, PHONE) == []
    work(town, austin(before(7), 12))
    assert tasks(town) == ["refill_not_booked"]


def test_one_asks_to_be_called(town: Town) -> None:
    due(town)
    work(town, austin(before(21), 12))
    said = texts(town, "1")
    assert said is not None
    assert "opens Mon, Nov 30, 8:00 AM and will call you by Mon, Nov 30, 5:00 PM." in said
    (task,) = town.product.rows("SELECT kind, note FROM desk_task")
    assert task["kind"] == "text_message"
    assert "wants to be called" in task["note"]
