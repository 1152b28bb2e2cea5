"""When the caller would like to come: what they said becomes facts, and the search keeps to them.

Facts: `date`, what was just said; wish_from, wish_until (ISO dates), wish_part and wish_not (what
is ruled out), what holds until something else is said; day_1 and day_2, the two days a phrase may
mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ivr.call.actions.booking import offer, search
from ivr.call.actions.registry import Context, outcomes
from ivr.call.events import Done
from ivr.call.session import Session
from ivr.call.understanding.date_spans import Span
from ivr.call.understanding.dates import Wish
from ivr.call.wished import unwanted, unwanted_fact, wished
from scheduling.preferences import ANY_PART, NOTHING_UNWANTED

NEAREST = 2
"""Slots read out where nothing was free as wished for: a third would make the prompt too long."""

_NO_QUESTION = {"date": "", "day_1": "", "day_2": "", "which_day": ""}


@outcomes("found", "which", "nearest", "none")
def find_wished(context: Context, session: Session) -> Done:
    """Slots on the days just wished for; where there are none, the nearest after them.

    which: what was said has two readings, and the caller is asked which day they mean.
    """
    said = Wish.from_fact(session.facts["date"]) if "date" in session.facts else None
    if said is None:
        return _search(context, session, {})
    if len(said.readings) > 1:
        which = session.facts.get("which_day")
        if which is None:
            first, second = (_begins(reading) for reading in said.readings)
            return Done("which", {"day_1": first, "day_2": second})
        return _search(context, session, _as_facts(session, said, said.readings[int(which) - 1]))
    return _search(context, session, _as_facts(session, said, said.readings[0]))


def _begins(reading: Span) -> str:
    day = reading.first or reading.last
    return day.isoformat() if day else ""


def _as_facts(session: Session, said: Wish, reading: Span) -> dict[str, str]:
    """A part of the day alone leaves the days as they were, and days alone the part.

    What is ruled out comes on top of what was before, until one day is named.
    """
    facts: dict[str, str] = {}
    names_days = reading != Span(None, None)
    if names_days or (said.part == ANY_PART and not said.unwanted):
        facts["wish_from"] = _iso(reading.first)
        facts["wish_until"] = _iso(reading.last)
    if said.part != ANY_PART:
        facts["wish_part"] = str(int(said.part))
    names_one = names_days and reading.first == reading.last
    before = NOTHING_UNWANTED if names_one else unwanted(session.facts)
    facts["wish_not"] = unwanted_fact(before.joined(said.unwanted))
    return facts


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _search(context: Context, session: Session, wish: Mapping[str, str]) -> Done:
    asked = session.knowing(wish)
    if slots := search(context, asked, wished(asked.facts)):
        return offer(slots, "found", forget={**_NO_QUESTION, **wish})
    # First what comes after those days, then any part of the day, then what there is at all: what
    # was ruled out comes last.
    for looser in ({"wish_until": ""}, {"wish_part": ""}, {"wish_from": ""}, {"wish_not": ""}):
        wish = {**wish, **looser}
        asked = session.knowing(wish)
        if slots := search(context, asked, wished(asked.facts)):
            return offer(slots[:NEAREST], "nearest", forget={**_NO_QUESTION, **wish})
    return offer([], "none", forget={**_NO_QUESTION, **wish})
