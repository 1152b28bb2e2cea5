"""A call that broke off in the middle of booking goes on there, for whoever began it."""

from __future__ import annotations

import pytest

from ivr.simulator.testing import PlacedCall
from tests.calls.town import NO_TEXTS, Town
from tests.product import LINE

TO_THE_READ_BACK = ("2", "1", "1", "03041940", "1", "1", "1")
"""Appointments, consultation, no name, born March 4, 1940, yes, own number, the first slot."""

OFFER = "You began to book a visit a few minutes ago."


def broken_off(town: Town, *keys: str) -> None:
    """A call that is hung up after these keys."""
    town.call(*keys).hang_up()
    town.company.settle()


def again(town: Town, *keys: str) -> PlacedCall:
    """The same telephone, three minutes later."""
    town.product.clock.advance(minutes=3)
    return town.call(*keys)


def test_it_is_offered_after_appointments_were_chosen_and_not_before(town: Town) -> None:
    broken_off(town, *TO_THE_READ_BACK)
    call = again(town)
    assert OFFER not in call.heard
    assert call.heard.startswith("If this is an emergency, hang up and dial 9 1 1.")
    call.press("2")
    assert call.heard == (f"{OFFER} To go on where you stopped, press 1. To begin anew, press 2.")


def test_the_date_of_birth_given_then_brings_the_caller_back_to_the_slots(town: Town) -> None:
    broken_off(town, *TO_THE_READ_BACK)
    assert town.product.count("hold") == 0
    call = again(town, "2", "1", "03041940")
    assert call.heard.startswith("These times are free.")
    assert town.product.count("hold") == 0
    call.press("1", "1")
    call.press(NO_TEXTS)
    assert call.heard.startswith("You are booked: ")
    (visit,) = town.product.rows("SELECT callback_number FROM visit")
    assert visit["callback_number"] == "+15125550142"
    (patient,) = town.product.rows("SELECT date_of_birth FROM patient")
    assert str(patient["date_of_birth"]) == "1940-03-04"


def test_a_name_and_another_number_given_then_are_kept(town: Town) -> None:
    first = town.call("2", "1")
    first.say("my name is maria gonzalez")
    first.press("1", "03041940", "1", "2", "5125550177", "1")
    assert first.heard.startswith("These times are free.")
    first.hang_up()
    again(town, "2", "1", "03041940", "1", "1")
    (patient,) = town.product.rows("SELECT name FROM patient")
    assert patient["name"] == "Maria Gonzalez"
    (visit,) = town.product.rows("SELECT callback_number FROM visit")
    assert visit["callback_number"] == "+15125550177"


def test_who_stopped_at_the_number_goes_on_at_the_number(town: Town) -> None:
    broken_off(town, "2", "1", "1", "03041940", "1")
    call = again(town, "2", "1", "03041940")
    assert "0 1 4 2" in call.heard or "5 1 2" in call.heard
    call.press("1", "1", "1")
    call.press(NO_TEXTS)
    assert call.heard.startswith("You are booked: ")


def test_another_date_of_birth_begins_anew_and_reveals_nothing(town: Town) -> None:
    broken_off(town, *TO_THE_READ_BACK)
    plain = town.company.phone("+15125550143").call(LINE)
    plain.press("2")
    call = again(town, "2", "1", "03041941")
    assert call.heard == plain.heard
    call.press("1", "1")
    assert "1940" not in call.heard_in_all
    # One try: neither in this call nor, after hanging up, in the next is it offered again.
    call.press("*", "*")
    call.hang_up()
    assert OFFER not in again(town, "2").heard


def test_beginning_anew_is_beginning_anew(town: Town) -> None:
    broken_off(town, *TO_THE_READ_BACK)
    call = again(town, "2", "2")
    assert "To book" in call.heard or "consultation" in call.heard
    call.press("3", "2")
    assert OFFER not in call.heard


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        (("2",), "nothing was given"),
        (("2", "1", "1"), "no date of birth was given"),
        ((*TO_THE_READ_BACK, "1"), "the visit is booked"),
        (("4",), "hours were asked for"),
    ],
)
def test_where_there_is_nothing_to_go_on_with_nothing_is_offered(
    town: Town, keys: tuple[str, ...], why: str
) -> None:
    broken_off(town, *keys)
    assert OFFER not in again(town, "2").heard, why


def test_after_a_quarter_of_an_hour_it_is_over(town: Town) -> None:
    broken_off(town, *TO_THE_READ_BACK)
    town.product.clock.advance(minutes=16)
    assert OFFER not in town.call("2").heard


def test_another_telephone_and_a_hidden_number_are_offered_nothing(town: Town) -> None:
    broken_off(town, *TO_THE_READ_BACK)
    town.product.clock.advance(minutes=3)
    other = town.company.phone("+15125550143").call(LINE)
    other.press("2")
    assert OFFER not in other.heard
    assert OFFER not in town.call("2", withhold_number=True).heard


def test_an_urgent_word_at_the_offer_is_urgent(town: Town) -> None:
    broken_off(town, *TO_THE_READ_BACK)
    call = again(town, "2")
    call.say("my pump is beeping")
    assert town.nurse.ringing


def test_in_spanish_it_is_offered_in_spanish(town: Town) -> None:
    broken_off(town, "9", *TO_THE_READ_BACK)
    call = again(town, "9", "2")
    assert call.heard.startswith("Hace unos minutos usted empezó a reservar una cita.")
    call.press("1", "03041940", "1", "1")
    call.press(NO_TEXTS)
    assert call.heard.startswith("Cita reservada: el ")
