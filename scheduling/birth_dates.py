"""Dates of birth as people write them. Pure.

The month comes first where both could be, as it is written here; the other reading comes second,
since a receptionist copies from papers of every country.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Final

OLDEST_YEARS: Final = 130
"""See checked_input.OLDEST_YEARS: nobody is older."""

_ISO = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})")
_NUMBERS = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{2}|\d{4})")
_DIGITS = re.compile(r"(\d{2})(\d{2})(\d{4})")
_MONTH_FIRST = re.compile(r"([a-z]{3,10})\.? ?(\d{1,2})(?:st|nd|rd|th)?,? ?(\d{2}|\d{4})")
_DAY_FIRST = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?\.?[ -]?(?:de )?([a-z]{3,10})\.?,?[ -]?(?:de |del )?(\d{2}|\d{4})"
)

_MONTHS: Final = (
    ("january", "enero"), ("february", "febrero"), ("march", "marzo"), ("april", "abril"),
    ("may", "mayo"), ("june", "junio"), ("july", "julio"), ("august", "agosto"),
    ("september", "septiembre", "setiembre"), ("october", "octubre"), ("november", "noviembre"),
    ("december", "diciembre"),
)  # fmt: skip


def readings(text: str, today: date) -> list[date]:
    """What `text` may mean as a date of birth, the likelier first; [] where it is none.

    3/4/1961, 03-04-61, 03041961, 1961-03-04, Mar 4 1961, 4 March 1961, 4 de marzo de 1961. Of two
    digits the year is the latest that is not in the future. today: of the clinic's calendar.
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    said = " ".join("".join(one for one in plain if not unicodedata.combining(one)).split())
    return list(dict.fromkeys(filter(None, (_birth(*one, today) for one in _readings(said)))))


def _readings(said: str) -> list[tuple[str, int, int]]:
    """Year as written, month, day."""
    if found := _ISO.fullmatch(said):
        return [(found[1], int(found[2]), int(found[3]))]
    if found := _NUMBERS.fullmatch(said) or _DIGITS.fullmatch(said):
        first, second = int(found[1]), int(found[2])
        return [(found[3], first, second), (found[3], second, first)]
    if found := _MONTH_FIRST.fullmatch(said):
        return [(found[3], month, int(found[2])) for month in _months(found[1])]
    if found := _DAY_FIRST.fullmatch(said):
        return [(found[3], month, int(found[1])) for month in _months(found[2])]
    return []


def _months(word: str) -> list[int]:
    """The month that is named, or begun so."""
    return [
        number
        for number, names in enumerate(_MONTHS, start=1)
        if any(name.startswith(word) for name in names)
    ]


def _birth(year: str, month: int, day: int, today: date) -> date | None:
    whole = int(year)
    if len(year) == 2:
        whole += today.year // 100 * 100
        if (whole, month, day) > (today.year, today.month, today.day):
            whole -= 100
    try:
        born = date(whole, month, day)
    except ValueError:
        return None
    return born if born <= today and born.year >= today.year - OLDEST_YEARS else None
