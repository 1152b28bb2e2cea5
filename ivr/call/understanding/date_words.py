"""What callers say about days, turned into the few symbols of the grammar in date_grammar.py.

Both languages have the same symbols, so that the grammar is written once. Where they mean different
things they get different ones: English "next Tuesday" has two readings, "el próximo martes" one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from ivr.call.understanding.calendar import (
    EVERY_WEEK,
    FIXED_FEASTS,
    HOLIDAYS,
    month_named,
    weekday_named,
)
from ivr.call.understanding.numbers import HOMOPHONES, UNITS, Number, number_at, read
from ivr.call.understanding.words import plain

_SAID: Mapping[str, list[str]] = tomllib.loads(
    (Path(__file__).parent / "said" / "dates.toml").read_text(encoding="utf-8")
)
_PHRASES: Mapping[tuple[str, ...], str] = {
    tuple(phrase.split()): "" if symbol == "skipped" else symbol
    for symbol, phrases in _SAID.items()
    for phrase in phrases
}
_NTH = {
    "segundo": 2,
    "segunda": 2,
    "tercer": 3,
    "tercero": 3,
    "tercera": 3,
    "cuarto": 4,
    "cuarta": 4,
    "quinto": 5,
}
"""Before a weekday or a week; elsewhere these are a second, a quarter, a third choice."""

_SIGNS = {"slash": "SLASH", "diagonal": "SLASH"}
_NO_MONDAYS = re.compile(rf"\bno(?= (?:{'|'.join(EVERY_WEEK)})\b)")
_COUPLE = frozenset({("a", "couple"), ("a", "couple", "of")})
_HOLIDAY_WORDS = {tuple(name.split()): name for name in (*HOLIDAYS, *FIXED_FEASTS)}
_LONGEST = max(len(phrase) for phrase in (*_PHRASES, *_HOLIDAY_WORDS))

HOLIDAY_NAMES = sorted({*HOLIDAYS, *FIXED_FEASTS})
"""What the symbol H<n> stands for."""


def symbols(words: str) -> str:
    """What was said as symbols with spaces between; `_` for what means nothing here."""
    slashed = re.sub(r"(?<=[0-9])[/-](?=[0-9])", " slash ", words)
    # "No Mondays" rules them out; "no, Monday" says which it is to be.
    heard = _NO_MONDAYS.sub("not", plain(slashed)).split()
    # "May" is told from the verb by what stands around it.
    around = read(slashed)
    found: list[str] = []
    at = 0
    while at < len(heard):
        symbol, width = _symbol(heard, at, found[-1] if found else "", around)
        found += symbol.split()
        at += width
    return _tidy(found)


def _symbol(heard: list[str], at: int, before: str, around: list[Number | str]) -> tuple[str, int]:
    for width in range(min(_LONGEST, len(heard) - at), 0, -1):
        phrase = tuple(heard[at : at + width])
        if phrase in _HOLIDAY_WORDS:
            return f"H{HOLIDAY_NAMES.index(_HOLIDAY_WORDS[phrase])}", width
        if phrase in _COUPLE:
            return "N2", width
        if width > 1 and phrase in _PHRASES:
            return _PHRASES[phrase], width
    word = heard[at]
    if word in _SIGNS:
        return _SIGNS[word], 1
    after = heard[at + 1] if at + 1 < len(heard) else ""
    if symbol := _date_word(word, before, after, around):
        return symbol, 1
    numbers, width = number_at(heard, at)
    if numbers is not None:
        return " ".join(_numbers(numbers)), width
    return _PHRASES.get((word,), "_"), 1


def _date_word(word: str, before: str, after: str, around: list[Number | str]) -> str | None:
    if word in ("slash", "diagonal"):
        return "SLASH"
    if _is_number_misheard(word, before, after):
        return f"N{UNITS[HOMOPHONES[word]]}"
    if word in _NTH and (after == "semana" or weekday_named(after) is not None):
        return f"O{_NTH[word]}"
    if (weekday := weekday_named(word)) is not None:
        return f"W{weekday}"
    if month := month_named(word, around):
        return f"M{month}"
    return None


def _is_number_misheard(word: str, before: str, after: str) -> bool:
    """ "March too", "the ate of December", "too weeks from Monday"."""
    if word not in HOMOPHONES:
        return False
    if re.fullmatch(r"M\d+", before) or (before == "THE" and after in ("", "of", "please")):
        return True
    return word in ("to", "too") and after in ("weeks", "days", "months")


def _numbers(tokens: list[Number | str]) -> Iterator[str]:
    for said in tokens:
        if isinstance(said, Number):
            yield f"{'O' if said.ordinal else 'N'}{said.value}"
        else:
            yield {"am": "P1"}.get(said, "P2")


def _tidy(found: list[str]) -> str:
    """Articles only matter before numbers; what means nothing is said once."""
    kept: list[str] = []
    for at, symbol in enumerate(found):
        after = found[at + 1] if at + 1 < len(found) else ""
        if symbol == "THE" and after[:1] not in ("N", "O"):
            continue
        if symbol == "THE" and not after[1:].isdigit():
            continue
        if symbol == "_" and kept and kept[-1] == "_":
            continue
        kept.append(symbol)
    return " ".join(kept)
