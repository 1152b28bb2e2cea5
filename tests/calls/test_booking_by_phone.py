"""A caller books a consultation, by keys or by voice, and the slot is really theirs."""

from __future__ import annotations

from tests.calls.town import NO_TEXTS, Town
from tests.product import LINE

TO_THE_SLOTS = ("2", "1", "1", "03041940", "1", "1")
"""Appointments, consultation, no name, born March 4, 1940, yes, own number."""


def test_a_visit_is_booked_by_keys_alone(town: Town) -> None:
    call = town.call(*TO_THE_SLOTS)
    assert call.heard.count("press") == 4
    call.press("1")
    assert "A consultation with Doctor Fura, on " in call.heard
    call.press("1")
    call.press(NO_TEXTS)
    assert call.heard.startswith("You are booked: ")
    (visit,) = town.product.rows("SELECT * FROM visit")
    assert (visit["status"], visit["callback_number"]) == ("booked", "+15125550142")
    (patient,) = town.product.rows("SELECT * FROM patient")
    assert patient["name"] is None
    assert town.company.refused == []


def test_a_visit_is_booked_by_voice(town: Town) -> None:
    call = town.call()
    call.say("I'd like to make an appointment")
    call.say("a consultation please")
    call.say("my name is maria gonzalez")
    assert call.heard.startswith("I heard Maria Gonzalez.")
    call.say("yes that's right")
    call.say("March 4th 1940")
    assert call.heard.startswith("I have March 4, 1940.")
    call.say("yes")
    call.say("sure")
    second = call.heard.split("press 1.")[1].split(", press 2.")[0].removeprefix(" For ")
    call.say("the second one")
    assert second in call.heard
    call.say("book it")
    call.press(NO_TEXTS)
    assert call.heard.startswith("You are booked: ")
    (patient,) = town.product.rows("SELECT * FROM patient")
    assert patient["name"] == "Maria Gonzalez"
    assert town.product.count("visit") == 1


def test_a_visit_is_booked_in_spanish(town: Town) -> None:
    call = town.call("9")
    call.say("quiero una cita")
    call.say("una consulta")
    call.say("me llamo José Ñáñez")
    call.press("1", "03041940", "1", "1", "3", "1")
    call.press(NO_TEXTS)
    assert call.heard.startswith("Cita reservada: el ")
    (patient,) = town.product.rows("SELECT * FROM patient")
    assert (patient["name"], patient["language"]) == ("José Ñáñez", "es")


def test_a_chosen_slot_is_held_while_it_is_read_back_and_freed_on_hang_up(town: Town) -> None:
    call = town.call(*TO_THE_SLOTS, "1")
    first_times = town.product.rows("SELECT starts_at FROM hold")
    other = town.company.phone("+15125550143").call(LINE)
    other.press(*TO_THE_SLOTS, "1")
    times = {row["starts_at"] for row in town.product.rows("SELECT starts_at FROM hold")}
    assert len(times) == 2
    call.hang_up()
    assert town.product.count("hold") == 1
    late = town.company.phone("+15125550144").call(LINE)
    late.press(*TO_THE_SLOTS, "1", "1")
    (visit,) = town.product.rows("SELECT starts_at FROM visit")
    assert visit["starts_at"] == first_times[0]["starts_at"]


def test_a_slot_that_has_just_gone_is_answered_with_the_next_free_ones(town: Town) -> None:
    call = town.call(*TO_THE_SLOTS)
    other = town.company.phone("+15125550143").call(LINE)
    other.press(*TO_THE_SLOTS, "1", "1")
    call.press("1")
    assert call.heard.startswith("That time has just been taken.")
    call.press("1", "1")
    call.press(NO_TEXTS)
    assert call.heard.startswith("You are booked: ")
    starts = [row["starts_at"] for row in town.product.rows("SELECT starts_at FROM visit")]
    assert len(set(starts)) == 2


def test_a_caller_who_thinks_for_long_keeps_the_slot_they_chose(town: Town) -> None:
    call = town.call(*TO_THE_SLOTS, "1")
    for _ in range(2):
        town.product.clock.advance(minutes=2)
        call.stay_silent()
    town.product.clock.advance(minutes=2)
    call.press("1")
    call.press(NO_TEXTS)
    assert call.heard.startswith("You are booked: ")


def test_later_times_are_later_and_the_earlier_ones_can_be_reached_again(town: Town) -> None:
    call = town.call(*TO_THE_SLOTS)
    earlier = call.heard
    call.press("4", "1")
    later = call.heard
    assert later != earlier
    call.press("*", "*")
    assert call.is_over is False


def test_choosing_another_time_after_the_read_back_frees_the_first(town: Town) -> None:
    call = town.call(*TO_THE_SLOTS, "1", "2", "2", "1")
    call.press(NO_TEXTS)
    assert call.heard.startswith("You are booked: ")
    assert (town.product.count("visit"), town.product.count("hold")) == (1, 0)


def test_a_second_visit_of_the_same_patient_goes_to_the_desk(town: Town) -> None:
    town.call(*TO_THE_SLOTS, "1", "1").hang_up()
    call = town.call(*TO_THE_SLOTS, "1", "1")
    assert "You already have a visit booked" in call.heard
    call.press("1", "1")
    assert call.is_over
    assert town.product.count("visit") == 1
    (task,) = town.product.rows("SELECT kind, callback_number FROM desk_task")
    assert (task["kind"], task["callback_number"]) == ("callback", "+15125550142")


def test_a_withheld_number_is_asked_for(town: Town) -> None:
    call = town.call("2", "1", "1", "03041940", "1", withhold_number=True)
    assert call.heard.startswith("Please key your ten-digit phone number.")
    call.press("5125550177", "1", "1", "1", NO_TEXTS)
    assert "on the number ending in 0 1 7 7" in call.heard
    (visit,) = town.product.rows("SELECT callback_number FROM visit")
    assert visit["callback_number"] == "+15125550177"


def test_the_line_never_redirects_or_is_refused_by_the_carrier(town: Town) -> None:
    town.call(
        *TO_THE_SLOTS, "4", "1", "1", "2", "1", "1", "1", "2", "3", "1", "3", "4", "2"
    ).hang_up()
    assert town.company.refused == []
    assert {webhook.status for webhook in town.company.webhooks} <= {200, 204}


def test_going_back_after_a_slot_was_lost_never_reads_back_a_slot_that_is_gone(town: Town) -> None:
    call = town.call(*TO_THE_SLOTS, "1")
    town.product.clock.advance(minutes=10)
    other = town.company.phone("+15125550143").call(LINE)
    other.press(*TO_THE_SLOTS, "1", "1")
    call.press("1")
    assert call.heard.startswith("That time has just been taken.")
    call.press("*", "*")
    assert "It is kept for you" not in call.heard
    assert call.heard.startswith("These times are free.")
    call.press("1", "1")
    call.press(NO_TEXTS)
    assert call.heard.startswith("You are booked: ")


def test_going_back_after_booking_offers_nothing_that_is_not_held(town: Town) -> None:
    call = town.call(*TO_THE_SLOTS, "1", "1")
    call.press(NO_TEXTS)
    assert call.heard.startswith("You are booked: ")
    call.press("*", "*")
    assert "It is kept for you" not in call.heard
    assert not call.is_over
    assert town.product.count("visit") == 1
