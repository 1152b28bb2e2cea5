"""`0` is a person: by day the desk's phone rings, at night a promise is written down."""

from __future__ import annotations

import pytest

from tests.calls.town import Town
from tests.clock import MONDAY_NIGHT
from tests.product import DESK_PHONE


def tasks(town: Town) -> list[tuple[str, str | None]]:
    return [
        (row["kind"], row["callback_number"])
        for row in town.product.rows("SELECT kind, callback_number FROM desk_task")
    ]


def test_by_day_the_desk_rings_after_urgent_help_was_offered(town: Town) -> None:
    call = town.call("0")
    assert call.heard.startswith("If this is urgent, press 1.")
    call.stay_silent()
    assert town.desk.ringing
    town.desk.answer()
    assert call.bridged_with == DESK_PHONE


def test_when_the_desk_does_not_answer_a_callback_is_promised_and_stored(town: Town) -> None:
    call = town.call("0", "2")
    town.desk.let_ring()
    assert "cannot answer just now" in call.heard
    call.press("3", "1")
    assert "will call you back on the number ending in 0 1 4 2" in call.heard
    assert call.is_over
    assert tasks(town) == [("callback", "+15125550142")]


def test_at_night_nobody_is_rung_and_silence_alone_leaves_a_callback(town: Town) -> None:
    town.product.clock.now = MONDAY_NIGHT
    call = town.call("0", "2")
    assert not town.desk.ringing
    assert "The front desk is closed now." in call.heard
    call.stay_silent()
    call.stay_silent()
    assert call.is_over
    assert tasks(town) == [("callback", "+15125550142")]


def test_three_silences_at_the_menu_end_with_a_person(town: Town) -> None:
    call = town.call()
    for _ in range(4):
        call.stay_silent()
    assert town.desk.ringing


def test_a_hidden_number_that_is_never_keyed_still_leaves_a_note_for_the_desk(town: Town) -> None:
    town.product.clock.now = MONDAY_NIGHT
    call = town.call("0", "2", "3", withhold_number=True)
    for _ in range(3):
        call.stay_silent()
    assert call.is_over
    assert "we cannot call you back" in call.heard
    assert tasks(town) == [("missed_caller", None)]


def test_urgent_help_is_one_key_away_from_the_offer_of_a_person(town: Town) -> None:
    town.call("0", "1", "2")
    assert town.nurse.ringing


def test_a_clinician_who_calls_about_a_patient_reaches_on_call_staff_directly(town: Town) -> None:
    town.call("0", "3")
    town.nurse.answer()
    assert "A clinician about a patient." in town.nurse.heard


def test_nobody_is_called_back_on_a_number_the_caller_refused(town: Town) -> None:
    town.product.clock.now = MONDAY_NIGHT
    call = town.call("0", "2", "3", "2")
    for _ in range(3):
        call.stay_silent()
    assert call.is_over
    assert "we cannot call you back" in call.heard
    assert tasks(town) == [("missed_caller", None)]


@pytest.mark.parametrize(
    "words",
    [
        "my father died last month please cancel his visits",
        "mi esposo falleció para que cancelen sus citas",
    ],
)
def test_whoever_reports_a_death_reaches_the_desk_which_is_told_what_stops_the_messages(
    town: Town, words: str
) -> None:
    call = town.call()
    call.say(words)
    assert "sorry for your loss" in call.heard or "Lamento mucho su pérdida" in call.heard
    assert "press 1" in call.heard or "oprima 1" in call.heard
    call.stay_silent()
    town.desk.let_ring()
    town.patient.press("3", "1")
    (task,) = town.product.rows("SELECT kind, note FROM desk_task")
    assert task["kind"] == "callback"
    assert "has died: enter the date of death" in task["note"]


def test_a_death_in_the_family_is_no_reason_to_take_anothers_wish_for_it(town: Town) -> None:
    call = town.call()
    call.say("we had a death in the family so I have to cancel my appointment")
    assert "sorry for your loss" not in call.heard
    assert "to find the patient's record" in call.heard


def test_who_says_that_somebody_has_just_died_is_urgent(town: Town) -> None:
    call = town.call()
    call.say("I think my husband just died")
    assert town.nurse.ringing
    assert "dial 9 1 1" in call.heard
