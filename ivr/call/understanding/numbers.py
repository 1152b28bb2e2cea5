"""Numbers as people say them, in English and Spanish; digits and telephone numbers out of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from ivr.call.understanding.words import plain

_BARRED_AREAS = frozenset({"900", "976"})
_BARRED_EXCHANGES = frozenset({"976", "911"})

UNITS = {
    "zero": 0, "oh": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9,
    "cero": 0, "uno": 1, "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6,
    "siete": 7, "ocho": 8, "nueve": 9,
}  # fmt: skip
_NUMBERS_IN_A_NAME = 2

DIGIT_WORDS = {"en": tuple(UNITS)[:11], "es": tuple(UNITS)[11:]}
"""The digits' names, by language."""

_TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "diez": 10, "once": 11, "doce": 12, "trece": 13, "catorce": 14, "quince": 15,
    "dieciseis": 16, "diecisiete": 17, "dieciocho": 18, "diecinueve": 19,
    "veintiuno": 21, "veintiun": 21, "veintiuna": 21, "veintidos": 22, "veintitres": 23,
    "veinticuatro": 24, "veinticinco": 25, "veintiseis": 26, "veintisiete": 27,
    "veintiocho": 28, "veintinueve": 29,
}  # fmt: skip
_ENGLISH_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_SPANISH_TENS = {
    "diez": 10, "veinte": 20, "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60,
    "setenta": 70, "ochenta": 80, "noventa": 90,
}  # fmt: skip
_HUNDREDS = {
    "cien": 100, "ciento": 100, "doscientos": 200, "trescientos": 300, "cuatrocientos": 400,
    "quinientos": 500, "seiscientos": 600, "setecientos": 700, "ochocientos": 800,
    "novecientos": 900,
}  # fmt: skip
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13,
    "fourteenth": 14, "fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18,
    "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
    "forth": 4, "fith": 5, "fivth": 5, "eigth": 8, "nineth": 9, "twelth": 12, "twentyith": 20,
    "primero": 1, "primer": 1, "primera": 1,
}  # fmt: skip

HOMOPHONES = {
    "won": "one",
    "to": "two",
    "too": "two",
    "for": "four",
    "fore": "four",
    "ate": "eight",
}
"""What a recogniser writes for a number word; beside other numbers only, elsewhere it is a word."""

_REPEATED = {"double": 2, "doble": 2, "triple": 3}
_START_OVER = re.compile(
    r"\b(?:start over|let me start|start again|scratch that|no wait|wait|sorry|i mean|no|"
    r"perdon|digo|mejor dicho|empiezo|de nuevo|otra vez|again|o sea|me equivoque|correction)\b"
)
_SUFFIXED = re.compile(r"([0-9]+)(st|nd|rd|th|ro|er|am|pm)?")


@dataclass(frozen=True)
class Number:
    """A number that was said. digits: as it would be keyed: "05" for "oh five" is two of them."""

    value: int
    digits: str
    ordinal: bool = False
    spanish: bool = False

    @property
    def is_tens(self) -> bool:
        """Whether a unit may still follow: "twenty", "sesenta"."""
        return 20 <= self.value < 100 and self.value % 10 == 0


Token = str | Number


def read(words: str) -> list[Token]:
    """What was said, with every number in it found: "treinta y uno", "nineteen hundred", "4th"."""
    heard = plain(words).split()
    tokens: list[Token] = []
    at = 0
    while at < len(heard):
        found, width = number_at(heard, at)
        if found is None:
            tokens.append(heard[at])
        else:
            tokens += found
        at += width
    return tokens


def with_homophones(tokens: Sequence[Token]) -> list[Token]:
    """The same, with "to", "for" and "ate" taken for numbers where numbers stand beside them."""
    found = list(tokens)
    for at, said in enumerate(found):
        if not isinstance(said, str):
            continue
        beside = [*found[max(0, at - 1) : at], *tokens[at + 1 : at + 2]]
        if said == "o" and any(isinstance(n, Number) for n in beside):
            found[at] = Number(0, "0")
        elif said in HOMOPHONES:
            numbers = sum(isinstance(n, Number) or n in HOMOPHONES for n in beside)
            if numbers == len(beside) and any(isinstance(n, Number) for n in found):
                value = UNITS[HOMOPHONES[said]]
                found[at] = Number(value, str(value))
    return found


def digits_of(tokens: Iterable[Token]) -> str:
    """The digits of all that is a number, "double five" being two of them."""
    digits, times = "", 1
    for token in tokens:
        if isinstance(token, Number):
            digits += token.digits * times if len(token.digits) == 1 else token.digits
            times = 1
        else:
            times = _REPEATED.get(token, 1)
    return digits


def phone(words: str) -> str | None:
    """A callback number as it was said, as E.164; None where it is not one whole number.

    Whoever starts over is taken at the last attempt; four digits after a whole number and a
    correcting word replace its last four.
    """
    said = plain(words).split(" extension ")[0]
    attempts = [
        digits
        for part in _START_OVER.split(said)
        if (digits := digits_of(with_homophones(read(part))))
    ]
    if not attempts:
        return None
    whole = digits_of(with_homophones(read(said)))
    number = callback_number(attempts[-1]) or _corrected(attempts) or callback_number(whole)
    if number is None and len(whole) == 20 and whole[:10] == whole[10:]:
        return callback_number(whole[:10])
    return number


def counts(words: str) -> bool:
    """Whether somebody began to say a number: a bad one is no name."""
    return sum(word in UNITS for word in plain(words).split()) > _NUMBERS_IN_A_NAME


def _corrected(attempts: Sequence[str]) -> str | None:
    number = next((n for a in reversed(attempts[:-1]) if (n := callback_number(a))), None)
    if number is None or len(attempts[-1]) != 4:
        return None
    return callback_number(number.removeprefix("+1")[:-4] + attempts[-1])


@lru_cache(maxsize=4096)
def callback_number(digits: str) -> str | None:
    """A number of the North American plan that may be rung, as E.164; else None.

    Never 900, 976 or 911: a callback must cost nobody and reach a person [caller-safety: abuse].
    """
    national = digits.removeprefix("+").removeprefix("1") if len(digits) > 10 else digits
    if not re.fullmatch(r"[2-9][0-9]{2}[2-9][0-9]{6}", national):
        return None
    if national[:3] in _BARRED_AREAS or national[3:6] in _BARRED_EXCHANGES:
        return None
    parsed = phonenumbers.parse(f"+1{national}")
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def caller_number(value: str) -> str | None:
    """A From as a number we could ring back; None where it is withheld, foreign or not a number."""
    return callback_number(value) if value.startswith("+1") else None


def number_at(heard: list[str], at: int) -> tuple[list[Token] | None, int]:
    """The number that begins here, and how many words it took; an "am" may come with it."""
    word = heard[at]
    if written := _SUFFIXED.fullmatch(word):
        digits, suffix = written[1], written[2]
        found: list[Token] = [
            Number(int(digits[:12]), digits, ordinal=suffix not in (None, "am", "pm"))
        ]
        return ([*found, suffix] if suffix in ("am", "pm") else found), 1
    value, width, ordinal = _large(heard, at)
    if value is None:
        return None, 1
    spanish = word in _SPANISH
    return [Number(value, str(value), ordinal, spanish)], width


def _large(heard: list[str], at: int) -> tuple[int | None, int, bool]:
    """Thousands and hundreds, as years are said; then what is smaller."""
    word, after = heard[at], heard[at + 1 : at + 2]
    if word == "mil":
        return _and_rest(heard, at, 1000, 1)
    if word == "two" and after == ["thousand"]:
        return _and_rest(heard, at, 2000, 2)
    # "Dos mil tres" is a year; "dos mil novecientos" is the second, and a year of the last century.
    if word == "dos" and after == ["mil"] and not _is_hundreds(heard, at + 2):
        return _and_rest(heard, at, UNITS[word] * 1000, 2)
    if word in _HUNDREDS:
        return _and_rest(heard, at, _HUNDREDS[word], 1)
    if word in UNITS and after in (["hundred"], ["cientos"]):
        return _and_rest(heard, at, UNITS[word] * 100, 2)
    if word in _TEENS and after == ["hundred"]:
        return _and_rest(heard, at, _TEENS[word] * 100, 2)
    return _below_hundred(heard, at)


def _is_hundreds(heard: list[str], at: int) -> bool:
    return any(w in _HUNDREDS for w in heard[at : at + 1]) or heard[at + 1 : at + 2] == ["cientos"]


def _and_rest(heard: list[str], at: int, value: int, width: int) -> tuple[int, int, bool]:
    following = at + width
    joined = following < len(heard) and heard[following] in ("and", "y")
    if value == 1000 and heard[following : following + 1] == ["nueve"]:
        # "Mil nueve cincuenta y tres" is 1953.
        tens, used, _ = _below_hundred(heard, following + 1)
        if tens and tens >= 10:
            return 1900 + tens, width + 1 + used, False
    if value >= 1000 and following < len(heard):
        hundreds = used = 0
        if heard[following] in _HUNDREDS:
            hundreds, used = _HUNDREDS[heard[following]], 1
        elif heard[following] in UNITS and heard[following + 1 : following + 2] == ["cientos"]:
            hundreds, used = UNITS[heard[following]] * 100, 2
        if hundreds:
            return _and_rest(heard, at, value + hundreds, width + used)
    rest, used, ordinal = _below_hundred(heard, following + joined)
    # "Eight hundred five five five" is read out digit by digit; "eight hundred and five" is not.
    if rest and rest < 100 and (rest >= 10 or joined or value >= 1000):
        return value + rest, width + joined + used, ordinal
    return value, width, False


def _below_hundred(heard: list[str], at: int) -> tuple[int | None, int, bool]:
    if at >= len(heard):
        return None, 1, False
    word, after = heard[at], heard[at + 1 : at + 3]
    if word in _SPANISH_TENS and len(after) == 2 and after[0] == "y":
        unit = UNITS.get(after[1], 1 if after[1] == "un" else 0)
        if unit and after[1] in _SPANISH | {"un"}:
            return _SPANISH_TENS[word] + unit, 3, False
    if word in _ENGLISH_TENS:
        return _english_tens(word, "".join(after[:1]))
    for table in (UNITS, _TEENS, _SPANISH_TENS):
        if word in table:
            return table[word], 1, False
    if word in _ORDINALS:
        return _ORDINALS[word], 1, True
    return None, 1, False


def _english_tens(word: str, after: str) -> tuple[int, int, bool]:
    tens = _ENGLISH_TENS[word]
    if after not in _SPANISH and UNITS.get(after, 0) > 0:
        return tens + UNITS[after], 2, False
    if 0 < _ORDINALS.get(after, 0) < 10:
        return tens + _ORDINALS[after], 2, True
    return (tens + 8, 2, False) if after == "ate" else (tens, 1, False)


_SPANISH = frozenset(
    {
        *_SPANISH_TENS, *_HUNDREDS, "mil", "primero", "primer", "primera",
        *list(UNITS)[list(UNITS).index("cero") :], *list(_TEENS)[list(_TEENS).index("diez") :],
    }
)  # fmt: skip
