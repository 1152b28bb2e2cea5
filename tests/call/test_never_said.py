"""The never-say list, held over every sentence of the line and every text, in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from ivr.call.flow import FLOW, URGENT
from ivr.call.nodes import Menu
from ivr.call.prompts import LANGUAGES, Line, Prompts, fields_of
from ivr.call.speak import spoken_line, spoken_text
from ivr.call.wording.never import breaks, gives_away
from ivr.call.wording_checks import prompt_keys
from ivr.messages import wording
from ivr.messages.patients import reply_wording
from ivr.messages.patients import wording as patients_wording
from ivr.oncall.triage import TIERS, UNKNOWN

FACTS = {
    "phone": "+15125550142",
    "ticket_number": "1234",
    "callback_by": "2026-11-24T16:00:00+00:00",
}


def urgent_keys() -> Iterator[str]:
    """Every sentence of the urgent branch: its nodes' and their choices'."""
    for node in URGENT:
        yield node.name
        if isinstance(node, Menu):
            yield from (f"{node.name}.{choice.name}" for choice in node.choices)


def seconds(text: str) -> float:
    """Spoken at 150 words a minute [caller-safety]."""
    return len(text.split()) / 150 * 60


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_of_the_line_breaks_the_list(prompts: Prompts, language: str) -> None:
    said = prompts.texts[language]
    assert {
        name: breaks(text, language) for name, text in said.items() if breaks(text, language)
    } == {}


def test_the_urgent_branch_is_among_what_is_held(prompts: Prompts) -> None:
    says_something = {key for key in urgent_keys() if key in prompts.texts["en"]}
    assert {"urgent", "urgent_danger", "urgent_promised", "urgent_about.danger"} <= says_something
    for language in LANGUAGES:
        assert says_something <= set(prompts.texts[language])
        everything = {key for key in prompt_keys(FLOW) if key in prompts.texts[language]}
        assert says_something & everything


@pytest.mark.parametrize(
    ("language", "rule", "sentence"),
    [
        ("en", "diagnoses", "You may have an infection."),
        ("en", "diagnoses", "That sounds like withdrawal."),
        ("en", "diagnoses", "It is only a low battery."),
        ("en", "reassures", "Do not worry, a nurse will call."),
        ("en", "reassures", "This is normal after a refill."),
        ("en", "explains an alarm", "Two tones: the alarm means that your pump runs low."),
        ("en", "explains an alarm", "The reservoir is low."),
        ("en", "speaks of doses", "Keep to your usual dose until then."),
        ("en", "speaks of doses", "Take an extra pill."),
        ("en", "says MRI is safe", "An MRI is possible with your pump."),
        ("en", "says MRI is safe", "It is safe to have one."),
        ("en", "says it is not urgent", "This is not urgent."),
        ("en", "says it is not urgent", "It isn't an emergency."),
        ("en", "says it is not urgent", "It does not sound serious."),
        ("en", "says it is not urgent", "That can wait until Monday."),
        ("en", "invites CANCEL", "Reply CANCEL to give back your visit."),
        ("en", "blood thinners without Dr. Fura", "Stop your blood thinners five days before."),
        ("es", "diagnoses", "Usted puede tener una infección."),
        ("es", "diagnoses", "Parece una infección."),
        ("es", "reassures", "No se preocupe, le llamarán."),
        ("es", "reassures", "Es normal después de una recarga."),
        ("es", "explains an alarm", "La alarma significa que queda poca medicina."),
        ("es", "explains an alarm", "La batería está baja."),
        ("es", "speaks of doses", "Siga con su dosis de siempre."),
        ("es", "speaks of doses", "Tome una pastilla más."),
        ("es", "says MRI is safe", "Una resonancia es posible."),
        ("es", "says MRI is safe", "Es seguro."),
        ("es", "says it is not urgent", "No es urgente."),
        ("es", "says it is not urgent", "Eso puede esperar al lunes."),
        ("es", "invites CANCEL", "Responda CANCELAR para cancelar su cita."),
        ("es", "blood thinners without Dr. Fura", "Deje los anticoagulantes cinco días antes."),
    ],
)
def test_a_sentence_that_breaks_the_list_is_found(language: str, rule: str, sentence: str) -> None:
    assert rule in breaks(sentence, language)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "As instructed by Dr. Fura, blood thinners are stopped before surgery."),
        ("es", "Según las indicaciones del doctor Fura, se dejan los anticoagulantes."),
    ],
)
def test_blood_thinners_may_be_spoken_of_as_instructed(language: str, sentence: str) -> None:
    assert breaks(sentence, language) == []


# Texts, which lie open on a lock screen.


def texts(value: object) -> Iterator[str]:
    """Every wording in this value, whatever it is kept in."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from texts(each)


def every_message() -> list[str]:
    """What we text: to staff, and back to whoever texts us."""
    return [
        text
        for module in (wording, patients_wording, reply_wording)
        for name, value in vars(module).items()
        if not name.startswith("__")
        for text in texts(value)
    ]


def test_no_text_says_what_it_is_about() -> None:
    assert len(every_message()) >= 2 + len(LANGUAGES)
    for text in every_message():
        assert not gives_away(text), text
        for language in LANGUAGES:
            assert breaks(text, language) == [], text


@pytest.mark.parametrize(
    "text",
    ["Your pump refill is due.", "La clínica del dolor le espera.", "Dr. Fura, neurosurgery"],
)
def test_a_text_that_gives_it_away_is_found(text: str) -> None:
    assert gives_away(text)


# The whisper, before anybody has accepted.

CATEGORIES = sorted(set(TIERS) - {UNKNOWN})
BEFORE_ACCEPTANCE = (
    "whisper",
    *(f"whisper_{category}" for category in CATEGORIES),
    "whisper_callback",
    "whisper_no_number",
    "whisper_spanish",
    "whisper_keys",
    "whisper_again",
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_whisper_names_nobody(prompts: Prompts, language: str) -> None:
    spoken = {name for key in BEFORE_ACCEPTANCE for name in fields_of(prompts.text(key, language))}
    assert spoken <= {"phone_ending"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("category", CATEGORIES)
def test_a_whisper_lasts_at_most_fifteen_seconds(
    prompts: Prompts, category: str, language: str
) -> None:
    says = ("whisper", f"whisper_{category}", "whisper_callback", "whisper_spanish", "whisper_keys")
    spoken = " ".join(spoken_line(Line(key, language), prompts, FACTS) for key in says)
    assert seconds(spoken) <= 15, spoken


# The 911 sentences.

SAYS_911 = (
    "emergency",
    "emergency_again",
    "urgent",
    "urgent_danger",
    "same_day_promised",
    "urgent_promised",
    "urgent_no_number",
    "still_waiting_911",
    "down_end",
    "too_long",
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", SAYS_911)
def test_whoever_has_to_wait_hears_911_again(prompts: Prompts, key: str, language: str) -> None:
    text = prompts.text(key, language)
    assert "9 1 1" in spoken_text(text, language, prompts, FACTS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_thoughts_of_suicide_are_told_of_988(prompts: Prompts, language: str) -> None:
    assert "9 8 8" in prompts.text("urgent_danger", language)


def test_the_911_sentence_comes_first_and_is_short(prompts: Prompts) -> None:
    assert FLOW.opening[:2] == ("emergency", "emergency@es")
    assert seconds(prompts.text("emergency", "en")) <= 6
    # Digits are words of their own here, and said faster than those.
    assert seconds(prompts.text("emergency", "es").replace("9 1 1", "911")) <= 2
