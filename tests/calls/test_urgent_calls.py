"""A pump alarms at 2:40 a.m.: somebody human takes the call, or is paged until they do."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from tests.calls.town import ALARM, Town
from tests.clock import MONDAY_NIGHT
from tests.product import BACKUP, LINE, NURSE, PATIENT, incoming


@pytest.fixture(autouse=True)
def at_night(town: Town) -> None:
    town.product.clock.now = MONDAY_NIGHT


def pages(town: Town) -> set[str]:
    return {
        row["to_number"]
        for row in town.product.rows("SELECT to_number FROM outbox_message WHERE state = 'sent'")
    }


def ticket_status(town: Town) -> str:
    (ticket,) = town.product.rows("SELECT status FROM ticket")
    return str(ticket["status"])


def test_the_nurse_hears_the_whisper_presses_1_and_is_connected(town: Town) -> None:
    call = town.call(*ALARM)
    assert "hang up now and dial 9 1 1" in call.heard_in_all
    assert town.nurse.ringing
    assert town.nurse.ringing_from == "+15125550100"
    town.nurse.answer()
    assert town.nurse.heard == (
        "Urgent pump call. A pump alarm or a missed refill. Callback ending 0 1 4 2. "
        "Press 1 to accept, 2 to pass."
    )
    town.nurse.press("1")
    assert call.bridged_with == NURSE
    assert ticket_status(town) == "accepted"


def test_the_ticket_stands_before_the_first_ring(town: Town) -> None:
    town.call(*ALARM)
    assert town.nurse.ringing
    assert town.product.count("ticket") == 1


@pytest.mark.parametrize("how", ["rings out", "busy", "off", "passes", "silent", "rejects"])
def test_when_the_nurse_does_not_take_it_the_backup_rings(town: Town, how: str) -> None:
    if how == "busy":
        town.nurse.go_busy()
    if how == "off":
        town.nurse.switch_off()
    call = town.call(*ALARM)
    match how:
        case "rings out":
            town.nurse.let_ring()
        case "rejects":
            town.nurse.reject()
        case "passes":
            town.nurse.answer()
            town.nurse.press("2")
        case "silent":
            town.nurse.answer()
            town.nurse.stay_silent()
            town.nurse.stay_silent()
    assert town.backup.ringing
    town.backup.answer()
    town.backup.press("1")
    assert call.bridged_with == BACKUP


def test_a_voicemail_can_never_win(town: Town) -> None:
    call = town.call(*ALARM)
    town.nurse.voicemail_picks_up()
    assert call.bridged_with is None
    assert town.backup.ringing


def test_a_wrong_key_in_the_whisper_is_forgiven_once(town: Town) -> None:
    call = town.call(*ALARM)
    town.nurse.answer()
    town.nurse.press("7")
    assert town.nurse.heard.startswith("I did not get a key for this.")
    town.nurse.press("1")
    assert call.bridged_with == NURSE


def test_when_nobody_answers_the_caller_is_told_so_and_everybody_is_paged(town: Town) -> None:
    call = town.call(*ALARM)
    town.nurse.let_ring()
    town.backup.let_ring()
    assert "Nobody has answered yet." in call.heard
    assert town.let_the_worker_work() == 4
    assert pages(town) == {NURSE, BACKUP}
    assert town.nurse.ringing
    assert town.backup.ringing
    (text,) = town.nurse.texts
    assert "/frontdesk/tickets/1" in text.body
    assert PATIENT[-4:] not in text.body
    call.stay_silent()
    assert "to call you back on the number ending in 0 1 4 2" in call.heard
    assert call.is_over
    assert ticket_status(town) != "accepted"


def test_a_caller_who_hangs_up_while_it_rings_is_not_forgotten(town: Town) -> None:
    town.call(*ALARM).hang_up()
    assert not town.nurse.ringing
    assert town.let_the_worker_work() == 4
    assert pages(town) == {NURSE, BACKUP}


def test_an_accepted_call_pages_nobody(town: Town) -> None:
    call = town.call(*ALARM)
    town.nurse.answer()
    town.nurse.press("1")
    town.product.clock.advance(seconds=30)
    call.hang_up()
    town.product.clock.advance(minutes=5)
    assert town.let_the_worker_work() == 0
    assert pages(town) == set()


def test_a_page_goes_out_after_a_minute_of_ringing_even_if_we_hear_no_more(town: Town) -> None:
    town.call(*ALARM)
    assert town.let_the_worker_work() == 0
    town.product.clock.advance(seconds=61)
    assert town.let_the_worker_work() == 2


def test_urgent_words_at_any_prompt_ring_the_nurse(town: Town) -> None:
    call = town.call("2", "1")
    call.say("my pump is beeping", confidence=0.2)
    assert town.nurse.ringing


def test_a_withheld_number_rings_first_and_is_asked_for_later(town: Town) -> None:
    call = town.call(*ALARM, withhold_number=True)
    town.nurse.answer()
    assert "number is hidden" in town.nurse.heard
    town.nurse.press("2")
    town.backup.let_ring()
    call.stay_silent()
    assert "ten-digit number" in call.heard
    call.press("5125550177")
    (ticket,) = town.product.rows("SELECT callback_number FROM ticket")
    assert ticket["callback_number"] == "+15125550177"
    assert call.is_over


def test_ringing_again_starts_with_the_first_person(town: Town) -> None:
    call = town.call(*ALARM)
    town.nurse.let_ring()
    town.backup.let_ring()
    call.press("1")
    assert town.nurse.ringing
    town.nurse.answer()
    town.nurse.press("1")
    assert call.bridged_with == NURSE


def test_a_caller_never_hears_silence_longer_than_ten_seconds(town: Town) -> None:
    call = town.call(*ALARM)
    town.nurse.let_ring()
    town.backup.let_ring()
    call.press("1")
    town.nurse.let_ring()
    town.backup.let_ring()
    call.stay_silent()
    assert call.is_over
    assert call.longest_silence <= timedelta(seconds=10)
    assert town.company.refused == []


def test_confusion_after_nobody_answered_still_ends_in_the_promise_of_a_nurse(town: Town) -> None:
    call = town.call(*ALARM)
    town.nurse.let_ring()
    town.backup.let_ring()
    call.press("7", "8", "9")
    assert "to call you back on the number ending in 0 1 4 2" in call.heard
    assert call.is_over


def test_a_nurse_who_accepts_after_the_caller_hung_up_is_told_whom_to_call_back(
    town: Town,
) -> None:
    call = town.call(*ALARM)
    town.nurse.answer()
    ticket = town.product.rows("SELECT id FROM ticket")[0]["id"]
    call.hang_up()
    leg = {"CallSid": "CA" + "9" * 32, "From": LINE, "To": NURSE, "Digits": "1"}
    answer = town.product.post(
        f"/voice/whisper/{UUID(str(ticket))}/ana-ruiz/answer/0", incoming(**leg)
    )
    text = answer.get_data(as_text=True)
    assert "Please call back now, on 5 1 2, 5 5 5, 0 1 4 2." in text
    assert "<Hangup" in text


def test_a_number_given_earlier_in_the_call_is_where_the_nurse_calls_back(town: Town) -> None:
    call = town.call("2", "1", "1", "03041940", "1", "5125550177", "1", withhold_number=True)
    call.say("emergency")
    call.stay_silent()
    town.nurse.let_ring()
    town.backup.let_ring()
    call.stay_silent()
    assert "ending in 0 1 7 7" in call.heard
    (ticket,) = town.product.rows("SELECT callback_number FROM ticket")
    assert ticket["callback_number"] == "+15125550177"


def test_a_caller_who_leaves_no_number_is_told_so(town: Town) -> None:
    call = town.call(*ALARM, withhold_number=True)
    town.nurse.let_ring()
    town.backup.let_ring()
    for _ in range(4):
        call.stay_silent()
    assert "we have no number to call you back on" in call.heard
    assert call.is_over


def test_a_call_that_lost_its_session_rings_again_for_the_ticket_it_already_has(
    town: Town,
) -> None:
    town.call(*ALARM)
    town.nurse.let_ring()
    town.backup.let_ring()
    call = {"CallSid": town.company.calls[0].sid, "From": PATIENT}
    town.product.clock.advance(seconds=30)
    # The turn before was never stored, so the call starts anew, and urgent help is asked again.
    assert "press 1" in town.product.post("/voice/turn/50", incoming(**call)).get_data(as_text=True)
    pressed = town.product.post("/voice/turn/51", incoming(**call, Digits="1"))
    assert f">{NURSE}</Number>" in pressed.get_data(as_text=True)
    assert town.product.count("ticket") == 1
