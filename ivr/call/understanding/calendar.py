"""The names of months, weekdays and holidays, as callers in Texas say them in either language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache

import holidays
from babel.dates import get_day_names, get_month_names
from rapidfuzz import fuzz

from ivr.call.understanding.numbers import Number, Token
from ivr.call.understanding.words import plain


def _plain_names(*names: Mapping[int, str]) -> dict[str, int]:
    return {plain(name): number for table in names for number, name in table.items()}


_WIDE_MONTHS = _plain_names(*(get_month_names("wide", locale=locale) for locale in ("en", "es")))
_SHORT_MONTHS = _plain_names(
    *(get_month_names("abbreviated", locale=locale) for locale in ("en", "es"))
)
_WIDE_WEEKDAYS = _plain_names(*(get_day_names("wide", locale=locale) for locale in ("en", "es")))
_WORDS_OF_THEIR_OWN = frozenset({"may", "mar", "ago", "ene"})

MONTHS: Mapping[str, int] = (
    {name: n for name, n in _SHORT_MONTHS.items() if name not in _WORDS_OF_THEIR_OWN}
    | _WIDE_MONTHS
    | {"setiembre": 9, "marso": 3, "avril": 4, "habril": 4, "henero": 1, "otubre": 10}
)
"""Plain name → 1 to 12. "May" may be the verb: see month_named()."""

WEEKDAYS: Mapping[str, int] = (
    _WIDE_WEEKDAYS
    | {f"{name}s": number for name, number in _WIDE_WEEKDAYS.items() if not name.endswith("s")}
    | {"tues": 1, "wensday": 2, "weds": 2, "thurs": 3}
)
"""Plain name → 0 for Monday to 6, "mondays" and "sabados" too."""

EVERY_WEEK = frozenset(f"{name}s" for name in _WIDE_WEEKDAYS if not name.endswith("s"))
"""Plain names of which there are several: "mondays", "sabados"."""
_ALIKE_DAYS = 83
"""For weekdays, which are told apart by their first letter and are all there is to mistake."""


def weekday_named(word: str) -> int | None:
    """The weekday a word names, 0 for Monday, also where it was misheard by a letter."""
    for ending in ("'s", "'d", "'ll"):
        word = word.removesuffix(ending)
    if word in WEEKDAYS or len(word) < 6:
        return WEEKDAYS.get(word)
    return next(
        (
            number
            for name, number in WEEKDAYS.items()
            if name[0] == word[0] and fuzz.ratio(name, word) >= _ALIKE_DAYS
        ),
        None,
    )


_BESIDE_MAY = frozenset({"in", "of", "early", "late", "mid", "is", "was", "for", "this", "next"})
_ALIKE = 85


def month_named(word: str, said: Sequence[Token]) -> int | None:
    """The month a word names, also where it was misheard by a letter; None for another word.

    said: all of it, because "may" is a month only beside a number or after "in" or "of".
    """
    if word in ("may", "march"):
        beside = [
            neighbour
            for at, token in enumerate(said)
            if token == word
            for neighbour in (*said[max(0, at - 1) : at], *said[at + 1 : at + 3])
        ]
        named = any(isinstance(n, Number) or n in _BESIDE_MAY for n in beside) or len(said) == 1
        return MONTHS[word] if named or word == "march" else None
    if word in MONTHS:
        return MONTHS[word]
    if len(word) < 6:
        return None
    return next(
        (
            number
            for name, number in MONTHS.items()
            if name[:2] == word[:2] and fuzz.ratio(name, word) >= _ALIKE
        ),
        None,
    )


HOLIDAYS: Mapping[str, str] = {
    "thanksgiving": "Thanksgiving Day", "thanksgiving day": "Thanksgiving Day",
    "turkey day": "Thanksgiving Day", "accion de gracias": "Thanksgiving Day",
    "dia de gracias": "Thanksgiving Day", "dia de dar gracias": "Thanksgiving Day",
    "dia de accion de gracias": "Thanksgiving Day", "dia de navidad": "Christmas Day",
    "dia de ano nuevo": "New Year's Day",
    "sangivin": "Thanksgiving Day", "dia del pavo": "Thanksgiving Day",
    "christmas": "Christmas Day", "christmas day": "Christmas Day", "xmas": "Christmas Day",
    "navidad": "Christmas Day", "la navidad": "Christmas Day",
    "christmas eve": "Christmas Eve", "nochebuena": "Christmas Eve",
    "noche buena": "Christmas Eve",
    "new years eve": "New Year's Eve", "new year's eve": "New Year's Eve",
    "fin de ano": "New Year's Eve", "nochevieja": "New Year's Eve",
    "ano viejo": "New Year's Eve",
    "new years": "New Year's Day", "new year's": "New Year's Day", "new year": "New Year's Day",
    "the new year": "New Year's Day",
    "new years day": "New Year's Day", "new year's day": "New Year's Day",
    "ano nuevo": "New Year's Day",
    "first of the year": "New Year's Day", "primero de ano": "New Year's Day",
    "primero del ano": "New Year's Day",
    "m l k day": "Martin Luther King Jr. Day", "mlk day": "Martin Luther King Jr. Day",
    "m l k": "Martin Luther King Jr. Day", "mlk": "Martin Luther King Jr. Day",
    "martin luther king day": "Martin Luther King Jr. Day",
    "martin luther king": "Martin Luther King Jr. Day",
    "groundhog day": "Groundhog Day",
    "valentines day": "Valentine's Day", "valentine's day": "Valentine's Day",
    "valentine's": "Valentine's Day", "valentines": "Valentine's Day",
    "san valentin": "Valentine's Day", "dia de los enamorados": "Valentine's Day",
    "dia del amor y la amistad": "Valentine's Day",
    "presidents day": "Washington's Birthday", "president's day": "Washington's Birthday",
    "presidents' day": "Washington's Birthday", "washington's birthday": "Washington's Birthday",
    "dia de los presidentes": "Washington's Birthday",
    "saint patrick's day": "Saint Patrick's Day", "st patrick's day": "Saint Patrick's Day",
    "saint patricks day": "Saint Patrick's Day", "st patricks day": "Saint Patrick's Day",
    "san patricio": "Saint Patrick's Day",
    "good friday": "Good Friday", "viernes santo": "Good Friday",
    "easter": "Easter Sunday", "easter sunday": "Easter Sunday",
    "domingo de resurreccion": "Easter Sunday", "domingo de pascua": "Easter Sunday",
    "la pascua": "Easter Sunday",
    "mother's day": "Mother's Day", "mothers day": "Mother's Day",
    "father's day": "Father's Day", "fathers day": "Father's Day",
    "dia del padre": "Father's Day",
    "memorial day": "Memorial Day", "dia de los caidos": "Memorial Day",
    "juneteenth": "Juneteenth National Independence Day",
    "june teenth": "Juneteenth National Independence Day",
    "independence day": "Independence Day", "dia de la independencia": "Independence Day",
    "labor day": "Labor Day", "dia del trabajo": "Labor Day",
    "columbus day": "Columbus Day", "dia de la raza": "Columbus Day",
    "halloween": "Halloween", "noche de brujas": "Halloween",
    "veterans day": "Veterans Day", "veteran's day": "Veterans Day",
    "veterans' day": "Veterans Day", "dia de los veteranos": "Veterans Day",
}  # fmt: skip
"""Plain name → the holiday's name in the holidays library. A holiday that falls on one day of one
month every year in Mexico, and is no American holiday, is a date: see FIXED_FEASTS."""

FIXED_FEASTS: Mapping[str, tuple[int, int]] = {
    "dia de reyes": (1, 6), "los reyes": (1, 6), "reyes": (1, 6), "reyes magos": (1, 6),
    "dia de la candelaria": (2, 2),
    "dia de las madres": (5, 10), "diez de mayo": (5, 10), "cinco de mayo": (5, 5),
    "dia de muertos": (11, 2), "dia de los muertos": (11, 2),
    "dia de la virgen": (12, 12), "dia de guadalupe": (12, 12),
    "dia de la virgen de guadalupe": (12, 12),
}  # fmt: skip
"""Feasts of the Mexican calendar: month and day."""


@cache
def days_of(holiday: str, year: int) -> tuple[date, ...]:
    """The days of `year` on which a holiday of the library falls, its substitutes left out."""
    known = holidays.country_holidays("US", years=year, categories=("public", "unofficial"))
    return tuple(
        sorted(
            day for day, names in known.items() if day.year == year and holiday in names.split("; ")
        )
    )
