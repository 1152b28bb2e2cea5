"""The wishes a call's facts hold, as the search for slots takes them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from scheduling.preferences import ANY_PART, DayPart, Wishes


def wished(facts: Mapping[str, str]) -> Wishes:
    """When the caller would like to come; without a wish, any time."""
    return Wishes(
        day_parts=DayPart(int(facts.get("wish_part", ANY_PART))),
        from_on=_day(facts.get("wish_from")),
        until_on=_day(facts.get("wish_until")),
    )


def _day(fact: str | None) -> date | None:
    return date.fromisoformat(fact) if fact else None
