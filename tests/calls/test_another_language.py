"""A caller whose language the line does not speak reaches a person, who is told of it."""

from __future__ import annotations

import pytest

from tests.calls.on_file import MYSELF, File
from tests.calls.town import Town
from tests.clock import MONDAY_NIGHT
from tests.product import DESK_PHONE


def notes(town: Town) -> list[tuple[str, str]]:
    """What waits for the desk: kind and note."""
    return [
        (row["kind"], row["note"])
        for row in town.product.rows("SELECT kind, note FROM desk_task ORDER BY created_at")
    ]


def test_by_key_four_of_the_menu_of_persons_the_desk_rings(town: Town) -> None:
    call = town.call("0")
    assert "For another language, press 4." in call.heard
    call.press("4")
    assert town.desk.ringing


def test_whoever_picks_up_at_the_desk_hears_first_which_language_is_needed(town: Town) -> None:
    call = town.call()
    call.say("Vietnamese")
    call.press("2")
    town.desk.answer()
    assert "Interpreter needed: Vietnamese." in town.desk.heard
    assert call.bridged_with == DESK_PHONE
    assert town.company.refused == []


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (("0", "4"), "Interpreter needed. The language is not known."),
        (("9", "0", "2"), "The caller speaks Spanish."),
        (("0", "2"), ""),
    ],
)
def test_the_desk_hears_what_it_needs_to_know_and_no_more(
    town: Town, keys: tuple[str, ...], said: str
) -> None:
    call = town.call(*keys)
    town.desk.answer()
    assert town.desk.heard == said
    assert call.bridged_with == DESK_PHONE


def test_what_is_told_to_the_desk_says_it_too(town: Town) -> None:
    File.of(town).visit_today(town.product.clock().replace(hour=19))
    call = town.call()
    call.say("otro idioma por favor, vietnamita")
    call.press("*", "*")
    call.say("I am running late")
    call.press(*MYSELF, "2")
    ((kind, note),) = notes(town)
    assert kind == "running_late"
    assert note.endswith("about 20 minutes late. Needs an interpreter (Vietnamese).")


def test_who_is_called_back_is_called_by_somebody_who_knows_it(town: Town) -> None:
    town.call("0", "4")
    town.desk.let_ring()
    town.patient.press("3", "1")
    assert notes(town) == [("callback", "Needs an interpreter.")]


@pytest.mark.parametrize(
    ("words", "understood"),
    [
        ("Vietnamese please", " (Vietnamese)"),
        ("do you speak Chinese", " (Chinese)"),
        ("Arabic", " (Arabic)"),
        ("I need an interpreter", ""),
        ("another language", ""),
        ("otro idioma por favor", ""),
        ("hablo árabe", " (Arabic)"),
    ],
)
def test_aloud_at_the_first_menu_it_is_the_person_menu_which_still_offers_urgent_help_first(
    town: Town, words: str, understood: str
) -> None:
    town.product.clock.now = MONDAY_NIGHT
    call = town.call()
    call.say(words)
    assert call.heard.startswith("If this is urgent, press 1.")
    for _ in range(3):
        call.stay_silent()
    assert call.is_over
    assert notes(town) == [("callback", f"Needs an interpreter{understood}.")]


def test_said_again_at_the_menu_of_persons_it_rings_the_desk(town: Town) -> None:
    call = town.call()
    call.say("Vietnamese")
    call.say("Vietnamese")
    assert town.desk.ringing


def test_a_message_carries_it_too(town: Town) -> None:
    call = town.call("0", "4")
    town.desk.let_ring()
    call.press("2", "2")
    call.say("xin chào")
    call.press("#")
    assert notes(town) == [("message", "Needs an interpreter.")]


@pytest.mark.parametrize("words", ["Vietnamese, emergency", "otro idioma, la alarma de la bomba"])
def test_an_urgent_word_beside_it_is_urgent(town: Town, words: str) -> None:
    call = town.call()
    call.say(words)
    town.company.settle()
    assert town.product.count("ticket") == 1
    assert "press 1" in call.heard or town.nurse.ringing


def test_within_the_urgent_branch_it_holds_nothing_up(town: Town) -> None:
    call = town.call("1")
    call.say("Vietnamese")
    assert town.nurse.ringing


def test_in_an_entry_such_a_word_may_be_a_name(town: Town) -> None:
    call = town.call("2", "1")
    call.say("my name is Carol French")
    assert call.heard.startswith("I heard Carol French.")
