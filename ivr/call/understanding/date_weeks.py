"""The rules of date_grammar.py about weekdays and weeks, see date_rules.py."""

from __future__ import annotations

import re
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from ivr.call.understanding.date_rules import months_from, next_numbered
from ivr.call.understanding.date_spans import Impossible, Reader, Span


def weekday_numbered(reader: Reader, match: re.Match[str]) -> str:
    return reader.day(next_numbered(reader, int(match["day"]), int(match["weekday"])))


def weekday_and_date(reader: Reader, match: re.Match[str]) -> str:
    day = reader.first(match["place"])
    if day.weekday() != int(match["weekday"]):
        # The caller and the calendar disagree: which of the two is meant, nobody can know.
        raise Impossible
    return f"D{match['place']}"


def nth_weekday(reader: Reader, match: re.Match[str]) -> str:
    weekday, nth = int(match["weekday"]), match["nth"]
    if match["month"]:
        months = [m for m in months_from(reader) if m.month == int(match["month"])]
    else:
        months = [months_from(reader)[0 if match["which"] == "THIS" else 1]]
    for first in months:
        days = [d for n in range(31) if (d := first + timedelta(n)).month == first.month]
        days = [d for d in days if d.weekday() == weekday]
        at = len(days) - 1 if nth is None else int(nth) - 1
        if at < len(days) and days[at] > reader.today:
            return reader.day(days[at])
    raise Impossible


def nth_week(reader: Reader, match: re.Match[str]) -> str:
    month = int(match["month"])
    first = next(m for m in months_from(reader) if m.month == month)
    last = first + relativedelta(months=1, days=-1)
    if match["last"]:
        return reader.put("S", Span(last - timedelta(last.weekday()), last))
    begins = first + timedelta(weeks=int(match["nth"]) - 1)
    return reader.put("S", Span(max(begins, reader.today), begins + timedelta(6)))


def plus_two_weeks(reader: Reader, match: re.Match[str]) -> str:
    return reader.day(reader.coming(int(match["weekday"])) + timedelta(14))


def plus_week(reader: Reader, match: re.Match[str]) -> str:
    return reader.day(reader.coming(int(match["weekday"])) + timedelta(7))


def weeks_from_weekday(reader: Reader, match: re.Match[str]) -> str:
    many = int(match["many"]) if match["many"] else 1
    weekday = int(match["weekday"])
    begins = _next_weekdays(reader, weekday) if match["next"] else [reader.coming(weekday)]
    return reader.day(*(day + timedelta(weeks=many) for day in begins))


def this_week(reader: Reader, _: re.Match[str]) -> str:
    return reader.week(reader.today)


def next_week(reader: Reader, _: re.Match[str]) -> str:
    return reader.week(reader.today + timedelta(7))


def week_after_next(reader: Reader, _: re.Match[str]) -> str:
    return reader.week(reader.today + timedelta(14))


def week_of(reader: Reader, match: re.Match[str]) -> str:
    return reader.week(reader.first(match["place"]))


def week_after(reader: Reader, match: re.Match[str]) -> str:
    days = -7 if match["word"] == "BEFORE" else 7
    return reader.week(reader.first(match["place"]) + timedelta(days))


def weekend(reader: Reader, match: re.Match[str]) -> str:
    saturday = reader.today + timedelta(5 - reader.today.weekday())
    if match["which"] == "NEXT":
        return reader.put(
            "S",
            *(
                Span(s, s + timedelta(1))
                for s in (saturday, saturday + timedelta(7))
                if s > reader.today
            ),
        )
    return reader.put("S", Span(max(saturday, reader.today), saturday + timedelta(1)))


def weekday_in(reader: Reader, match: re.Match[str]) -> str:
    monday = reader.first(match["place"])
    monday -= timedelta(monday.weekday())
    return reader.day(monday + timedelta(int(match["weekday"])))


def weekday_beside(reader: Reader, match: re.Match[str]) -> str:
    weekday = int(match["weekday"])
    if match["word"] == "BEFORE":
        day = reader.first(match["place"])
        return reader.day(day - timedelta((day.weekday() - weekday - 1) % 7 + 1))
    day = reader.last(match["place"])
    return reader.day(day + timedelta((weekday - day.weekday() - 1) % 7 + 1))


def next_weekday(reader: Reader, match: re.Match[str]) -> str:
    return reader.day(*_next_weekdays(reader, int(match["weekday"])))


def _next_weekdays(reader: Reader, weekday: int) -> list[date]:
    """Said while that weekday is still to come this week, "next" may mean it or the one after."""
    day = reader.coming(weekday)
    this_week = day.weekday() > reader.today.weekday() and (day - reader.today).days < 7
    return [day, day + timedelta(7)] if this_week else [day]


def weekday(reader: Reader, match: re.Match[str]) -> str:
    return reader.day(reader.coming(int(match["weekday"])))


def weekday_range(reader: Reader, match: re.Match[str]) -> str:
    inside = match["place"] is not None
    first = reader.first(match["place"]) if inside else reader.coming(int(match["one"]))
    first = first - timedelta(first.weekday()) + timedelta(int(match["one"])) if inside else first
    return reader.put(
        "S", Span(first, first + timedelta((int(match["two"]) - first.weekday()) % 7))
    )
