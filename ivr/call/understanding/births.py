"""A date of birth, keyed or said, in English or Spanish; None unless it can only be one date."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ivr.call.understanding.calendar import MONTHS, month_named
from ivr.call.understanding.numbers import HOMOPHONES, Number, Token, read
from ivr.call.understanding.words import plain

OLDEST_YEARS = 120
"""No caller is older; a date of birth further back was keyed wrong."""

_OLDEST_BY_TWO_DIGITS = 105
"""A year said as two digits means the last century, unless that would be older than this."""

_CORRECTING = frozenset(
    {"no", "sorry", "wait", "mean", "correction", "digo", "perdon", "sea", "dicho"}
)
_SPANISH_JOINTS = frozenset({"de", "del", "el"})
_AGED = frozenset({"i'm", "im", "am", "he's", "she's", "aged", "age", "turning", "tengo", "tiene"})
_AGES = range(30, 110)
_FEASTS = {
    "(?:christmas eve|nochebuena|noche buena)": ("december", 24),
    "(?:christmas day|christmas|(?:dia de )?navidad)": ("december", 25),
    "(?:new year's eve|new years eve)": ("december", 31),
    "(?:new year's day|new years day|new year's|new years|ano nuevo)": ("january", 1),
    "(?:valentine's day|valentines day|san valentin)": ("february", 14),
    "halloween": ("october", 31),
}
"""What somebody was born on, by name; the longer names first."""
_MOST_NUMBERS = 8


def keyed(digits: str, today: date) -> str | None:
    """MMDDYYYY as an ISO date. today: at the clinic; nobody was born after it."""
    if not re.fullmatch(r"[0-9]{8}", digits):
        return None
    return _birth(int(digits[4:]), int(digits[:2]), int(digits[2:4]), today)


def spoken(words: str, today: date) -> str | None:
    """A date of birth as it was said, as an ISO date. today: as for keyed()."""
    return _said(words, today) or _said(_with_feasts(words), today)


def _said(words: str, today: date) -> str | None:
    known = _Parts()
    tokens = _without_ages(read(words))
    spanish = any(t in _SPANISH_JOINTS if isinstance(t, str) else t.spanish for t in tokens)
    for attempt in _attempts(_with_homophones(tokens)):
        known = known.corrected_by(_parts(attempt, today, day_first=spanish))
    if known.year is None or known.month is None or known.day is None:
        return None
    return _birth(known.year, known.month, known.day, today)


def _with_feasts(words: str) -> str:
    """ "Christmas day 1940" is a date, where no month is named beside it."""
    said = plain(words)
    if any(word in MONTHS for word in said.split()):
        return said
    for feast, (month, day) in _FEASTS.items():
        said = re.sub(rf"\b{feast}\b", f"{month} {day}", said)
    return said


def _without_ages(tokens: Sequence[Token]) -> list[Token]:
    """ "I'm eighty-four", "tengo noventa años": no part of the date."""
    kept = []
    for at, token in enumerate(tokens):
        before, after = tokens[at - 1] if at else "", [*tokens[at + 1 :], ""][0]
        aged = before in _AGED or after in ("years", "anos", "yrs")
        if not (aged and isinstance(token, Number) and token.value in _AGES):
            kept.append(token)
    return kept


@dataclass(frozen=True)
class _Parts:
    month: int | None = None
    day: int | None = None
    year: int | None = None

    def corrected_by(self, later: _Parts) -> _Parts:
        return _Parts(later.month or self.month, later.day or self.day, later.year or self.year)


def _attempts(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """What stands between correcting words: "June … no, the ninth" is two attempts."""
    attempt: list[Token] = []
    for token in tokens:
        if token in _CORRECTING:
            yield attempt
            attempt = []
        else:
            attempt.append(token)
    yield attempt


def _with_homophones(tokens: Sequence[Token]) -> list[Token]:
    """ "March too": a number's double right after a month or a number is the number."""
    found: list[Token] = []
    for token in tokens:
        before = found[-1] if found else ""
        after_date = isinstance(before, Number) or before in MONTHS
        if isinstance(token, str) and token in HOMOPHONES and after_date:
            (number,) = read(HOMOPHONES[token])
            if isinstance(before, Number) and isinstance(number, Number) and before.is_tens:
                whole = before.value + number.value
                found[-1] = Number(whole, str(whole))
                continue
            found.append(number)
        else:
            found.append(token)
    return found


def _parts(tokens: Sequence[Token], today: date, *, day_first: bool) -> _Parts:
    months = {month for t in tokens if isinstance(t, str) and (month := month_named(t, tokens))}
    numbers = _without_repeats([t for t in tokens if isinstance(t, Number)])
    if len(months) > 1 or len(numbers) > _MOST_NUMBERS:
        return _Parts()
    if months:
        month = months.pop()
        found = list(_day_and_year(numbers, today))
        dates = [_Parts(month, day, year) for day, year in found]
        return dates[0] if dates else _only_a_day(month, numbers)
    if len(numbers) == 1 and len(numbers[0].digits) <= 2:
        (said,) = numbers
        return _Parts(day=said.value) if said.value <= 31 else _Parts(year=_year(numbers, today))
    if len(numbers) > 1 and numbers[0].ordinal:
        # A correction of the day, and then the year.
        return next((_Parts(None, d, y) for d, y in _day_and_year(numbers, today)), _Parts())
    return _numeric(numbers, today, day_first=day_first)


def _without_repeats(numbers: list[Number]) -> list[Number]:
    """ "The ninth, June ninth" names one day."""
    kept: list[Number] = []
    for number in numbers:
        if not (number.ordinal and number in kept):
            kept.append(number)
    return kept


def _only_a_day(month: int, numbers: Sequence[Number]) -> _Parts:
    if len(numbers) == 1 and 1 <= numbers[0].value <= 31:
        return _Parts(month, numbers[0].value)
    return _Parts(month)


def _day_and_year(numbers: Sequence[Number], today: date) -> Iterator[tuple[int, int]]:
    """The ways in which all numbers beside a month's name make a day and a year, best first."""
    ways = []
    for cut in range(1, len(numbers)):
        for day_part, year_part in ((numbers[:cut], numbers[cut:]), (numbers[cut:], numbers[:cut])):
            day, year = _day(day_part), _year(year_part, today)
            if day is not None and year is not None:
                ways.append((not day_part[0].ordinal, day, year))
    # A stable sort: an ordinal is the day, and the day is said before the year.
    yield from ((day, year) for _, day, year in sorted(ways, key=lambda way: way[0]))


def _numeric(numbers: Sequence[Number], today: date, *, day_first: bool) -> _Parts:
    digits = "".join(n.digits for n in numbers)
    if (len(digits) == 8 and all(len(n.digits) == 1 for n in numbers)) or len(numbers) == 1:
        born = keyed(digits, today)
        if born is None:
            return _Parts()
        day = date.fromisoformat(born)
        return _Parts(day.month, day.day, day.year)
    for one in range(1, len(numbers)):
        for two in range(one + 1, len(numbers)):
            first, second = _day(numbers[:one]), _day(numbers[one:two])
            year = _year(numbers[two:], today)
            if first is None or second is None or year is None:
                continue
            if day_first and second <= 12:
                return _Parts(second, first, year)
            if first <= 12:
                return _Parts(first, second, year)
    return _Parts()


def _day(numbers: Sequence[Number]) -> int | None:
    """A day or a month: "12", or "oh" and "5"."""
    match [n.value for n in numbers]:
        case [value] if 1 <= value <= 31:
            return value
        case [0, value] if 1 <= value <= 9:
            return value
    return None


def _year(numbers: Sequence[Number], today: date) -> int | None:
    """1936, "19 36", "19 oh 4", "36", "oh 4"; and read out digit by digit."""
    if any(n.ordinal for n in numbers):
        return None
    digits = "".join(n.digits for n in numbers)
    if len(digits) == 4 and digits[:2] in ("18", "19", "20"):
        return int(digits)
    if len(digits) == 2 and (len(numbers) == 1 or digits[0] == "0" or len(numbers) == 2):
        year = 1900 + int(digits)
        return year if today.year - year <= _OLDEST_BY_TWO_DIGITS else year + 100
    return None


def _birth(year: int, month: int, day: int, today: date) -> str | None:
    try:
        born = date(year, month, day)
    except ValueError:
        return None
    if born > today or today.year - born.year > OLDEST_YEARS:
        return None
    return born.isoformat()
