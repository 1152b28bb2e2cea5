"""Which starts in a freed time would suit somebody, as far as they have said. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduling.availability import starts
from scheduling.preferences import day_part

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from scheduling.availability import VisitShape
    from scheduling.intervals import Interval
    from scheduling.preferences import Wishes


def suiting_starts(
    wishes: Wishes,
    freed: Interval,
    shape: VisitShape,
    zone: ZoneInfo,
    *,
    earliest: datetime,
    before: datetime | None,
    given_up: Sequence[Interval],
) -> list[datetime]:
    """Starts from `earliest` on at which the visit would lie whole in `freed`; UTC, ascending.

    With whom, and whether anything is free then, is left open. before: when the visit starts that
    they have already; only something earlier is of use to them. given_up: spans in which they
    want no start.
    """
    until = freed[1] if before is None else min(before, freed[1])
    if until <= earliest:
        return []
    return [
        start
        for start in starts([freed], shape, zone, (earliest, until))
        if _admits(wishes, start.astimezone(zone))
        and not any(begin <= start < end for begin, end in given_up)
    ]


def _admits(wishes: Wishes, local_start: datetime) -> bool:
    return wishes.admits_day(local_start.date()) and bool(
        day_part(local_start.time()) & wishes.day_parts
    )
