"""What callers rule out: "any day but Monday", "not before ten", "los viernes por la mañana no".

Rules for the grammar in date_grammar.py: each takes what is ruled out, keeps it in the reader, and
leaves what else was said. "Not Tuesday, Wednesday" rules nothing out: it takes a day back.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time

from ivr.call.understanding.date_spans import Reader, known
from scheduling.preferences import ALL_DAYS, ANY_PART, DayPart, Unwanted

_OPENS = 7
"""An hour said without "morning" or "afternoon" lies between seven and seven: the clinic's day."""

_FILLERS = r"(?:(?:_|IN|OF|AT|ONWARD|THE|A) )*"
_NOT = r"(?:(?:BUT )?(?:NOT|CANT)(?: (?:NOT|CANT|NO))*|BUT NO)"
_ONE = r"(?:W\d(?: (?:IN |OF )?P[124])?|P[124] (?:IN |OF )?W\d)"
_DAYS = rf"{_ONE}(?:(?: (?:AND|OR|NOT|NO))+ {_ONE})*"
_NO_DATE = r"(?! (?:THE |DIA |DAY )*[NO]\d| (?:OF |IN )?M\d| D\d| WEEK| AFTER| BEFORE)"
_HOUR = (
    r"(?:AT )?N(?P<hour>1[0-2]|\d)(?: (?:N(?P<minutes>00|[0-5]\d)|(?P<half>HALF)|(?P<quarter>"
    r"QUARTER)))?(?: OCLOCK)?(?: (?:IN |OF )?(?P<part>P[124]))?(?! DAY| DIA| WEEK| OF M| M| SLASH)"
)


def not_before(reader: Reader, match: re.Match[str]) -> str:
    reader.rule_out(Unwanted(before=_wall(match)))
    return ""


def not_after(reader: Reader, match: re.Match[str]) -> str:
    reader.rule_out(Unwanted(from_=_wall(match)))
    return ""


def not_these_weekdays(reader: Reader, match: re.Match[str]) -> str:
    for one in re.finditer(_ONE, match["days"]):
        (weekday,) = re.findall(r"W(\d)", one[0])
        parts = re.findall(r"P(\d)", one[0])
        reader.rule_out(_every(int(weekday), DayPart(int(parts[0])) if parts else ANY_PART))
    return "ANY" if match[0].startswith("ANY") else ""


def not_this_part(reader: Reader, match: re.Match[str]) -> str:
    for weekday in ALL_DAYS:
        reader.rule_out(_every(weekday, DayPart(int(match["part"]))))
    return "ANY" if match[0].startswith("ANY") else ""


def not_these_days(reader: Reader, match: re.Match[str]) -> str:
    spans = tuple((known(s.first), known(s.last)) for s in reader.get(match["place"]))
    reader.rule_out(Unwanted(spans=spans))
    return "ANY" if match[0].startswith("ANY") else ""


def _every(weekday: int, parts: DayPart) -> Unwanted:
    return Unwanted(frozenset({(weekday, parts)}))


def _wall(match: re.Match[str]) -> time:
    hour = int(match["hour"])
    if match["part"]:
        hour = hour % 12 + (0 if match["part"] == "P1" else 12)
    elif hour < _OPENS:
        hour += 12
    minute = 30 if match["half"] else 15 if match["quarter"] else int(match["minutes"] or 0)
    return time(hour, minute)


Rules = tuple[tuple[str, Callable[[Reader, "re.Match[str]"], str]], ...]

TIMES: Rules = (
    (rf"(?:{_NOT}|NO)(?: _)* BEFORE {_HOUR}", not_before),
    (rf"(?:{_NOT}|NO)(?: _)* AFTER {_HOUR}", not_after),
)
"""Before a lone number counts as an hour at which to come."""

WEEKDAYS: Rules = (
    (rf"ANY(?: _)* (?:BUT|NO|{_NOT}) {_FILLERS}(?P<days>{_DAYS}){_NO_DATE}", not_these_weekdays),
    (rf"{_NOT} {_FILLERS}(?P<days>{_DAYS})(?: _)*$", not_these_weekdays),
    ((rf"(?<!BEFORE )(?<!AFTER )(?<!UNTIL )(?P<days>{_DAYS})"
      r"(?:(?: _| ONWARD)* CANT(?: _)*| NOT?)$"), not_these_weekdays),
    (rf"(?:ANY(?: _)* (?:BUT|NO|{_NOT})|{_NOT}) {_FILLERS}P(?P<part>[124])(?: _)*$",
     not_this_part),
    (r"P(?P<part>[124])(?:(?: _| ONWARD)* CANT(?: _)*| NO)$", not_this_part),
)  # fmt: skip
"""Before a weekday becomes its next day: whoever cannot on Mondays cannot on any of them."""

DAYS: Rules = (
    (rf"(?:ANY(?: _)* )?(?:{_NOT}|(?<=ANY )BUT) {_FILLERS}[DS](?P<place>\d+)(?: _)*$",
     not_these_days),
    (r"[DS](?P<place>\d+)(?:(?: _)* CANT(?: _)*| NO)$", not_these_days),
)  # fmt: skip
"""Once days and weeks are known."""
