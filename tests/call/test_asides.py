"""Urgent words that are about something else ring nobody; whatever is urgent beside them does."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.call.events import Said
from ivr.call.flow import FLOW
from ivr.call.hearing import Urgent, asks_for_urgent_help, heard, meaning
from ivr.call.nodes import Menu
from ivr.call.prompts import Prompts
from ivr.call.understanding.asides import STRUCK, aside, without_asides, without_names
from ivr.call.understanding.words import Heard

TODAY = date(2026, 11, 24)
CLEARLY, BADLY = 0.9, 0.5

ASIDES = [
    ("it's not an emergency I just want to reschedule", "move_visit"),
    ("my alarm clock never went off so I'll be twenty minutes late", "running_late"),
    ("my daughter's a nurse and she wants your address", "address"),
    ("are you in the same building as the urgent care on main street", "address"),
    ("I feel great no fever or anything I'll be there thursday", "confirm_visit"),
    ("no es emergencia quiero cambiar mi cita", "move_visit"),
    ("no sonó el despertador voy a llegar tarde", "running_late"),
    ("mi hija es enfermera y quiere saber dónde quedan", "address"),
]


def taken_for(prompts: Prompts, words: str, confidence: float = CLEARLY, at: str = "main") -> str:
    return meaning(FLOW, prompts, at, "en", Said(words, confidence), TODAY)


@pytest.mark.parametrize(("words", "wish"), ASIDES)
def test_beside_an_ordinary_wish_an_aside_rings_nobody(
    prompts: Prompts, words: str, wish: str
) -> None:
    assert taken_for(prompts, words) == wish


@pytest.mark.parametrize(("words", "_wish"), ASIDES)
def test_heard_badly_the_same_words_are_urgent(prompts: Prompts, words: str, _wish: str) -> None:
    assert asks_for_urgent_help(words, FLOW, prompts)
    assert taken_for(prompts, words, BADLY) == "urgent"


@pytest.mark.parametrize(
    "words",
    [
        "it's not an emergency",
        "my alarm clock",
        "my daughter's a nurse",
        "no es emergencia",
        "la enfermera",
    ],
)
def test_where_nothing_ordinary_is_asked_for_an_aside_counts(prompts: Prompts, words: str) -> None:
    assert taken_for(prompts, words) == "urgent"


def test_elsewhere_than_at_an_open_menu_an_aside_counts(prompts: Prompts) -> None:
    node = FLOW["confirm_own"]
    assert isinstance(node, Menu)
    said = Said("yes it's not an emergency", CLEARLY)
    found = heard(FLOW, prompts, node, node.choices, "en", said, TODAY)
    assert isinstance(found, Urgent)


@given(
    aside_said=st.sampled_from([words for words, _ in ASIDES]),
    urgent=st.sampled_from(
        [
            *("my pump is beeping", "I can't breathe", "he won't wake up", "I want to die"),
            *("my refill is overdue", "I have a fever", "my legs are numb", "please get a nurse"),
            *("la bomba está pitando", "no puedo respirar", "no despierta", "tengo fiebre"),
            *("se me pasó la recarga", "no siento las piernas", "necesito a la enfermera"),
        ]
    ),
    joint=st.sampled_from([" and ", " but ", " and also ", " y ", " pero "]),
    first=st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_nothing_urgent_beside_an_aside_is_struck_with_it(
    prompts: Prompts, aside_said: str, urgent: str, joint: str, first: bool
) -> None:
    words = joint.join((urgent, aside_said) if first else (aside_said, urgent))
    assert taken_for(prompts, words) == "urgent"


@pytest.mark.parametrize(
    "words",
    [
        "I don't have a pump yet but my chest hurts real bad",
        "I'm thinking about getting a pump because I want to die",
        "does the pump beep when it's empty because mine's beeping",
        "is it normal to have a fever after they put the pump in",
        "me van a poner la bomba en marzo pero ya no aguanto el dolor",
    ],
)
def test_whoever_has_no_pump_yet_may_need_help_all_the_same(prompts: Prompts, words: str) -> None:
    assert taken_for(prompts, words) == "urgent"


def test_what_a_pump_may_do_to_others_is_a_question(prompts: Prompts) -> None:
    words = "can that surgery give you a stroke or a seizure I haven't decided if I want it"
    assert taken_for(prompts, words) == "pump_risks"


@pytest.mark.parametrize("words", ["the pain is in my back", "mi bomba", "I feel dizzy today"])
def test_what_hurts_is_urgent_where_nothing_else_is_understood(
    prompts: Prompts, words: str
) -> None:
    assert taken_for(prompts, words) == "urgent"


def test_a_name_that_is_a_cry_for_help_too_is_a_name_where_it_is_said_as_one(
    prompts: Prompts,
) -> None:
    assert asks_for_urgent_help("habla Socorro Garza", FLOW, prompts) is None
    assert asks_for_urgent_help("socorro", FLOW, prompts)
    assert asks_for_urgent_help("soy Socorro y no puedo respirar", FLOW, prompts)


def test_an_aside_strikes_its_own_words_and_no_more(prompts: Prompts) -> None:
    rest = without_asides("my daughter's a nurse and my pump beeps", prompts)
    assert rest == f"my {' '.join([STRUCK] * 4)} and my pump beeps"
    assert without_asides("my pump beeps", prompts) == "my pump beeps"
    assert without_names("my pump beeps", prompts) == "my pump beeps"


@pytest.mark.parametrize(
    ("written", "said", "struck"),
    [
        ("alarm clock", "the alarm clock rang", {1, 2}),
        ("a|one b", "one b", {0, 1}),
        ("a ... b", "a x y b z", {0, 1, 2, 3}),
        ("a ... b", "a my b", set()),
        ("a ...", "a x y my z", {0, 1, 2}),
        ("late + clock", "the clock late", {1}),
        ("late + clock", "the clock", set()),
    ],
)
def test_how_an_aside_is_written(written: str, said: str, struck: set[int]) -> None:
    assert aside(written).places(Heard(said)) == struck


@pytest.mark.parametrize("written", ["", " + a", "... a", "a + "])
def test_an_aside_that_says_nothing_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="says nothing, or begins with a gap"):
        aside(written)
