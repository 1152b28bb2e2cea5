"""The wishes a call's facts hold, as the search for slots takes them. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

from scheduling.preferences import ANY_PART, NOTHING_UNWANTED, DayPart, Unwanted, Wishes


def wished(facts: Mapping[str, str]) -> Wishes:
    """When the caller would like to come; without a wish, any time."""
    return Wishes(
        day_parts=DayPart(int(facts.get("wish_part", ANY_PART))),
        from_on=_day(facts.get("wish_from")),
        until_on=_day(facts.get("wish_until")),
        unwanted=unwanted(facts),
    )


def unwanted(facts: Mapping[str, str]) -> Unwanted:
    """What the caller has ruled out."""
    fact = facts.get("wish_not")
    return Unwanted.from_json(json.loads(fact)) if fact else NOTHING_UNWANTED


def unwanted_fact(ruled_out: Unwanted) -> str:
    """The same as a fact; empty, which forgets it, where nothing is ruled out."""
    return json.dumps(ruled_out.to_json(), separators=(",", ":")) if ruled_out else ""


def _day(fact: str | None) -> date | None:
    return date.fromisoformat(fact) if fact else None
