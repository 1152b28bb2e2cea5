"""Everybody slept through the call: they are paged until somebody accepts and calls back."""

from __future__ import annotations

from email.utils import format_datetime

import pytest

from tests.calls.outcomes import LOST
from tests.calls.town import ALARM, Town
from tests.clock import MONDAY_NIGHT
from tests.product import BACKUP, LINE, NURSE, PATIENT, SUPERVISOR


@pytest.fixture(autouse=True)
def at_night(town: Town) -> None:
    town.product.clock.now = MONDAY_NIGHT


def status(town: Town) -> str:
    (ticket,) = town.product.rows("SELECT status FROM ticket")
    return str(ticket["status"])


def called(town: Town) -> list[str]:
    """Whom the worker called, one entry for each call."""
    rows = town.product.rows(
        "SELECT to_number FROM outbox_message WHERE kind = 'page_call' AND state = 'sent' "
        "ORDER BY to_number"
    )
    return [str(row["to_number"]) for row in rows]


def missed(town: Town) -> None:
    """A call in which nobody accepts, and which the caller ends."""
    call = town.call(*ALARM)
    town.nurse.let_ring()
    town.backup.let_ring()
    call.hang_up()


def sleep_through(town: Town, minutes: int) -> None:
    """Minutes in which the worker works and every phone rings out."""
    for _ in range(minutes):
        while town.let_the_worker_work():
            for phone in (town.nurse, town.backup, town.supervisor):
                if phone.ringing:
                    phone.let_ring()
        town.product.clock.advance(minutes=1)


def test_the_nurse_who_is_called_back_accepts_and_is_connected_on_one_key(town: Town) -> None:
    missed(town)
    town.let_the_worker_work()
    assert town.nurse.ringing_from == LINE
    town.nurse.answer()
    assert town.nurse.heard == (
        "Urgent pump call. A pump alarm or a missed refill. Callback ending 0 1 4 2. "
        "Press 1 to accept, 2 to pass."
    )
    town.nurse.press("1")
    assert status(town) == "accepted"
    assert "Please call back now, on 5 1 2, 5 5 5, 0 1 4 2." in town.nurse.heard
    assert "Press 1 and I connect you now" in town.nurse.heard
    town.nurse.press("1")
    assert town.patient.ringing_from == LINE
    town.patient.answer()
    town.patient.hang_up()
    assert status(town) == "called_back"


def test_a_caller_who_does_not_answer_the_call_back_can_be_tried_again(town: Town) -> None:
    missed(town)
    town.let_the_worker_work()
    town.nurse.answer()
    town.nurse.press("1")
    town.nurse.press("1")
    town.patient.let_ring()
    assert "They did not answer on 5 1 2" in town.nurse.heard
    assert status(town) == "accepted"
    town.nurse.press("1")
    assert town.patient.ringing


def test_a_second_nurse_hears_who_has_it(town: Town) -> None:
    missed(town)
    town.let_the_worker_work()
    town.nurse.answer()
    town.backup.answer()
    town.nurse.press("1")
    town.backup.press("1")
    assert "Ana Ruiz has already taken this call" in town.backup.heard


def test_a_voicemail_that_answers_a_page_accepts_nothing(town: Town) -> None:
    missed(town)
    town.let_the_worker_work()
    town.nurse.voicemail_picks_up()
    assert status(town) != "accepted"


def test_everybody_is_called_again_every_two_minutes_until_somebody_accepts(town: Town) -> None:
    missed(town)
    sleep_through(town, 5)
    assert called(town) == [NURSE] * 3 + [BACKUP] * 3
    town.let_the_worker_work()
    town.product.clock.advance(minutes=1)
    town.let_the_worker_work()
    town.nurse.answer()
    town.nurse.press("1")
    before = called(town)
    town.let_the_worker_work()
    assert not town.backup.ringing
    town.product.clock.advance(minutes=30)
    assert town.let_the_worker_work() == 0
    assert called(town) == before


def test_the_supervisor_is_called_after_ten_minutes_and_can_accept(town: Town) -> None:
    missed(town)
    sleep_through(town, 10)
    assert SUPERVISOR not in called(town)
    while town.let_the_worker_work():
        pass
    assert town.supervisor.ringing
    town.supervisor.answer()
    town.supervisor.press("1")
    assert status(town) == "accepted"


def test_after_fifteen_minutes_the_desk_has_an_alarm_once(town: Town) -> None:
    missed(town)
    sleep_through(town, 15)
    alarms = "SELECT note, callback_number FROM desk_task WHERE kind = 'urgent_unanswered'"
    assert town.product.rows(alarms) == []
    sleep_through(town, 5)
    (alarm,) = town.product.rows(alarms)
    assert alarm["note"] == "Ticket 1: nobody has accepted it"
    assert alarm["callback_number"] == PATIENT
    assert called(town).count(NURSE) == 10


def test_a_caller_still_on_the_line_is_told_of_the_call_back_and_it_stays_accepted(
    town: Town,
) -> None:
    call = town.call(*ALARM)
    town.nurse.let_ring()
    town.backup.let_ring()
    town.let_the_worker_work()
    town.nurse.answer()
    town.nurse.press("1")
    call.press("1")
    assert "to call you back on the number ending in 0 1 4 2" in call.heard
    assert call.is_over
    assert status(town) == "accepted"


def test_a_call_that_breaks_off_right_after_acceptance_is_paged_for_at_once(town: Town) -> None:
    call = town.call(*ALARM)
    town.nurse.answer()
    town.nurse.press("1")
    town.product.clock.advance(seconds=29)
    call.hang_up()
    assert status(town) == "open"
    town.let_the_worker_work()
    assert called(town) == [NURSE, BACKUP]


def test_a_call_that_broke_off_right_after_acceptance_is_paged_for_when_that_is_told_late(
    town: Town,
) -> None:
    call = town.call(*ALARM)
    town.nurse.answer()
    town.nurse.press("1")
    town.product.clock.advance(seconds=20)
    broke_off = town.product.clock()
    town.company.next_webhook(*LOST, *LOST)
    call.hang_up()
    town.product.clock.advance(seconds=90)
    late = {"CallSid": call.sid, "To": LINE, "CallStatus": "completed"}
    town.product.post("/voice/status", late | {"Timestamp": format_datetime(broke_off)})
    assert status(town) == "open"
    town.let_the_worker_work()
    assert called(town) == [NURSE, BACKUP]
