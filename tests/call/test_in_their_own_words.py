"""What callers ask for in their own words, at any prompt: what they want, and how they want it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ivr.call.engine import advance
from ivr.call.events import Act, Arrived, Keyed, Said, Turn, Wait
from ivr.call.flow import FLOW
from ivr.call.prompts import Prompts
from ivr.call.session import Session

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
CLEARLY, BADLY, HARDLY = 0.9, 0.5, 0.2


def at(prompts: Prompts, name: str, words: str, confidence: float = CLEARLY) -> Turn:
    """What the line does when this is said at a node it came to from the main menu."""
    session = Session("demo", "CA1", "+15125550142", turn=2)
    session = replace(session, node=name, stood_at=name, trail=("main",))
    return advance(FLOW, prompts, session, Said(words, confidence), NOW)


def then(prompts: Prompts, turn: Turn, *keys: str) -> Turn:
    """The turn after these keys."""
    for key in keys:
        turn = advance(FLOW, prompts, turn.session, Keyed(key), NOW)
    return turn


@pytest.mark.parametrize(
    ("words", "node"),
    [
        ("what are your hours", "find_hours"),
        ("how do I get to you", "directions"),
        ("I'd like to book a consultation", "ask_name"),
        ("what are the risks of the pump", "risks.any"),
        ("please take a message", "message"),
    ],
)
@pytest.mark.parametrize("menu", ["main", "appointments", "topics", "hours", "booked"])
def test_what_is_wanted_is_understood_at_every_open_menu(
    prompts: Prompts, menu: str, words: str, node: str
) -> None:
    assert at(prompts, menu, words).session.node == node


def test_somebody_who_speaks_another_language_is_brought_to_a_person_with_a_note(
    prompts: Prompts,
) -> None:
    turn = at(prompts, "main", "my wife only speaks Vietnamese")
    assert (turn.session.node, turn.session.facts["interpreter"]) == ("person", "vi")


def test_where_something_was_begun_other_wishes_do_not_lead_away(prompts: Prompts) -> None:
    assert at(prompts, "confirm_birth", "what are your hours").session.node == "confirm_birth"


def test_words_heard_badly_are_asked_back_and_lead_on_after_a_yes(prompts: Prompts) -> None:
    asked = at(prompts, "main", "what are your hours", BADLY)
    assert asked.session.node == "did_you_mean"
    said = then(prompts, asked, "1")
    assert said.session.node == "find_hours"
    assert "meant" not in said.session.facts


def test_after_a_no_the_caller_is_back_where_they_were(prompts: Prompts) -> None:
    turn = then(prompts, at(prompts, "main", "what are your hours", BADLY), "2")
    assert turn.session.node == "main"


def test_a_choice_heard_badly_is_asked_back_too_and_keeps_what_it_says(prompts: Prompts) -> None:
    asked = at(prompts, "main", "appointments", BADLY)
    assert asked.session.facts["meant_says"] == "main.appointments"
    assert then(prompts, asked, "1").session.node == "begun"


@pytest.mark.parametrize("words", ["something later", "something sooner", "none of these"])
def test_where_slots_are_read_out_words_heard_badly_count_at_once(
    prompts: Prompts, words: str
) -> None:
    turn = at(prompts, "offer_slots", words, BADLY)
    assert turn.session.node in ("later_slots", "find_slots", "other_times")


def test_words_hardly_heard_mean_nothing(prompts: Prompts) -> None:
    turn = at(prompts, "main", "what are your hours", HARDLY)
    assert (turn.session.node, turn.session.tries) == ("main", 1)


@pytest.mark.parametrize("confidence", [CLEARLY, BADLY, HARDLY, 0.0])
def test_urgent_words_never_wait_to_be_asked_back(prompts: Prompts, confidence: float) -> None:
    assert at(prompts, "main", "my pump is beeping", confidence).then == Act("open_ticket")


@pytest.mark.parametrize(
    "words",
    [
        "I don't have an alarm but my mother won't wake up",
        "it's not an emergency but I have a fever",
        "no es urgente pero la bomba está pitando",
        "cancel my appointment I can't breathe",
    ],
)
def test_no_negation_and_no_other_wish_lowers_urgency(prompts: Prompts, words: str) -> None:
    assert at(prompts, "main", words).then == Act("open_ticket")


@pytest.mark.parametrize("node", ["main", "ask_birth", "ask_number", "offer_slots", "confirm_own"])
def test_a_caller_can_have_it_repeated_at_no_cost(prompts: Prompts, node: str) -> None:
    turn = at(prompts, node, "could you repeat that please")
    assert (turn.session.node, turn.session.tries) == (node, 0)


@pytest.mark.parametrize("node", ["main", "ask_birth", "ask_name"])
def test_more_time_doubles_the_wait_and_costs_no_try(prompts: Prompts, node: str) -> None:
    plain_wait = at(prompts, node, "could you repeat that please").then
    turn = at(prompts, node, "hold on a minute")
    assert isinstance(plain_wait, Wait)
    assert isinstance(turn.then, Wait)
    assert turn.then.seconds == 2 * plain_wait.seconds
    assert turn.session.tries == 0


def test_slower_holds_for_the_rest_of_the_call(prompts: Prompts) -> None:
    turn = at(prompts, "main", "please speak more slowly")
    assert turn.session.facts["slow"] == "yes"
    assert then(prompts, turn, "4").session.facts["slow"] == "yes"


def test_back_goes_a_step_back(prompts: Prompts) -> None:
    assert at(prompts, "hours", "take me back to the previous menu").session.node == "main"


@pytest.mark.parametrize("node", ["main", "ask_birth", "confirm_own"])
def test_the_language_can_be_changed_anywhere(prompts: Prompts, node: str) -> None:
    turn = at(prompts, node, "en español por favor")
    assert (turn.session.node, turn.session.language) == (node, "es")


def test_a_spanish_sentence_at_an_english_prompt_is_answered_in_spanish(prompts: Prompts) -> None:
    turn = at(prompts, "main", "a qué hora abren mañana")
    assert (turn.session.node, turn.session.language) == ("find_hours", "es")
    assert turn.says[0].name == "language_changed"


def test_triage_takes_no_command_for_an_answer(prompts: Prompts) -> None:
    assert at(prompts, "urgent_about", "what did you say").then == Act("ring_next_on_call")


@pytest.mark.parametrize(
    ("words", "node"),
    [
        ("that's the one", "own_number"),
        ("sounds good to me", "own_number"),
        ("así es", "own_number"),
        ("no that's not right", "ask_birth"),
        ("I'm not sure", "confirm_birth"),
        ("yes and no", "confirm_birth"),
    ],
)
def test_a_yes_and_a_no_are_taken_as_people_say_them(
    prompts: Prompts, words: str, node: str
) -> None:
    assert at(prompts, "confirm_birth", words).session.node == node


def test_the_recogniser_is_told_what_to_expect(prompts: Prompts) -> None:
    def hints(name: str) -> tuple[str, ...]:
        turn = at(prompts, name, "could you repeat that please")
        assert isinstance(turn.then, Wait)
        return turn.then.hints

    assert "January" in hints("ask_birth")
    assert "seven" in hints("ask_number")
    assert "Tuesday" in hints("ask_day")
    assert "January" not in hints("ask_name")


def test_a_call_begins_with_nothing_slow_and_nothing_meant(prompts: Prompts) -> None:
    turn = advance(FLOW, prompts, Session("demo", "CA1", None), Arrived(), NOW)
    assert not {"slow", "meant"} & set(turn.session.facts)
