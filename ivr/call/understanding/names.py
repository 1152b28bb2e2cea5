"""A name out of what was said or spelled, in any script; None when it cannot be one.

"Brown, B R O W N E" is Browne; "be de burro" and "b as in boy" are letters; "last name Schultz,
first name Gerald" is Gerald Schultz. It is read back, so that what was misheard is corrected.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from ivr.call.understanding.words import plain

_LONGEST = 80
_MOST_WORDS = 7
_MOST_SPELLED = 12
"""Letters in a row that may still be one word; more are two names that nothing tells apart."""

_ALIKE = 55
"""How alike a spelled word and the one said before it are, to be the same name."""

GAP = "|"
"""Stands where the recogniser heard a pause."""

SAID: Mapping[str, Any] = tomllib.loads(
    (Path(__file__).parent / "said" / "names.toml").read_text(encoding="utf-8")
)
_INTRODUCTIONS = tuple(phrase.split() for phrase in SAID["introductions"])
_LABELS: Mapping[str, list[str]] = {part: SAID[part] for part in ("first", "last")}
_OPENERS, _CLOSERS = frozenset(SAID["openers"]), frozenset(SAID["closers"])
_NOT_NAMES = frozenset(SAID["never"])
_AFTER_SPELLING = frozenset(SAID["after_spelling"])
_SPELLING = frozenset({"spelled", "spelling", "deletreo", "escribe", "deletrea"})
_PARTICLES = frozenset({"de", "del", "la", "las", "los", "y", "van", "von", "der", "da", "dos"})

_LETTERS: Mapping[str, str] = {
    **{letter: letter for letter in "abcdefghijklmnopqrstuvwxyzñ"},
    **SAID["letters"],
}
_TWO_WORD_LETTERS = frozenset(
    {("double", "u"), ("double", "you"), ("doble", "u"), ("doble", "ve"), ("doble", "uve"),
     ("uve", "doble"), ("i", "griega"), ("i", "latina")}
)  # fmt: skip
_EXPLAINING = (("as", "in"), ("like", "in"), ("as",), ("for",), ("like",), ("de",), ("como",))


def person_name(words: str) -> str | None:
    """A name as it is written; None for what is no name."""
    if any(unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") for c in words.replace("\n", " ")):
        return None
    tokens = tokens_of(words)
    labelled = _by_label(tokens)
    parts = [_resolve(part) for part in (labelled or [after_introductions(tokens)])]
    name = " ".join(_written(_without_repeats([word for part in parts for word in part])))
    letters = sum(c.isalpha() for c in name)
    if letters < 2 or len(name) > _LONGEST or any(c.isdigit() for c in name):
        return None
    said = [plain(word) for word in name.split()]
    if len(said) > _MOST_WORDS or not _NOT_NAMES.isdisjoint(said):
        return None
    return name


def tokens_of(words: str) -> list[str]:
    """The words that were said, as they are written, GAP where there was a pause."""
    gapped = re.sub(r"(?<=\S) {2,}(?=\S)", f" {GAP} ", words.strip().replace("’", "'"))
    gapped = re.sub(r"[,;:!?¡¿]|\.(?=\s|$)", " ", gapped)
    return gapped.replace("-", " - ").split() if re.search(r"\b\w-\w\b", gapped) else gapped.split()


def _at(tokens: Sequence[str], at: int, phrase: Sequence[str]) -> bool:
    return [plain(t) for t in tokens[at : at + len(phrase)]] == list(phrase)


def after_introductions(tokens: list[str]) -> list[str]:
    """What follows the last introduction that anything follows."""
    begins = 0
    for at in range(len(tokens)):
        for phrase in _INTRODUCTIONS:
            end = at + len(phrase)
            # "Soy" begins nothing where nothing, or another label, comes behind it.
            if end < len(tokens) and _at(tokens, at, phrase):
                begins = max(begins, end)
    return tokens[begins:]


def _label_at(tokens: Sequence[str], at: int) -> tuple[str, int] | None:
    if at < 0:
        return None
    for label, phrases in _LABELS.items():
        for phrase in phrases:
            if _at(tokens, at, phrase.split()):
                return label, len(phrase.split())
    return None


def _by_label(tokens: list[str]) -> list[list[str]] | None:
    """First and last name in their order, where the caller said which is which."""
    parts: dict[str, list[str]] = {"": []}
    label, at = "", 0
    while at < len(tokens):
        found = _label_at(tokens, at)
        if found is None:
            parts[label].append(tokens[at])
            at += 1
            continue
        label, width = found
        at += width
        if label == "last" and at < len(tokens) and plain(tokens[at]) in ("is", "es"):
            at += 1
        parts.setdefault(label, [])
    if len(parts) == 1 or ("last" not in parts and _introduces(parts)):
        return None
    parts[""] = after_introductions(parts[""])
    first, last, loose = parts.get("first"), parts.get("last"), parts[""]
    if first is not None and not _resolve(first):
        # "Ana de nombre": the label came behind its name.
        first, loose = loose, []
    if last is not None and not _resolve(last):
        last, loose = loose, []
    if first is None:
        return [loose, last or []]
    return [first, last if last is not None else loose]


def _introduces(parts: Mapping[str, list[str]]) -> bool:
    """ "My name is" and "el nombre de ella es" introduce a name; "nombre Irma" is a part of it."""
    before, behind = parts[""][-1:], parts["first"][:1]
    return plain("".join(before)) in ("mi", "my", "a") or plain("".join(behind)) in (
        *("de", "del", "es", "is", "completo"),
    )


def _resolve(tokens: Sequence[str]) -> list[str]:
    """The words of a name, those that were spelled put together."""
    words: list[str] = []
    at = 0
    spelled_before = False
    while at < len(tokens):
        spelled, width = _spelled(tokens, at)
        if spelled is not None:
            _add_spelled(words, spelled)
            at += width
            spelled_before = True
            continue
        if spelled_before and plain(tokens[at]) in _AFTER_SPELLING:
            break
        if tokens[at] not in (GAP, "-"):
            words.append(tokens[at])
        about = _about_spelling(tokens, at)
        if about:
            words.pop()
        at += about or 1
    return _trimmed(words)


def _about_spelling(tokens: Sequence[str], at: int) -> int:
    """How many tokens speak of a letter, "with a double L", and are no part of the name."""
    if plain(tokens[at]) in _SPELLING:
        return 1
    if plain(tokens[at]) not in ("con", "with"):
        return 0
    article = int(at + 1 < len(tokens) and plain(tokens[at + 1]) in ("a", "an", "una"))
    width = _letter(tokens, at + 1 + article)[1]
    return 1 + article + width if width else 0


def _add_spelled(words: list[str], spelled: str) -> None:
    said = words[-1] if words else ""
    # The whole name may be spelled again, not just its last word.
    if any(plain("".join(words[at:])) == plain(spelled) for at in range(len(words))):
        return
    if said and fuzz.ratio(plain(said), plain(spelled)) >= _ALIKE:
        words.pop()
    words.append(spelled)


def _spelled(tokens: Sequence[str], at: int) -> tuple[str | None, int]:
    """The word whose letters begin here, and how many tokens they took."""
    begin, letters = at, ""
    while at < len(tokens):
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
        if at + offset >= len(tokens):
            return ""
        word = tokens[at + offset].casefold()
        # A tilde changes the letter, an accent does not.
        return "ñ" if word in ("ñ", "eñe") else plain(word)

    times, width = 1, 0
    letter = None
    if (said(0), said(1)) in _TWO_WORD_LETTERS:
        letter, width = _LETTERS.get(said(0) + said(1), "i"), 2
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


def _trimmed(words: list[str]) -> list[str]:
    begin, end = 0, len(words)
    while begin < end and plain(words[begin]) in _OPENERS:
        begin += 1
    while end > begin and plain(words[end - 1]) in _CLOSERS:
        end -= 1
    return words[begin:end]


def _without_repeats(words: list[str]) -> list[str]:
    kept: list[str] = []
    for word in words:
        if not kept or plain(kept[-1]) != plain(word) or not plain(word):
            kept.append(word)
    if len(kept) > 2 and plain(kept[0]) and plain(kept[0]) == plain(kept[-1]):
        # The family name alone first, then the whole name.
        return kept[1:]
    half = len(kept) // 2
    if half and [plain(w) for w in kept[:half]] == [plain(w) for w in kept[half:]] != [""] * half:
        return kept[:half]
    return kept


def _written(words: Sequence[str]) -> list[str]:
    return [
        word
        if not word.islower()
        else word
        if word in _PARTICLES and 0 < at < len(words) - 1
        else word.title()
        for at, word in enumerate(words)
    ]
