"""Days and stretches of days while a phrase is read, and what all of them come to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from scheduling.preferences import NOTHING_UNWANTED, Unwanted


class Impossible(Exception):
    """A day that does not exist, or is past, was named."""


@dataclass(frozen=True)
class Span:
    """Days, both ends included; None is without end."""

    first: date | None
    last: date | None


Readings = tuple[Span, ...]


class Reader:
    """What was found in one phrase so far.

    today: the date at the clinic. A place is a number in the list of what was found.
    """

    def __init__(self, today: date) -> None:
        self.today = today
        self.found: list[Readings] = []
        self.unwanted = NOTHING_UNWANTED

    def rule_out(self, unwanted: Unwanted) -> None:
        """Keep what they cannot come at."""
        self.unwanted = self.unwanted.joined(unwanted)

    def put(self, kind: str, *spans: Span) -> str:
        """Keep readings of a day (D), a span (S) or an open stretch (Q); the symbol for them."""
        self.found.append(spans)
        return f"{kind}{len(self.found) - 1}"

    def day(self, *days: date) -> str:
        """A day; two where it has two readings."""
        return self.put("D", *(Span(day, day) for day in days))

    def week(self, of: date) -> str:
        """The week, Monday to Sunday, of a day."""
        monday = of - timedelta(of.weekday())
        return self.put("S", Span(monday, monday + timedelta(6)))

    def month(self, first: date) -> str:
        """A month, from today at the earliest."""
        last = first + relativedelta(months=1, days=-1)
        return self.put("S", Span(max(first, self.today), last))

    def get(self, place: str) -> Readings:
        """What stands at a place."""
        return self.found[int(place)]

    def first(self, place: str) -> date:
        """The first day at a place. Raises Impossible where it has none."""
        return known(self.get(place)[0].first)

    def last(self, place: str) -> date:
        """The last day at a place. Raises Impossible where it has none."""
        return known(self.get(place)[-1].last)

    def coming(self, weekday: int) -> date:
        """The nearest such weekday strictly after today."""
        return self.today + timedelta((weekday - self.today.weekday() - 1) % 7 + 1)

    def resolve(self, text: str) -> Readings | None:
        """What all the days that are left come to."""
        places = re.findall(r"\b[DSQ](\d+)\b", text)
        distinct = list(dict.fromkeys(self.get(place) for place in places))
        if not distinct:
            return None
        if len(distinct) == 1:
            return distinct[0] if not re.search(r"\b(NOT|CANT|ANY BUT)\b", text) else None
        if re.search(r"\b(NO|NOT|CORR)\b", text):
            return self.get(places[-1]) if not text.endswith(("NOT", "NO", "CANT")) else None
        if re.search(r"\bCANT\b", text):
            return None
        either = tuple(dict.fromkeys(span for readings in distinct for span in readings))
        if "OR" in text.split() and len(distinct) == 2 and len(either) == 2:
            return either
        return _inner(distinct)


def _inner(distinct: list[Readings]) -> Readings | None:
    """ "In December, on the 15th": a day within the span that was also named."""
    if len(distinct) != 2:
        return None
    for inner, outer in (distinct, distinct[::-1]):
        within = tuple(
            s
            for s in inner
            if (outer[0].first or date.min) <= (s.first or date.min)
            and (s.last or date.max) <= (outer[0].last or date.max)
        )
        if within:
            return within
    return None


def known(day: date | None) -> date:
    """That there is a day. Raises Impossible."""
    if day is None:
        raise Impossible
    return day
