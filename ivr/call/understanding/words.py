"""Plain words, and how they are compared: word for word, forgiving a letter or two in long ones.

A sign is a short way of writing what somebody may say, so that a clinic can read and sign it:

    chest pain             these words, one after the other
    pain + worse           both, anywhere in what was said
    pump|pompa + beep*     either of the first two; any word that begins with "beep"
    infection ~ chance*    the first, unless the second was said as well
    = help|ayuda           either, and nothing else was said
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


class Heard:
    """The words of what was said, and where words like a wanted one stand among them.

    "pump's" counts as "pump" and "'s", as signs are read too.
    """

    def __init__(self, words: str) -> None:
        self.words = tuple(plain(words).replace("'s", " 's").split())
        self.begins = frozenset(word[:2] for word in self.words)
        self.said = frozenset(self.words)
        self._found: dict[str, tuple[int, ...]] = {}
        # Most wanted words share no first letter with anything said: those are passed over at once.
        self._by_letter: dict[str, list[tuple[int, str]]] = {}
        for at, word in enumerate(self.words):
            self._by_letter.setdefault(word[0], []).append((at, word))

    def places_of(self, wanted: str) -> tuple[int, ...]:
        """Where `wanted` stands, give or take a letter; `*` ends a wanted beginning."""
        alike = self._by_letter.get(wanted[0])
        if alike is None:
            return ()
        found = self._found.get(wanted)
        if found is None:
            found = tuple(at for at, word in alike if same_word(wanted, word))
            self._found[wanted] = found
        return found

    def has(self, phrase: Sequence[str]) -> bool:
        """Whether the words of `phrase` were said, one after the other."""
        return self.place_of(phrase) is not None

    def place_of(self, phrase: Sequence[str]) -> int | None:
        """Where the words of `phrase` were said first, one after the other."""
        begins = phrase[0]
        if begins not in self.said and begins[:2] not in self.begins:
            return None
        first = self.places_of(begins)
        if not first or len(phrase) == 1:
            return first[0] if first else None
        rest = [self.places_of(word) for word in phrase[1:]]
        return next(
            (at for at in first if all(at + n in places for n, places in enumerate(rest, 1))), None
        )


@lru_cache(maxsize=16)
def hear(words: str) -> Heard:
    """What was said, read once for all that is looked for in it."""
    return Heard(words)


def same_word(wanted: str, heard: str) -> bool:
    """Whether `heard` is `wanted`, give or take a letter; `*` ends a wanted beginning.

    A word's first letters must agree: "incorrect" is not "correct".
    """
    if wanted == heard:
        return True
    if wanted[-1] == "*":
        return heard.startswith(wanted[:-1])
    return (
        min(len(wanted), len(heard)) >= _FORGIVING_FROM
        and wanted[:2] == heard[:2]
        and fuzz.ratio(wanted, heard) >= _CLOSE_ENOUGH
    )


def phrases_in(words: str, prompts: Prompts, key: str) -> tuple[str, ...]:
    """Those of a prompt's phrases, of either language, that stand in what was said."""
    heard = hear(words)
    return tuple(
        text
        for language in LANGUAGES
        for text in prompts.words(key, language)
        if heard.has(phrase(text))
    )


Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Firsts:
    """The first words of a group of phrases: most groups share none with what was said.

    begins: the first two letters of those that may stand there as another word.
    """

    said: frozenset[str]
    begins: frozenset[str]

    @classmethod
    def of(cls, group: Sequence[Phrase]) -> Firsts:
        """Those of a group."""
        words = {phrase[0] for phrase in group}
        loose = {word for word in words if word[-1] == "*" or len(word) >= _FORGIVING_FROM}
        return cls(frozenset(words - loose), frozenset(word[:2].rstrip("*") for word in loose))

    def may_be_in(self, heard: Heard) -> bool:
        """False only where no phrase of the group was said."""
        return not (self.said.isdisjoint(heard.said) and self.begins.isdisjoint(heard.begins))


@dataclass(frozen=True)
class Sign:
    """A sign, read. required: each group needs one of its phrases; barred: none may be said.

    alone: nothing else may be said.
    """

    required: tuple[tuple[Phrase, ...], ...]
    barred: tuple[Phrase, ...]
    alone: bool = False
    firsts: tuple[Firsts, ...] = ()

    def weight(self, heard: Heard) -> int:
        """How many letters of what was said are of the sign: 0 where it does not fit.

        Each word counts once, however often the sign names it. More says more.
        """
        if self.alone:
            return max((_letters(p) for p in self.required[0] if p == heard.words), default=0)
        for first in self.firsts:
            if not first.may_be_in(heard):
                return 0
        letters: dict[int, int] = {}
        for group in self.required:
            found = [(_letters(p), p, at) for p in group if (at := heard.place_of(p)) is not None]
            if not found:
                return 0
            _, phrase, begins = max(found)
            letters |= {begins + n: len(word.removesuffix("*")) for n, word in enumerate(phrase)}
        if any(heard.has(phrase) for phrase in self.barred):
            return 0
        return sum(letters.values())


@lru_cache(maxsize=4096)
def sign(text: str) -> Sign:
    """Read a sign. Raises ValueError for one that requires nothing."""
    alone = text.startswith("=")
    wanted, _, unless = text.removeprefix("=").partition("~")
    required = tuple(_phrases(group) for group in wanted.split("+"))
    if not all(required):
        raise ValueError(f"the sign {text!r} has an empty part: write words around each + and |")
    barred = tuple(p for part in unless.split("~") for p in _phrases(part))
    return Sign(required, barred, alone, tuple(Firsts.of(group) for group in required))


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
        for word in Heard(raw.removesuffix("*")).words
    ]


def _letters(phrase: Phrase) -> int:
    return sum(len(word.removesuffix("*")) for word in phrase)


@lru_cache(maxsize=4096)
def phrase(text: str) -> Phrase:
    """The words of a phrase, as they are looked for."""
    return Heard(text).words
