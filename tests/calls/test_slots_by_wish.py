"""A caller asks for another time, by key or in words, and hears times as they wished."""

from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.simulator.testing import PlacedCall
from tests.calls.test_booking_by_phone import TO_THE_SLOTS
from tests.calls.town import NO_TEXTS, Town

ZONE = ZoneInfo("America/Chicago")


def offered(town: Town) -> list[datetime]:
    """The times just read out, on the clinic's clock."""
    (row,) = town.product.rows(
        "SELECT state FROM call_turn WHERE state IS NOT NULL ORDER BY turn DESC LIMIT 1"
    )
    facts = json.loads(str(row["state"]))["facts"]
    slots = [json.loads(facts[f"slot_{n}"]) for n in (1, 2, 3) if f"slot_{n}" in facts]
    return [datetime.fromisoformat(slot["starts_at"]).astimezone(ZONE) for slot in slots]


def to_the_slots(town: Town) -> PlacedCall:
    """A call that has just heard the first free times."""
    return town.call(*TO_THE_SLOTS)


def test_mornings_and_afternoons_can_be_chosen_by_key(town: Town) -> None:
    call = to_the_slots(town)
    call.press("4", "3", "2")
    assert {slot.hour >= 12 for slot in offered(town)} == {True}
    call.press("4", "3", "1")
    assert {slot.hour < 12 for slot in offered(town)} == {True}


def test_another_day_can_be_keyed(town: Town) -> None:
    call = to_the_slots(town)
    today = town.product.clock.now.astimezone(ZONE).date()
    call.press("4", "4")
    assert call.heard.startswith("Which day would you like?")
    wanted = next(slot.date() for slot in offered(town) if slot.date() > today)
    call.press(f"{wanted:%m%d}")
    assert offered(town)[0].date() == wanted


def test_a_day_said_where_slots_are_read_out_is_searched_at_once(town: Town) -> None:
    call = to_the_slots(town)
    call.say("do you have anything on a Wednesday afternoon")
    assert call.heard.startswith(("These times are free.", "I have nothing free then."))
    call.say("el martes por la tarde")
    assert all(slot.hour >= 12 for slot in offered(town))


def test_a_day_with_two_readings_is_asked_back_with_both_dates(town: Town) -> None:
    call = to_the_slots(town)
    today = town.product.clock.now.astimezone(ZONE).date()
    assert today.weekday() < 4
    call.say("next Friday")
    assert call.heard.startswith("Which of these do you mean? For Friday, ")
    assert call.heard.count("For Friday, ") == 2
    call.press("2")
    assert all((slot.date() - today).days > 5 for slot in offered(town))


def test_where_nothing_is_free_the_nearest_times_after_are_offered(town: Town) -> None:
    call = to_the_slots(town)
    call.say("sunday")
    assert call.heard.startswith("I have nothing free then. The nearest times are these.")
    assert call.heard.count("press") == 3
    call.press("1", "1")
    call.press(NO_TEXTS)
    assert call.heard.startswith("You are booked: ")


def test_later_and_earlier_can_be_said(town: Town) -> None:
    call = to_the_slots(town)
    first = offered(town)
    call.say("something later please")
    assert offered(town)[0] > first[-1]
    call.say("go back to the first times")
    assert offered(town) == first


def test_the_third_is_the_third_slot_and_no_day_of_the_month(town: Town) -> None:
    call = to_the_slots(town)
    third = offered(town)[2]
    call.say("the third one")
    assert call.heard.startswith("A consultation with ")
    assert f", {third:%B} {third.day}, at " in call.heard


def test_a_wish_holds_for_what_comes_later(town: Town) -> None:
    call = to_the_slots(town)
    call.say("afternoons")
    call.press("4", "1")
    assert {slot.hour >= 12 for slot in offered(town)} == {True}


def test_slower_speech_is_asked_of_the_carrier_for_the_rest_of_the_call(town: Town) -> None:
    call = town.call()
    call.say("please slow down")
    assert "press 2" in call.heard
    call.press("4")
    (row,) = town.product.rows(
        "SELECT answer FROM call_turn WHERE answer IS NOT NULL ORDER BY turn DESC LIMIT 1"
    )
    assert '<prosody rate="80%">' in str(row["answer"])


def test_what_is_ruled_out_is_not_read_out_until_a_day_is_named(town: Town) -> None:
    call = to_the_slots(town)
    assert {slot.weekday() for slot in offered(town)} == {1}
    call.say("any day but Tuesday")
    assert {slot.weekday() for slot in offered(town)} == {2}
    call.say("que no sea miércoles")
    assert {slot.weekday() for slot in offered(town)}.isdisjoint({1, 2})
    call.say("not before eleven")
    assert {slot.hour >= 11 for slot in offered(town)} == {True}
    assert {slot.weekday() for slot in offered(town)}.isdisjoint({1, 2})
    call.press("4", "1")
    assert {slot.weekday() for slot in offered(town)}.isdisjoint({1, 2})
    call.say("in december")
    assert {slot.month for slot in offered(town)} == {12}
    assert {slot.weekday() for slot in offered(town)}.isdisjoint({1, 2})
    call.say("the first of december")
    assert {slot.weekday() for slot in offered(town)} == {1}
    assert min(slot.hour for slot in offered(town)) < 11
