"""A name out of what was said or spelled, in any script; None when it cannot be one.

"Brown, B R O W N E" is Browne; "be de burro" and "b as in boy" are letters; "last name Schultz,
first name Gerald" is Gerald Schultz. It is read back, so that what was misheard is corrected.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from ivr.call.understanding.spelling import ALIKE, GAP, resolved, speaks_of_spelling
from ivr.call.understanding.words import plain

_LONGEST = 80
_MOST_WORDS = 7
SAID: Mapping[str, Any] = tomllib.loads(
    (Path(__file__).parent / "said" / "names.toml").read_text(encoding="utf-8")
)
_ByFirst = Mapping[str, list[list[str]]]
"""Phrases, as words, by the first of them."""


def _by_first(phrases: Iterable[str]) -> _ByFirst:
    found: dict[str, list[list[str]]] = {}
    for phrase in phrases:
        found.setdefault(phrase.split()[0], []).append(phrase.split())
    return found


_INTRODUCTIONS = _by_first(SAID["introductions"])
_LABELS: Mapping[str, _ByFirst] = {part: _by_first(SAID[part]) for part in ("first", "last")}
_OPENERS, _CLOSERS = frozenset(SAID["openers"]), frozenset(SAID["closers"])
_NOT_NAMES = frozenset(SAID["never"])
_ASIDES = _by_first(
    [*SAID["asides"], *(f"{my} {who}" for my in ("my", "mi") for who in SAID["relatives"])]
)
"""What stands between a name and something else that is said about it."""

_PARTICLES = frozenset({"de", "del", "la", "las", "los", "y", "van", "von", "der", "da", "dos"})

_BEHIND = tuple(
    (re.compile(said, re.IGNORECASE), means)
    for said, means in (
        (r"(.+) is my first(?: name)? (?:and )?(.+?)(?: is)? my last(?: name)?", r"\1 \2"),
        (r"(.+) es mi nombre (?:y )?(.+?)(?: es)? (?:mi|el) apellido", r"\1 \2"),
        (r"(?:.* )?first (\w+) last (\w+)", r"\1 \2"),
        (r"(\w+),? (?:comma|coma) (\w+(?: \w+)?)", r"\2 \1"),
    )
)


def person_name(words: str) -> str | None:
    """A name as it is written; None for what is no name."""
    if any(unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") for c in words.replace("\n", " ")):
        return None
    tokens = tokens_of(_in_order(words))
    labelled = _by_label(tokens)
    return _name(labelled) if labelled else _between_asides(tokens)


def _in_order(words: str) -> str:
    """ "Juan es mi nombre y Pérez mi apellido", "Smith comma John": first name first."""
    for said, means in _BEHIND:
        if found := said.fullmatch(words.strip()):
            return found.expand(means)
    return words


def _between_asides(tokens: list[str]) -> str | None:
    """The first whole name among what is said: "Roy Clark, that's my dad"."""
    pieces = _pieces(tokens)
    if pieces == [tokens]:
        return _name([after_introductions(tokens)])
    names = [name.split() for piece in pieces if (name := _name([after_introductions(piece)]))]
    if not names:
        return _name([after_introductions(tokens)])
    found = next((name for name in names if len(name) > 1), names[0])
    later = names[names.index(found) + 1 :]
    if len(names[0]) == 1 and (begins := _place_of(names[0], found)):
        found = found[begins:]
    for longer in later:
        # Whoever gives a nickname on the way says the name again, whole.
        at = _place_of(found, longer)
        if at is not None and len(longer) - at > len(found):
            found = longer[at:]
    return " ".join(found)


def _place_of(name: Sequence[str], longer: Sequence[str]) -> int | None:
    wanted = [plain(word) for word in name]
    return next(
        (
            at
            for at in range(len(longer))
            if [plain(word) for word in longer[at : at + len(name)]] == wanted
        ),
        None,
    )


def _pieces(tokens: list[str]) -> list[list[str]]:
    pieces: list[list[str]] = [[]]
    at = 0
    while at < len(tokens):
        width = max(_widths_at(tokens, at, _ASIDES), default=0)
        if width:
            pieces.append([])
        else:
            pieces[-1].append(tokens[at])
        at += width or 1
    return [piece for piece in pieces if piece]


def _name(parts_said: Sequence[Sequence[str]]) -> str | None:
    parts = [_resolve(part) for part in parts_said]
    name = " ".join(_written(_without_repeats([word for part in parts for word in part])))
    name = re.sub(r" (?:hyphen|dash|guion|guión) ", "-", name, flags=re.IGNORECASE)
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


def _widths_at(tokens: Sequence[str], at: int, phrases: _ByFirst) -> list[int]:
    """How many tokens each of the phrases takes that begin here."""
    begun = phrases.get(plain(tokens[at]), ())
    return [len(phrase) for phrase in begun if _at(tokens, at, phrase)]


def after_introductions(tokens: list[str]) -> list[str]:
    """What follows the last introduction that anything follows."""
    begins = 0
    for at in range(len(tokens)):
        for width in _widths_at(tokens, at, _INTRODUCTIONS):
            # "Soy" begins nothing where nothing, or only its letters, come behind it.
            behind = tokens[at + width :]
            if any(plain(t) not in _CLOSERS for t in behind) and not speaks_of_spelling(behind[0]):
                begins = max(begins, at + width)
    return tokens[begins:]


def _label_at(tokens: Sequence[str], at: int) -> tuple[str, int] | None:
    if at < 0:
        return None
    for label, phrases in _LABELS.items():
        for width in _widths_at(tokens, at, phrases):
            return label, width
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
    in_order = list(parts) == ["", "first", "last"]
    if in_order and first and _resolve(first) and not _resolve(last or []) and _resolve(loose):
        # "Ana de nombre y Ruiz de apellido": both labels came behind.
        return [loose, first]
    in_order = list(parts) == ["", "last", "first"]
    if in_order and last and _resolve(last) and not _resolve(first or []) and _resolve(loose):
        return [last, loose]
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
    return _trimmed(resolved(tokens))


def _trimmed(words: list[str]) -> list[str]:
    begin, end = 0, len(words)
    while begin < end and plain(words[begin]) in _OPENERS:
        begin += 1
    if end - begin > 2 and plain(words[begin]) == "no":
        begin += 1
    while end > begin and plain(words[end - 1]) in _CLOSERS:
        end -= 1
    return words[begin:end]


def _without_repeats(words: list[str]) -> list[str]:
    kept = list(words)
    for width in (1, 2, 3):
        at = 0
        while at + 2 * width <= len(kept):
            one, two = kept[at : at + width], kept[at + width : at + 2 * width]
            alike = [fuzz.ratio(plain(a), plain(b)) for a, b in zip(one, two, strict=True)]
            if max(alike) == 100 and min(alike) >= ALIKE and "".join(map(plain, one)):
                # Said, and said again, maybe with a part of it spelled.
                del kept[at : at + width]
            else:
                at += 1
    if len(kept) > 2 and plain(kept[0]) and plain(kept[0]) == plain(kept[-1]):
        # The family name alone first, then the whole name.
        return kept[1:]
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
