"""What an urgent call is about: asked once, after the ticket is stored, and only ever raised."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.calls.town import ALARM, Town
from tests.carrier.xml_of import parsed
from tests.clock import MONDAY_NIGHT
from tests.product import incoming

TUESDAY_MORNING = datetime(2026, 11, 24, 15, 10, tzinfo=UTC)
"""9:10 in Chicago: the desk is there until five."""


@pytest.fixture(autouse=True)
def at_night(town: Town) -> None:
    town.product.clock.now = MONDAY_NIGHT


def category(town: Town) -> str:
    (ticket,) = town.product.rows("SELECT category FROM ticket")
    return str(ticket["category"])


def test_the_ticket_stands_before_anything_is_asked(town: Town) -> None:
    call = town.call("1")
    assert "For a pump alarm or a missed refill, press 2." in call.heard
    assert category(town) == "unknown"
    call.hang_up()
    town.let_the_worker_work()
    assert town.nurse.ringing


def test_silence_rings_the_nurse(town: Town) -> None:
    call = town.call("1")
    call.stay_silent()
    town.nurse.answer()
    assert town.nurse.heard.startswith("Urgent pump call. Callback ending")


def test_an_emergency_is_told_to_call_911_twice_and_is_rung_for_all_the_same(town: Town) -> None:
    call = town.call("1", "1")
    assert call.heard_in_all.count("Hang up now and dial 9 1 1.") == 2
    town.nurse.answer()
    assert "An emergency; told to call 9 1 1." in town.nurse.heard
    town.nurse.press("1")
    assert call.bridged_with == town.nurse.number


def test_there_are_three_seconds_between_to_hang_up_in(town: Town) -> None:
    product = town.product
    product.post("/voice/incoming", incoming())
    product.post("/voice/turn/1", incoming(Digits="1"))
    verbs = parsed(product.post("/voice/turn/2", incoming(Digits="1")).get_data(as_text=True))
    assert [verb.tag for verb in verbs] == ["Say", "Pause", "Say", "Dial"]
    assert verbs[1].get("length") == "3"


def test_an_emergency_texts_staff_at_once_whether_or_not_the_caller_stays(town: Town) -> None:
    town.call("1", "1")
    town.let_the_worker_work()
    assert len(town.nurse.texts) == 1


def test_words_that_say_what_it_is_spare_the_question(town: Town) -> None:
    call = town.call("2")
    call.say("my pump is beeping", confidence=0.2)
    assert town.nurse.ringing
    assert category(town) == "alarm"


def test_a_question_is_promised_a_call_by_a_time_and_offered_somebody_now(town: Town) -> None:
    town.product.clock.now = TUESDAY_MORNING
    call = town.call("1", "4")
    assert "by Tuesday, November 24, at 11:15 in the morning" in call.heard
    assert not town.nurse.ringing
    call.press("1")
    assert town.nurse.ringing


def test_whoever_waits_for_the_desk_wakes_nobody_before_the_promised_time(town: Town) -> None:
    town.product.clock.now = TUESDAY_MORNING
    call = town.call("1", "4", "2")
    assert "Thank you. We will call you back by" in call.heard
    assert call.is_over
    town.product.clock.advance(hours=2)
    assert town.let_the_worker_work() == 0
    assert not town.nurse.texts
    # 11:15 has come and nobody of the desk has taken it.
    town.product.clock.advance(minutes=6)
    town.let_the_worker_work()
    assert town.nurse.ringing
    assert len(town.nurse.texts) == 1


def test_a_question_at_night_is_promised_the_desks_next_hours(town: Town) -> None:
    call = town.call("1", "4")
    assert "at 10 in the morning" in call.heard


@pytest.mark.parametrize("answer", ["silence", "hangs up"])
def test_a_promise_that_nobody_took_is_no_promise(town: Town, answer: str) -> None:
    town.product.clock.now = TUESDAY_MORNING
    call = town.call("1", "4")
    if answer == "silence":
        call.stay_silent()
    else:
        call.hang_up()
        town.let_the_worker_work()
    assert town.nurse.ringing


def test_a_hidden_number_is_asked_for_before_anything_is_left_to_the_desk(town: Town) -> None:
    town.product.clock.now = TUESDAY_MORNING
    call = town.call("1", "4", "2", withhold_number=True)
    assert "ten-digit number" in call.heard
    call.press("5125550177")
    assert "ending in 0 1 7 7" in call.heard
    (ticket,) = town.product.rows("SELECT callback_number, callback_by FROM ticket")
    assert ticket["callback_number"] == "+15125550177"
    assert ticket["callback_by"] is not None


def test_what_was_an_alarm_does_not_become_a_question(town: Town) -> None:
    call = town.call(*ALARM)
    town.nurse.let_ring()
    town.backup.let_ring()
    call.say("it is a question about my medicine and I have a fever")
    assert category(town) == "symptom"
