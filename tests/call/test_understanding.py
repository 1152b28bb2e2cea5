"""Keys and words become what the caller meant, or nothing: never a guess."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.call import understanding
from ivr.call.flow import FLOW
from ivr.call.nodes import Entry, Menu
from ivr.call.prompts import Prompts
from ivr.call.understanding.date_spans import Span
from ivr.call.understanding.dates import Wish
from ivr.call.understanding.intents import PERSON, understood
from scheduling.preferences import ANY_PART, DayPart

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    "words",
    [
        "I need a nurse",
        "this is an emergency please",
        "my pump is beeping",
        "I don't want an appointment I have chest pain",
        "es una emergencia",
        "necesito una enfermera por favor",
        "no puedo respirar",
        "la bomba está pitando",
        "Alarma",
        "call nine one one",
        "she won’t wake up",
        "emergensy",
        "my pain pump stopped working",
        "my pain pump is broken",
        "la bomba está sonando",
        "mi bomba pita",
        "la bomba no funciona",
        "se me acabó la medicina de la bomba",
        "my refill is overdue",
        "I missed my refill",
        "perdí mi cita de recarga",
        "I want to die",
        "quiero morirme",
        "me quiero matar",
        "she is unconscious",
        "está inconsciente",
        "no reacciona",
        "heart attack",
        "infarto",
        "I have a fever",
        "tengo fiebre",
        "my legs are numb",
        "I can't move my legs",
        "very sleepy",
        "I am itching all over",
        "the wound is draining",
        "I can hardly breathe",
        "help me",
        "socorro",
        "mucho dolor",
    ],
)
def test_urgent_words_are_heard_in_either_language(prompts: Prompts, words: str) -> None:
    category = understanding.urgent_category(words, prompts, FLOW.categories)
    assert category or understanding.is_urgent(words, prompts)


@pytest.mark.parametrize("words", ["book an appointment", "Maria Gonzalez", "el martes", "yes", ""])
def test_ordinary_words_raise_no_alarm(prompts: Prompts, words: str) -> None:
    assert not understanding.is_urgent(words, prompts)
    assert understanding.urgent_category(words, prompts, FLOW.categories) is None


@pytest.mark.parametrize("words", ["I want to talk to a person", "operator", "una persona"])
def test_a_person_can_be_asked_for_by_word(prompts: Prompts, words: str) -> None:
    found = understood(words, prompts, (PERSON,), "en")
    assert found is not None


OPTIONS = {"1": ("yes", "correct", "sure", "sí"), "2": ("no", "wrong", "another time")}


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("yes", "1"),
        ("Yes, that is correct.", "1"),
        ("no", "2"),
        ("another time please", "2"),
        ("two", "2"),
        ("press one", "1"),
        ("dos", "2"),
        ("purple monkeys", None),
        ("yes no", "2"),
        ("incorrect", None),
        ("that is not correct", None),
        ("I'm not sure", None),
        ("don't", None),
        ("another one", None),
        ("the second one", None),
        ("", None),
    ],
)
def test_words_choose_what_they_mean_and_nothing_else(words: str, key: str | None) -> None:
    assert understanding.choice(words, 0.9, OPTIONS) == key


MENUS = [node for node in FLOW.nodes if isinstance(node, Menu)]
NOES = [
    "incorrect",
    "that is incorrect",
    "not correct",
    "that's not right",
    "I'm not sure",
    "not okay",
    "don't book it",
    "I don't want to book it",
    "another one",
    "a different one",
    "the other one",
    "no",
    "incorrecto",
    "no es correcto",
    "otra hora",
]


@pytest.mark.parametrize("words", NOES)
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "node", [n for n in FLOW.nodes if isinstance(n, Menu)], ids=lambda n: n.name
)
def test_no_way_of_saying_no_ever_chooses_a_yes(
    prompts: Prompts, node: Menu, language: str, words: str
) -> None:
    options = {c.key: prompts.words(f"{node.name}.{c.name}", language) for c in node.choices}
    key = understanding.choice(words, 0.9, options)
    assert key is None or not {"yes", "sí"} & set(options[key])


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("the first one", "1"),
        ("the second one", "2"),
        ("second one", "2"),
        ("the third one", "3"),
        ("the last one", "3"),
        ("another one", "4"),
        ("number two", "2"),
    ],
)
def test_an_ordinal_chooses_its_own_slot(prompts: Prompts, words: str, key: str) -> None:
    node = FLOW["offer_slots"]
    assert isinstance(node, Menu)
    options = {c.key: prompts.words(f"{node.name}.{c.name}", "en") for c in node.choices}
    assert understanding.choice(words, 0.9, options) == key


def test_words_the_recogniser_guessed_at_choose_nothing() -> None:
    assert understanding.choice("yes", 0.1, OPTIONS) is None


@pytest.mark.parametrize(
    ("digits", "born"),
    [
        ("03041940", "1940-03-04"),
        ("02291944", "1944-02-29"),
        ("02291943", None),
        ("13011950", None),
        ("11242026", None),
        ("01011899", None),
        ("0304194", None),
        ("0304١٩٤٠", None),
    ],
)
def test_a_date_of_birth_is_keyed_as_month_day_year(digits: str, born: str | None) -> None:
    assert understanding.keyed(Entry.DATE_OF_BIRTH, digits, TODAY) == born


@pytest.mark.parametrize(
    ("words", "born"),
    [
        ("March 4th 1940", "1940-03-04"),
        ("the 4th of march 1940", "1940-03-04"),
        ("4 de marzo de 1940", "1940-03-04"),
        ("cuatro", None),
        ("3/4/1940", "1940-03-04"),
        ("03041940", "1940-03-04"),
        ("March 1940", None),
    ],
)
def test_a_date_of_birth_can_be_said(words: str, born: str | None) -> None:
    assert understanding.spoken(Entry.DATE_OF_BIRTH, words, 0.9, TODAY) == born


@pytest.mark.parametrize(
    ("digits", "number"),
    [
        ("5125550142", "+15125550142"),
        ("15125550142", "+15125550142"),
        ("9005550142", None),
        ("5129760142", None),
        ("5129110142", None),
        ("0125550142", None),
        ("512555014", None),
        ("911", None),
        ("", None),
    ],
)
def test_a_callback_number_is_one_that_may_be_rung(digits: str, number: str | None) -> None:
    assert understanding.callback_number(digits) == number


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("my name is maria gonzalez", "Maria Gonzalez"),
        ("me llamo José Ñáñez", "José Ñáñez"),
        ("Hello, this is Ann O'Neil.", "Ann O'Neil"),
        ("محمد علي", "محمد علي"),
        ("x", None),
        ("12345", None),
        ("a" * 200, None),
    ],
)
def test_a_name_is_taken_without_its_introduction(words: str, name: str | None) -> None:
    assert understanding.person_name(words) == name


@given(st.text(max_size=80), st.floats(0, 1))
def test_nothing_a_caller_can_say_breaks_the_understanding(words: str, confidence: float) -> None:
    for entry in Entry:
        understanding.spoken(entry, words, confidence, TODAY)
        understanding.keyed(entry, words, TODAY)
    understanding.choice(words, confidence, OPTIONS)


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("December 15th at 930", DayPart.MORNING),
        ("December 15th at 230.", DayPart.AFTERNOON),
        ("el 15 de diciembre a las 1130", DayPart.MORNING),
        ("December 15th at 975", ANY_PART),
    ],
)
def test_a_time_of_day_may_lack_its_colon(words: str, part: DayPart) -> None:
    fact = understanding.spoken(Entry.DATE, words, 0.9, TODAY)
    assert fact is not None
    wish = Wish.from_fact(fact)
    assert (wish.readings, wish.part) == ((Span(date(2026, 12, 15), date(2026, 12, 15)),), part)
