"""Plain words, and how they are compared: word for word, forgiving a letter or two in long ones.

A sign is a short way of writing what somebody may say, so that a clinic can read and sign it:

    chest pain             these words, one after the other
    pain + worse           both, anywhere in what was said
    pump|pompa + beep*     either of the first two; any word that begins with "beep"
    infection ~ chance*    the first, unless the second was said as well
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from ivr.call.prompts import LANGUAGES, Prompts

_CLOSE_ENOUGH = 86
_FORGIVING_FROM = 6
"""Letters: shorter words turn into one another by a letter; longer ones stay recognisable."""


def plain(words: str) -> str:
    """Lower case, no accents, no punctuation, single spaces: for comparing."""
    decomposed = unicodedata.normalize("NFKD", words.casefold().replace("’", "'"))
    kept = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^a-z0-9' ]", " ", kept).split())


def same_word(wanted: str, heard: str) -> bool:
    """Whether `heard` is `wanted`, give or take a letter; `*` ends a wanted beginning.

    A word's first letters must agree: "incorrect" is not "correct".
    """
    if wanted == heard:
        return True
    if wanted.endswith("*"):
        return heard.startswith(wanted[:-1])
    return (
        min(len(wanted), len(heard)) >= _FORGIVING_FROM
        and wanted[:2] == heard[:2]
        and fuzz.ratio(wanted, heard) >= _CLOSE_ENOUGH
    )


def stands_in(phrase: Sequence[str], heard: Sequence[str]) -> bool:
    """Whether the words of `phrase` stand in `heard`, one after the other."""
    width = len(phrase)
    return any(
        all(map(same_word, phrase, heard[i : i + width])) for i in range(len(heard) - width + 1)
    )


def phrase_in(words: str, prompts: Prompts, key: str) -> str | None:
    """The first of a prompt's phrases, of either language, that stands in what was said."""
    heard = plain(words).split()
    return next(
        (
            phrase
            for language in LANGUAGES
            for phrase in prompts.words(key, language)
            if stands_in(plain(phrase).split(), heard)
        ),
        None,
    )


Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Sign:
    """A sign, read. required: each group needs one of its phrases; barred: none may be said."""

    required: tuple[tuple[Phrase, ...], ...]
    barred: tuple[Phrase, ...]

    def weight(self, heard: Sequence[str]) -> int:
        """How many letters of the sign were said: 0 where it does not fit. More says more."""
        if any(stands_in(phrase, heard) for phrase in self.barred):
            return 0
        total = 0
        for group in self.required:
            said = [_letters(phrase) for phrase in group if stands_in(phrase, heard)]
            if not said:
                return 0
            total += max(said)
        return total


@lru_cache(maxsize=4096)
def sign(text: str) -> Sign:
    """Read a sign. Raises ValueError for one that requires nothing."""
    wanted, _, unless = text.partition("~")
    required = tuple(_phrases(group) for group in wanted.split("+"))
    if not all(required):
        raise ValueError(f"the sign {text!r} has an empty part: write words around each + and |")
    return Sign(required, tuple(p for part in unless.split("~") for p in _phrases(part)))


def _phrases(group: str) -> tuple[Phrase, ...]:
    return tuple(
        words
        for phrase in group.split("|")
        if (words := tuple(w + "*" if star else w for w, star in _marked(phrase)))
    )


def _marked(phrase: str) -> list[tuple[str, bool]]:
    return [
        (word, raw.endswith("*"))
        for raw in phrase.split()
        for word in plain(raw.removesuffix("*")).split()
    ]


def _letters(phrase: Phrase) -> int:
    return sum(len(word.removesuffix("*")) for word in phrase)
