"""Yes or no, in English and Spanish, whichever the line speaks; None for neither, or for both."""

from __future__ import annotations

import re

from ivr.call.prompts import LANGUAGES, Prompts
from ivr.call.understanding.words import Heard, hear, phrase, plain, sign

_BOTH_WAYS = (
    # "Yeah, no" is a no, and "no, yeah" a yes: the last of them counts.
    *("yeah no", "yes no", "si no"),
    *("no yeah", "no yes", "no si"),
)


_ON_SECOND_THOUGHT = re.compile(
    r".*\b(?:wait|actually|sorry|i mean|espere|perdon|digo|mejor dicho) "
    r"((?:no|nope|yes|yeah|yep|si)\b.*)"
)
"""Whoever takes an answer back means what comes then."""


def yes_or_no(words: str, prompts: Prompts) -> bool | None:
    """Whether the caller agreed. A "yes" with a "no" in the same breath is neither."""
    words = plain(words)
    if taken_back := _ON_SECOND_THOUGHT.fullmatch(words):
        words = taken_back[1]
    heard = hear(words)
    if " ".join(heard.words[:2]) in _BOTH_WAYS:
        heard = hear(" ".join(heard.words[1:]))
    if _says("unsure", heard, prompts):
        return None
    # "No problem" and "cómo no" agree, although there is a "no" in them.
    if _says("no_but_yes", heard, prompts):
        return True
    yes, no = _says("yes", heard, prompts), _says("no", heard, prompts)
    if no and yes:
        return False if _only_denies(heard, prompts) else None
    return True if yes else False if no else None


def _only_denies(heard: Heard, prompts: Prompts) -> bool:
    """ "That is not right", "no, not okay": every yes in it is denied by the word before it."""
    return _says("denied", heard, prompts)


def _says(kind: str, heard: Heard, prompts: Prompts) -> bool:
    key = f"answers.{kind}"
    return any(
        any(heard.has(phrase(text)) for text in prompts.words(key, language))
        or any(sign(text).weight(heard) for text in prompts.words(f"{key}.signs", language))
        for language in LANGUAGES
    )
