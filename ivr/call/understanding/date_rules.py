"""What each rule of date_grammar.py does: the day, the span or the part of the day it stands for.

Each takes the reader and the match of its pattern, and returns the symbols that take its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from ivr.call.understanding.calendar import FIXED_FEASTS, HOLIDAYS, days_of
from ivr.call.understanding.date_spans import Impossible, Reader, Span, known
from ivr.call.understanding.date_words import HOLIDAY_NAMES

_NOON = 12
_OPENS = 7
"""An hour said without "morning" or "afternoon" lies between seven and seven: the clinic's day."""
_MONTHS_AHEAD = 12


Rule = Callable[[Reader, "re.Match[str]"], str]


def clock(_: Reader, match: re.Match[str]) -> str:
    named, hour = match["part"], int(match["hour"])
    if named or hour > 24:
        return named or "_"
    return "P1" if _OPENS <= hour < _NOON else "P2"


def numbered_before_clock(_: Reader, match: re.Match[str]) -> str:
    """ "El lunes 7 a las 9": the first number is the day's."""
    return f"{match['kept']} THE N{match['day']}"


def after_clock(_: Reader, match: re.Match[str]) -> str:
    hour = int(match["hour"])
    if match["part"]:
        return match["part"]
    if match["word"] == "BEFORE":
        return "P1" if 9 <= hour <= _NOON else "_"
    return "P2" if hour == _NOON or hour < _OPENS else "ANY"


def named_date(reader: Reader, match: re.Match[str]) -> str:
    year = match["year"]
    return reader.day(_on(reader, int(match["month"]), int(match["day"]), _full_year(year)))


def slashed(reader: Reader, match: re.Match[str]) -> str:
    month, day = int(match["month"]), int(match["day"])
    if month > 12:
        month, day = day, month
    return reader.day(_on(reader, month, day, _full_year(match["year"])))


def _full_year(said: str | None) -> int | None:
    return None if said is None else int(said) if len(said) == 4 else 2000 + int(said)


def _on(reader: Reader, month: int, day: int, year: int | None) -> date:
    """That day; without a year the next one from tomorrow on. Raises Impossible."""
    years = [year] if year else range(reader.today.year, reader.today.year + 5)
    for tried in years:
        try:
            found = date(tried, month, day)
        except ValueError:
            continue
        if found > reader.today or (year and found == reader.today):
            if not year and found.year - reader.today.year > 1:
                break
            return found
    raise Impossible


def months_from(reader: Reader) -> list[date]:
    """The first days of this month and the twelve after it."""
    first = reader.today.replace(day=1)
    return [first + relativedelta(months=n) for n in range(_MONTHS_AHEAD + 1)]


def day_of_month(reader: Reader, match: re.Match[str]) -> str:
    return reader.day(next_numbered(reader, int(match["day"])))


def next_numbered(reader: Reader, number: int, weekday: int | None = None) -> date:
    """The next day of that number after today, on that weekday if any. Raises Impossible."""
    for first in months_from(reader):
        try:
            day = first.replace(day=number)
        except ValueError:
            continue
        if day > reader.today and weekday in (None, day.weekday()):
            return day
    raise Impossible


def holiday(reader: Reader, match: re.Match[str]) -> str:
    name = HOLIDAY_NAMES[int(match["name"])]
    if name in FIXED_FEASTS:
        return reader.day(_on(reader, *FIXED_FEASTS[name], None))
    this_year = reader.today.year
    days = (*days_of(HOLIDAYS[name], this_year), *days_of(HOLIDAYS[name], this_year + 1))
    wanted = int(match["year"]) if match["year"] else None
    found = next(
        (d for d in days if d > reader.today and wanted in (None, d.year)),
        None,
    )
    return reader.day(known(found))


def last_day(reader: Reader, match: re.Match[str]) -> str:
    months = months_from(reader)
    month = int(match["month"] or months[0].month)
    first = next(m for m in months if m.month == month)
    return reader.day(first + relativedelta(months=1, days=-1))


def part_of_day(_: Reader, match: re.Match[str]) -> str:
    """ "Early afternoon" is the afternoon."""
    return f"P{match['part']}"


def from_today(reader: Reader, match: re.Match[str]) -> str:
    return reader.day(_ahead(reader.today, match["many"], match["unit"]))


def from_day(reader: Reader, match: re.Match[str]) -> str:
    forth = match["word"] != "BEFORE"
    day = reader.last(match["place"]) if forth else reader.first(match["place"])
    return reader.day(_ahead(day, match["many"], match["unit"], forth=forth))


def _ahead(day: date, many: str | None, unit: str, *, forth: bool = True) -> date:
    number = int(many) if many else 1
    if unit == "DIA" and number in (8, 15):
        # "En ocho días" is a week, "en quince" two: the day one stands on is counted.
        number -= 1
    if number > 500:
        raise Impossible
    if unit == "MONTH":
        return day + relativedelta(months=number if forth else -number)
    days = number * {"WEEK": 7, "FORTNIGHT": 14}.get(unit, 1)
    return day + timedelta(days if forth else -days)


def plus_eight(reader: Reader, match: re.Match[str]) -> str:
    days = {"8": 7, "15": 14}[match["many"]]
    return reader.day(reader.first(match["place"]) + timedelta(days))


def impossible(_reader: Reader, _match: re.Match[str]) -> str:
    """What is past."""
    raise Impossible


def named_month(reader: Reader, match: re.Match[str]) -> str:
    month, year = int(match["month"]), _full_year(match["year"])
    for first in months_from(reader):
        if first.month == month and year in (None, first.year):
            return reader.month(first)
    raise Impossible


def this_month(reader: Reader, _: re.Match[str]) -> str:
    return reader.month(months_from(reader)[0])


def next_month(reader: Reader, _: re.Match[str]) -> str:
    return reader.month(months_from(reader)[1])


def third_of(reader: Reader, match: re.Match[str]) -> str:
    """The beginning, middle or end of a month or a week."""
    span = reader.get(match["place"])[0]
    first, last = known(span.first), known(span.last)
    if (last - first).days < 7:
        cut = {"EARLY": (0, 1), "MID": (2, 2), "LATE": (3, 4)}[match["third"]]
        return reader.put("S", Span(first + timedelta(cut[0]), first + timedelta(cut[1])))
    begin = last.replace(day=1)
    ends = {"EARLY": (1, 10), "MID": (11, 20), "LATE": (21, last.day)}[match["third"]]
    return reader.put("S", Span(max(first, begin.replace(day=ends[0])), begin.replace(day=ends[1])))


def shifted(reader: Reader, match: re.Match[str]) -> str:
    days = -1 if match["word"] == "BEFORE" else 1
    day = reader.first(match["place"]) if days < 0 else reader.last(match["place"])
    return reader.day(day + timedelta(days))


def from_on(reader: Reader, match: re.Match[str]) -> str:
    return reader.put("Q", *(Span(s.first, None) for s in reader.get(match["place"])))


def after(reader: Reader, match: re.Match[str]) -> str:
    return reader.put(
        "Q", *(Span(known(s.last) + timedelta(1), None) for s in reader.get(match["place"]))
    )


def until(reader: Reader, match: re.Match[str]) -> str:
    return reader.put("Q", *(Span(None, s.last) for s in reader.get(match["place"])))


def ends_before(reader: Reader, match: re.Match[str]) -> str:
    return reader.put(
        "Q", *(Span(None, known(s.first) - timedelta(1)) for s in reader.get(match["place"]))
    )


def stretch(reader: Reader, match: re.Match[str]) -> str:
    first, last = reader.first(match["one"]), reader.last(match["two"])
    if last < first:
        raise Impossible
    return reader.put("S", Span(first, last))


def says(text: str) -> Rule:
    return lambda _reader, _match: text


def today(days: int) -> Rule:
    """That many days from today."""
    return lambda reader, _match: reader.day(reader.today + timedelta(days))


def onward(reader: Reader, match: re.Match[str]) -> str:
    place = match["place"] or match["alone"]
    return reader.put("Q", *(Span(s.first, None) for s in reader.get(place)))


def year(_: Reader, match: re.Match[str]) -> str:
    return f"Y{_full_year(match['year'])}"


def third_of_this_month(reader: Reader, match: re.Match[str]) -> str:
    return f"{match['third']} {this_month(reader, match)}"
