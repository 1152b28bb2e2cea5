"""Which days a caller would like, said or keyed. A small closed grammar of our own.

Spoken dates are a safety matter, and no library is fit for them (docs/explanation/understanding.md
says what each gets wrong). What has two readings is given as two, to be asked back; what is not
understood, impossible, or past is None.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date

from ivr.call.understanding.date_grammar import reduce
from ivr.call.understanding.date_spans import Impossible, Span
from ivr.call.understanding.date_words import symbols
from scheduling.preferences import ANY_PART, NOTHING_UNWANTED, DayPart, Unwanted


@dataclass(frozen=True)
class Wish:
    """The days a caller would like, in one reading or two, and the part of the day.

    unwanted: what they ruled out, "any day but Monday".
    """

    readings: tuple[Span, ...]
    part: DayPart = ANY_PART
    unwanted: Unwanted = NOTHING_UNWANTED

    @property
    def only_rules_out(self) -> bool:
        """Whether nothing was said of when they would like to come."""
        anything = self.readings == (Span(None, None),) and self.part == ANY_PART
        return anything and bool(self.unwanted)

    def to_fact(self) -> str:
        """As a fact of the call: a string."""
        spans = [
            [day.isoformat() if day else "" for day in (s.first, s.last)] for s in self.readings
        ]
        fact: dict[str, object] = {"days": spans, "part": int(self.part)}
        if self.unwanted:
            fact["not"] = self.unwanted.to_json()
        return json.dumps(fact, separators=(",", ":"))

    @classmethod
    def from_fact(cls, fact: str) -> Wish:
        """The inverse of to_fact()."""
        stored = json.loads(fact)
        spans = (
            Span(*(date.fromisoformat(day) if day else None for day in span))
            for span in stored["days"]
        )
        return cls(tuple(spans), DayPart(stored["part"]), Unwanted.from_json(stored.get("not", {})))


def keyed(digits: str, today: date) -> Wish | None:
    """MMDD: the next such day from tomorrow on."""
    if not re.fullmatch(r"[0-9]{4}", digits):
        return None
    return spoken(f"{digits[:2]} slash {digits[2:]}", today)


def spoken(words: str, today: date) -> Wish | None:
    """What was said about days. today: the date at the clinic; weeks run Monday to Sunday."""
    try:
        found = reduce(symbols(words), today)
    except (Impossible, OverflowError):
        return None
    if found is None:
        return None
    return Wish(*found)


def is_only_an_ordinal(words: str) -> bool:
    """Whether nothing but "the third" was said: a day, or the third of what was read out."""
    said = re.sub(r"\b(?:_|THE|TO|OF|A|AND|IN|AT)\b", "", symbols(words))
    return bool(re.fullmatch(r"\s*[NO]\d+\s*", said))
