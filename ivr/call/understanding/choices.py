"""Which of a menu's choices was meant; None when none, or two equally, were."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ivr.call.understanding.numbers import UNITS
from ivr.call.understanding.words import Heard, hear, phrase, plain

CONFIDENT = 0.35
"""Below this the recogniser is guessing, and so would we be."""

SURE = 0.6
"""Below this the caller is asked "did you mean …?" before anything is done about it. [J]"""

_A_KEY = re.compile(
    r"(?:(?:press|number|option|key|oprima|marque|numero|opcion|tecla|la|el) )*"
    rf"([0-9]|{'|'.join(UNITS)})"
)

_NEGATIONS = frozenset(
    {
        *("no", "not", "nope", "never", "cannot", "neither", "nor", "wrong", "incorrect"),
        *("another", "other", "different", "don't", "dont", "isn't", "isnt", "wasn't", "can't"),
        *("won't", "didn't", "doesn't"),
        *("nunca", "tampoco", "ninguna", "ninguno", "incorrecto", "incorrecta", "mal", "otra"),
        *("otro", "diferente", "jamas", "nada"),
    }
)


def choice(words: str, confidence: float, options: Mapping[str, tuple[str, ...]]) -> str | None:
    """The key of the option that was meant; None when none, or two equally, were.

    options: key → the words that mean it. A number counts as a key only where nothing else was
    said ("two", "press 2"), and a sentence with a "no" in it never chooses a "yes".
    """
    if confidence < CONFIDENT:
        return None
    said = plain(words)
    if number := _A_KEY.fullmatch(said):
        key = str(UNITS.get(number[1], number[1]))
        return key if key in options else None
    heard = hear(words)
    negated = not _NEGATIONS.isdisjoint(said.split())
    scores = sorted(
        (
            (max((_score(text, heard) for text in phrases), default=0), key)
            for key, phrases in options.items()
            if not (negated and says_yes(phrases))
        ),
        reverse=True,
    )
    best, key = scores[0] if scores else (0, "")
    runner_up = scores[1][0] if len(scores) > 1 else 0
    return key if best > runner_up else None


def says_yes(phrases: tuple[str, ...]) -> bool:
    """Whether these words are those of a "yes"."""
    return not {"yes", "si"}.isdisjoint(plain(phrase) for phrase in phrases)


def names_exactly(words: str, phrases: tuple[str, ...]) -> bool:
    """Whether these are the very words of a choice, or its key, and nothing else was said."""
    said = plain(words)
    return bool(_A_KEY.fullmatch(said)) or said in {plain(phrase) for phrase in phrases}


def _score(text: str, heard: Heard) -> int:
    """The longer of two phrases that both stand in what was said says more; 0 for neither."""
    return len(plain(text)) if heard.has(phrase(text)) else 0
