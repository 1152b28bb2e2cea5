"""A refill that is overdue comes to the desk at once, and to on-call staff where that fails."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from ivr.oncall.overdue_refills import tell
from scheduling import patient_records, pumps
from tests.calls.on_file import CLINIC, PHONE, File, austin, by_desk
from tests.calls.town import Town
from tests.product import BASE

WEDNESDAY, THURSDAY, FRIDAY = date(2026, 11, 25), date(2026, 11, 26), date(2026, 11, 27)
"""The tests begin on Monday, 23 November. That Thursday is Thanksgiving: the desk is
closed, and in Texas on Friday as well."""
SATURDAY, MONDAY, TUESDAY = date(2026, 11, 28), date(2026, 11, 30), date(2026, 12, 1)
ALARM = date(2026, 12, 2)
"""A pump that warns then is due seven days before: on Wednesday, 25 November."""


def at(town: Town, moment: datetime) -> None:
    """A worker comes by."""
    town.product.clock.now = moment
    town.let_the_worker_work()


def asked(town: Town) -> list[str | None]:
    """Who ticked off each task about an overdue refill, the oldest first; None while it waits."""
    rows = town.product.rows(
        "SELECT done_by FROM desk_task WHERE kind = 'overdue_refill' ORDER BY created_at, id"
    )
    return [row["done_by"] for row in rows]


def tickets(town: Town) -> list[tuple[str, str, str]]:
    """Category, number to call and state of each urgent ticket."""
    rows = town.product.rows("SELECT category, callback_number, status FROM ticket ORDER BY number")
    return [(row["category"], row["callback_number"], row["status"]) for row in rows]


OPEN = ("alarm", PHONE, "open")


def ticks_off(town: Town) -> None:
    """The desk has done all that waits."""
    with town.product.database.engine.begin() as connection:
        connection.execute(
            text("UPDATE desk_task SET done_at = :now, done_by = 'ana' WHERE done_at IS NULL"),
            {"now": town.product.clock.now},
        )


@pytest.fixture
def file(town: Town) -> File:
    """A patient whose refill is due on Wednesday, by nobody booked."""
    file = File.of(town)
    file.pump(ALARM)
    return file


@pytest.mark.usefixtures("file")
def test_the_desk_has_it_as_soon_as_the_due_date_has_passed(town: Town) -> None:
    at(town, austin(THURSDAY, 0) - timedelta(minutes=1))
    assert asked(town) == []
    at(town, austin(THURSDAY, 0))
    at(town, austin(THURSDAY, 0, 5))
    assert asked(town) == [None]
    (task,) = town.product.rows("SELECT * FROM desk_task WHERE kind = 'overdue_refill'")
    assert task["callback_number"] == PHONE
    assert "due by 2026-11-25; the pump warns on 2026-12-02. No visit is booked." in task["note"]
    assert "Gonzalez" not in task["note"]


@pytest.mark.usefixtures("file")
def test_on_call_staff_have_it_once_when_the_desk_lets_its_office_day_pass(town: Town) -> None:
    at(town, austin(THURSDAY, 0))
    at(town, austin(MONDAY, 16, 59))
    assert tickets(town) == []
    at(town, austin(MONDAY, 17))
    assert tickets(town) == [OPEN]
    at(town, austin(MONDAY, 17, 2))
    at(town, austin(TUESDAY, 9))
    at(town, austin(ALARM, 9))
    assert tickets(town) == [OPEN]
    pages = town.product.rows("SELECT body FROM outbox_message WHERE kind = 'page_sms'")
    assert pages
    for page in pages:
        assert not any(word in page["body"].lower() for word in ("refill", "pump", "gonzalez"))
    kinds = [row["kind"] for row in town.product.rows("SELECT kind FROM ticket_event")]
    assert kinds[:2] == ["opened", "refill_overdue"]


@pytest.mark.usefixtures("file")
def test_what_the_desk_ticked_off_without_a_visit_comes_back_every_office_day(town: Town) -> None:
    at(town, austin(THURSDAY, 0))
    at(town, austin(FRIDAY, 9))
    ticks_off(town)
    at(town, austin(FRIDAY, 18))
    at(town, austin(SATURDAY, 10))
    assert asked(town) == ["ana"]
    at(town, austin(MONDAY, 0, 1))
    assert asked(town) == ["ana", None]
    assert tickets(town) == []


@pytest.mark.usefixtures("file")
def test_no_tick_holds_it_back_on_the_alarm_date(town: Town) -> None:
    for day in (THURSDAY, FRIDAY, MONDAY, TUESDAY, ALARM):
        at(town, austin(day, 7, 59))
        ticks_off(town)
    assert tickets(town) == []
    at(town, austin(ALARM, 8))
    assert tickets(town) == [OPEN]


@pytest.mark.usefixtures("file")
def test_closing_its_ticket_without_a_visit_silences_it_for_that_day_alone(town: Town) -> None:
    at(town, austin(THURSDAY, 0))
    at(town, austin(MONDAY, 17))
    assert tickets(town) == [OPEN]
    with town.product.database.engine.begin() as connection:
        connection.execute(text("UPDATE ticket SET status = 'closed', escalate_at = NULL"))
    ticks_off(town)
    at(town, austin(MONDAY, 18))
    assert asked(town) == ["ana"]
    at(town, austin(TUESDAY, 8))
    assert asked(town) == ["ana", None]


def test_a_visit_before_the_alarm_date_is_enough_for_both(town: Town, file: File) -> None:
    pump = _pump(town)
    at(town, austin(THURSDAY, 0))
    file.visit(austin(TUESDAY, 9), pump=pump)
    at(town, austin(MONDAY, 17))
    assert (asked(town), tickets(town)) == ([None], [])
    ticks_off(town)
    at(town, austin(TUESDAY, 8))
    assert (asked(town), tickets(town)) == (["ana"], [])


@pytest.mark.usefixtures("file")
def test_a_pump_that_is_gone_asks_nobody_any_more(town: Town) -> None:
    at(town, austin(THURSDAY, 0))
    pump = _pump(town)
    town.product.database.write(
        lambda session: pumps.retire_pump(
            session, clinic_id=CLINIC, pump_id=pump, version=1, request=by_desk(town, "explanted")
        )
    )
    at(town, austin(FRIDAY, 9))
    at(town, austin(ALARM, 9))
    assert (asked(town), tickets(town)) == (["Call Now"], [])


def test_who_has_died_is_on_nobodys_list(town: Town, file: File) -> None:
    at(town, austin(THURSDAY, 0))
    with town.product.database.engine.begin() as connection:
        connection.execute(text("UPDATE patient SET deceased_on = '2026-11-26'"))
    at(town, austin(ALARM, 9))
    assert (asked(town), tickets(town)) == (["Call Now"], [])
    assert _still_there(town, file)


@pytest.mark.usefixtures("file")
def test_two_workers_that_find_the_same_refill_open_one_ticket(town: Town) -> None:
    at(town, austin(THURSDAY, 0))
    (recall,) = town.product.rows("SELECT id FROM recall")
    recall_id = UUID(str(recall["id"]))

    def look(session: Session) -> None:
        tell(session, clinic_id=CLINIC, recall_id=recall_id, base=BASE, now=austin(MONDAY, 17))

    town.product.database.write(look)
    town.product.database.write(look)
    assert tickets(town) == [OPEN]
    assert asked(town) == [None]


def _pump(town: Town) -> UUID:
    (row,) = town.product.rows("SELECT id FROM pump")
    return UUID(str(row["id"]))


def _still_there(town: Town, file: File) -> bool:
    return town.product.database.read(
        lambda session: patient_records.current(session, CLINIC, file.patient_id) is not None
    )
