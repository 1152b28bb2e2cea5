"""What a whole text chooses, by key or in a word of either language. Pure."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Final


class Choice(StrEnum):
    """What somebody chose, by key or in a word."""

    CONFIRM = "confirm"
    CHANGE = "change"
    PERSON = "person"
    THIRD = "third"
    NO = "no"
    MORE = "more"
    ALL = "all"
    HELP = "help"


WORDS: Final[dict[str, Choice]] = {
    **dict.fromkeys(
        ("1", "yes", "y", "ok", "okay", "confirm", "confirmed", "si", "confirmo", "confirmar"),
        Choice.CONFIRM,
    ),
    **dict.fromkeys(("2", "change", "reschedule", "cambiar", "cambio"), Choice.CHANGE),
    **dict.fromkeys(("0", "person", "persona"), Choice.PERSON),
    "3": Choice.THIRD,
    "no": Choice.NO,
    **dict.fromkeys(("more", "more times", "other", "others", "other times"), Choice.MORE),
    **dict.fromkeys(("mas", "mas horas", "otra", "otras", "otros", "otras horas"), Choice.MORE),
    **dict.fromkeys(("all", "both", "todas", "todos", "ambas", "ambos"), Choice.ALL),
    **dict.fromkeys(("help", "info", "ayuda"), Choice.HELP),
}
"""A whole text, folded, and what it chooses. "Yes, but I am late" is no choice: somebody reads it.

"No" passes on a time that is offered. Of a visit it says too little to give it up.
"""

_SPANISH: Final = frozenset(
    {
        *("si", "confirmo", "confirmar", "cambiar", "cambio", "persona", "ayuda"),
        *("mas", "mas horas", "otra", "otras", "otros", "otras horas"),
        *("todas", "todos", "ambas", "ambos"),
    }
)

LETTERS: Final = "abcdef"
"""What names one of several visits, the first by "a". No digit: those choose what is done."""


def choice_of(words: str) -> Choice | None:
    """What a whole text chooses; None where it is something else. Pure."""
    return WORDS.get(_folded(words))


def place_of(words: str) -> int | None:
    """Which of the times that were texted a whole text names, 1 being the first. "Yes" names none.

    Pure.
    """
    folded = _folded(words)
    return int(folded) if folded in ("1", "2", "3") else None


def letter_of(words: str) -> int | None:
    """Which of the visits that were asked about a whole text names, 0 being the first. Pure."""
    folded = _folded(words)
    return LETTERS.index(folded) if len(folded) == 1 and folded in LETTERS else None


def language_of_words(words: str) -> str:
    """The language of a choice in a word; English where it could be either. Pure."""
    return "es" if _folded(words) in _SPANISH else "en"


def _folded(words: str) -> str:
    plain = unicodedata.normalize("NFKD", words.casefold())
    return " ".join(re.sub(r"[^a-z0-9 ]", "", plain).split())
