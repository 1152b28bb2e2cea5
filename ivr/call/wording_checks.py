"""Proves the wording whole: every prompt in both languages, and words to ask for everything."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.call.nodes import Ask, Choice, Do, Flow, Intent, Menu, Node
from ivr.call.prompts import LANGUAGES, Prompts
from ivr.call.speak import NAMED_VALUES, SPEAKERS, SPOKEN_CATEGORIES
from ivr.call.understanding.asides import KEYS as ASIDES
from ivr.call.understanding.asides import aside
from ivr.call.understanding.intents import COMMANDS
from ivr.call.understanding.words import sign


def wording_is_complete(flow: Flow, prompts: Prompts) -> Iterator[str]:
    """Every finding about what the line says, and about the words by which callers ask for it."""
    in_one_language = {
        choice.prompt_in(node.name): (choice.language,)
        for node, choice in _choices(flow)
        if choice.language
    }
    for name in prompt_keys(flow):
        for language in in_one_language.get(name, LANGUAGES):
            text = prompts.texts[language].get(name)
            if text is None:
                yield f"{name} has no wording in {language}: add it to {language}.toml"
            elif not text.strip() and name not in MAY_BE_SILENT:
                yield f"{name} says nothing in {language}: write its sentence in {language}.toml"
        yield from _placeholders_agree(name, prompts)
    yield from _words_are_there(flow, prompts)


def _words_are_there(flow: Flow, prompts: Prompts) -> Iterator[str]:
    another = (flow.another_language,) if flow.another_language else ()
    for key in ("urgent_words", *another, *flow.categories.values()):
        for language in LANGUAGES:
            if not prompts.words(key, language):
                yield f"{key} is empty in {language}: a caller could not ask for help aloud"
    for name in (*COMMANDS, *(intent.name for intent in _intents(flow))):
        for language in LANGUAGES:
            if not prompts.words(f"intent.{name}.signs", language):
                yield f"intent.{name} has no signs in {language}: nobody could ask for it aloud"
    yield from _signs_can_be_read(prompts)
    languages = {
        choice.prompt_in(node.name): (choice.language,) if choice.language else LANGUAGES
        for node, choice in (*_choices(flow), *_spoken(flow))
    }
    for name, spoken in languages.items():
        for language in spoken:
            if not prompts.words(name, language):
                yield f"{name} has no words in {language}: only its key works"


def _signs_can_be_read(prompts: Prompts) -> Iterator[str]:
    for language in LANGUAGES:
        for key in ASIDES:
            for text in prompts.words(key, language):
                try:
                    aside(text)
                except ValueError as error:
                    yield f"{key} in {language}: {error}"
        for key, texts in prompts.spoken_words[language].items():
            for text in texts if key.endswith(".signs") else ():
                try:
                    sign(text)
                except ValueError as error:
                    yield f"{key} in {language}: {error}"


def _intents(flow: Flow) -> Iterator[Intent]:
    yield from flow.intents
    for node in flow.nodes:
        if isinstance(node, Menu):
            yield from node.said


def _placeholders_agree(name: str, prompts: Prompts) -> Iterator[str]:
    fields = {
        language: prompts.placeholders(name, language)
        for language in LANGUAGES
        if name in prompts.texts[language]
    }
    if len(set(fields.values())) > 1:
        each = "; ".join(
            f"{language}: {', '.join(sorted(names)) or 'none'}"
            for language, names in fields.items()
        )
        yield f"{name} speaks of different things in {' and '.join(sorted(fields))}: {each}"
    for language, names in fields.items():
        known = {*SPEAKERS, *prompts.constants[language], *prompts.texts[language]}
        for placeholder in sorted(names - known):
            if name != "option":
                yield f"{name} in {language} speaks of {{{placeholder}}}, which nothing fills in"


def prompt_keys(flow: Flow) -> Iterator[str]:
    """Every prompt key the line can say, those that belong to no node included."""
    yield from sorted({key.partition("@")[0] for key in flow.opening})
    yield from ENGINE_PROMPTS
    yield from dict.fromkeys(f"intent.{intent.name}" for intent in flow.intents)
    for node in flow.nodes:
        if not isinstance(node, Do) or node.speaks:
            yield node.name
    # Each once: menus share labels.
    yield from dict.fromkeys(choice.prompt_in(node.name) for node, choice in _choices(flow))


MAY_BE_SILENT = frozenset({"main", "appointments", "person", "urgent_about"})
"""Menus whose choices say enough."""

ENGINE_PROMPTS = (
    "option", "zero", "silence", "not_understood", "three_tries", "help_menu", "help_entry",
    "more_time", "language_changed", "time_is_over",
    "emergency", "emergency_again", "down", "down_unanswered", "down_end",
    "still_waiting", "still_waiting_911",
    "briefing", "briefing_refill",
    "whisper", "whisper_callback", "whisper_no_number", "whisper_spanish",
    "whisper_danger", "whisper_alarm", "whisper_symptom", "whisper_clinician", "whisper_question",
    "whisper_keys", "whisper_again",
    "whisper_taken", "whisper_closed", "whisper_passed", "whisper_caller_gone",
    "whisper_caller_gone_no_number", "page_passed", "page_no_records",
    "call_back_keys", "call_back_unreached", "call_back_later", "call_back_not_yours",
    "call_back_done", "desk_whisper", "desk_whisper_unknown",
    "trial", "trial_confirmed", "trial_not_confirmed",
    "staff_about", "staff_number", "staff_no_number",
    "reminder_machine", "reminder_no_records",
    "offer_call_machine", "offer_call_missed", "recall_call_machine",
    "desk_open_now", "desk_closed_now", "desk_opens_then", "offer_instead_of",
    *(f"staff_category.{category}" for category in SPOKEN_CATEGORIES),
    *(f"{name}.{one}" for name, values in NAMED_VALUES.items() for one in values),
)  # fmt: skip
"""Prompts that belong to no node."""


def _choices(flow: Flow) -> Iterator[tuple[Node, Choice]]:
    for node in flow.nodes:
        if isinstance(node, Menu):
            yield from ((node, choice) for choice in node.choices)
        elif isinstance(node, Ask) and node.skip:
            yield node, node.skip


def _spoken(flow: Flow) -> Iterator[tuple[Node, Choice]]:
    for node in flow.nodes:
        if isinstance(node, Menu):
            yield from ((node, choice) for choice in node.spoken)
