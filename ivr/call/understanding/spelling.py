"""Names that are spelled, and what is said about how they are: "B as in boy", "with two R's"."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from rapidfuzz import fuzz

from ivr.call.understanding.words import plain

GAP = "|"
"""Stands where the recogniser heard a pause."""

ALIKE = 55
"""How alike a spelled word and the one said before it are, to be the same name."""

_MOST_SPELLED = 12
"""Letters in a row that may still be one word; more are two names that nothing tells apart."""

_SAID = tomllib.loads((Path(__file__).parent / "said" / "names.toml").read_text(encoding="utf-8"))
_LETTERS: Mapping[str, str] = {
    **{letter: letter for letter in "abcdefghijklmnopqrstuvwxyzñ"},
    **_SAID["letters"],
}
_TWO_WORD_LETTERS = frozenset(
    {("double", "u"), ("double", "you"), ("doble", "u"), ("doble", "ve"), ("doble", "uve"),
     ("uve", "doble"), ("i", "griega"), ("y", "griega"), ("i", "latina"), ("ve", "chica"),
     ("v", "chica"), ("ve", "corta"), ("v", "corta"), ("uve", "corta"), ("ve", "baja"),
     ("be", "grande"), ("b", "grande"), ("be", "larga"), ("b", "larga"), ("be", "alta")}
)  # fmt: skip
_EXPLAINING = (("as", "in"), ("like", "in"), ("as",), ("for",), ("like",), ("de",), ("como",))
_CAPITAL = frozenset({"capital", "mayuscula", "uppercase"})
_ENDS_SPELLING = frozenset(_SAID["after_spelling"])
_SPELLED = frozenset(_SAID["spelled"])
_COUNTED = frozenset({"no", "one", "two", "three", "single", "dos", "una", "sola"})
_WITH = frozenset({"with", "without", "con", "sin"})
_ARTICLES = frozenset({"a", "an", "the", "both", "un", "la", "el", "acento"}) | _COUNTED
_ASIDES = tuple(phrase.split() for phrase in _SAID["about_spelling"])
_LIKE = tuple(phrase.split() for phrase in ("like the", "as in the", "como el", "como la"))


def resolved(tokens: Sequence[str]) -> list[str]:
    """The words of a name, those that were spelled put together, and nothing about spelling."""
    words: list[str] = []
    at = 0
    spelled_before = False
    while at < len(tokens):
        word, width = _spelled(tokens, at)
        if word is not None:
            _add_spelled(words, word)
            at += width
            spelled_before = True
            continue
        about = _about_spelling(tokens, at)
        if about:
            at += about
            if words and plain(words[-1]) in {plain(word) for word in words[:-1]}:
                # "Sarah Jones, Sarah with an h."
                words.pop()
            continue
        if spelled_before and plain(tokens[at]) in _ENDS_SPELLING:
            break
        if tokens[at] not in (GAP, "-"):
            words.append(tokens[at])
        at += 1
    return words


def speaks_of_spelling(word: str) -> bool:
    """Whether it announces letters: "spelled", "se escribe"."""
    return plain(word) in _SPELLED


def _add_spelled(words: list[str], spelled: str) -> None:
    said = words[-1] if words else ""
    # The whole name may be spelled again, not just its last word; or only the end of it.
    if any(plain("".join(words[at:])) == plain(spelled) for at in range(len(words))):
        return
    if any(plain(word).endswith(plain(spelled)) for word in words):
        return
    if said and fuzz.ratio(plain(said), plain(spelled)) >= ALIKE:
        words.pop()
    words.append(spelled)


def _spelled(tokens: Sequence[str], at: int) -> tuple[str | None, int]:
    """The word whose letters begin here, and how many tokens they took."""
    begin, letters = at, ""
    while at < len(tokens):
        if plain(tokens[at]) in _CAPITAL and _letter(tokens, at + 1)[1]:
            at += 1
        letter, width = _letter(tokens, at)
        if letter is None:
            break
        letters += letter
        at += width
    # One or two letters may be words of their own ("y", "de", "a").
    if len(letters) < 3 or at - begin < 3 or len(letters) > _MOST_SPELLED:
        return None, 0
    return letters, at - begin


def _letter(tokens: Sequence[str], at: int) -> tuple[str | None, int]:
    def said(offset: int) -> str:
        word = tokens[at + offset].casefold() if at + offset < len(tokens) else ""
        if len(word) == 3 and word.endswith("'s"):
            # "With two r's."
            word = word[0]
        # A tilde changes the letter, an accent does not.
        return "ñ" if word in ("ñ", "eñe") else plain(word)

    times, width = 1, 0
    letter = None
    if (said(0), said(1)) in _TWO_WORD_LETTERS:
        letter, width = _LETTERS.get(said(0) + said(1)) or _LETTERS[said(0)], 2
    elif said(0) in ("double", "doble") and said(1) in _LETTERS:
        letter, width, times = _LETTERS[said(1)], 2, 2
    elif said(0) in _LETTERS:
        letter, width = _LETTERS[said(0)], 1
    if letter is None:
        return None, 0
    for words in _EXPLAINING:
        behind = width + len(words)
        if all(said(width + i) == word for i, word in enumerate(words)) and len(said(behind)) > 2:
            explained = said(behind)
            if explained[0] == letter or (letter, explained[0]) in {("b", "v"), ("v", "b")}:
                width = behind + 1
                break
    return letter * times, width


def _about_spelling(tokens: Sequence[str], at: int) -> int:
    """How many tokens speak of letters, "with a double L", and are no part of the name."""
    word = plain(tokens[at])
    if word in _SPELLED:
        return 1
    if aside := max((len(p) for p in _ASIDES if _are(tokens, at, p)), default=0):
        return aside
    if any(_are(tokens, at, phrase) for phrase in _LIKE) and at + 2 < len(tokens):
        return 3
    if word == "not":
        return _taken_back(tokens, at)
    explained = _letter(tokens, at)[1]
    if explained > 2 and not _letter(tokens, at + explained)[1]:
        # "Voss, v like Victor."
        return explained
    if word in _WITH:
        return _with_letters(tokens, at)
    if word in _COUNTED and at:
        width = _letter(tokens, at + 1)[1]
        return 1 + width + _where(tokens, at + 1 + width) if width else 0
    return 0


def _with_letters(tokens: Sequence[str], at: int) -> int:
    """ "With two R's", "con hache y zeta al final": the letters it takes in."""
    behind = at + 1
    while behind < len(tokens):
        article = 0
        while behind + article < len(tokens) and plain(tokens[behind + article]) in _ARTICLES:
            # "A" may be the letter that is meant.
            if not _letter(tokens, behind + article + 1)[1]:
                break
            article += 1
        width = _letter(tokens, behind + article)[1]
        if not width:
            break
        behind += article + width
        behind += _where(tokens, behind)
        more = tokens[behind : behind + 2]
        if len(more) == 2 and plain(more[0]) in ("and", "y") and _letter(tokens, behind + 1)[1]:
            behind += 1
            continue
        break
    return behind - at if behind > at + 1 else 0


def _where(tokens: Sequence[str], at: int) -> int:
    """ "On the end", "al final"."""
    return max((len(phrase) for phrase in _ASIDES if _are(tokens, at, phrase)), default=0)


def _taken_back(tokens: Sequence[str], at: int) -> int:
    """ "Not s h a w n", "not a g", "not Karl": how many tokens."""
    article = int(at + 2 < len(tokens) and plain(tokens[at + 1]) in ("a", "an", "the"))
    width = _spelled(tokens, at + 1)[1] or _letter(tokens, at + 1 + article)[1] + article
    return 1 + (width if width > article else 1)


def _are(tokens: Sequence[str], at: int, phrase: Sequence[str]) -> bool:
    return [plain(token) for token in tokens[at : at + len(phrase)]] == list(phrase)
