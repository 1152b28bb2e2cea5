"""How the manager's numbers are put together from what was counted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from ivr.call.call_log import Ending, ending_of
from ivr.call.nodes import Flow

HOURS: Final = range(24)


@dataclass(frozen=True)
class Acceptance:
    """How fast urgent calls were accepted. middle, worst: None where none was.

    opened: all of them. accepted: those that somebody accepted. left: whose caller had hung up
    before.
    """

    opened: int
    accepted: int
    left: int
    middle: timedelta | None
    worst: timedelta | None


def by_hour(began: Iterable[datetime], zone: ZoneInfo) -> tuple[int, ...]:
    """How many began in each hour of the clinic's clock, from midnight on. Instants are aware."""
    counts = Counter(at.astimezone(zone).hour for at in began)
    return tuple(counts[hour] for hour in HOURS)


def by_ending(last_nodes: Iterable[tuple[str | None, int]], flow: Flow) -> dict[Ending, int]:
    """How many calls ended in which way. last_nodes: node and how many calls ended there."""
    counts = dict.fromkeys(Ending, 0)
    for node, count in last_nodes:
        counts[ending_of(flow, node)] += count
    return counts


def where_callers_leave(
    last_nodes: Iterable[tuple[str | None, int]], flow: Flow, at_most: int = 10
) -> list[tuple[str, int]]:
    """The nodes at which callers hung up on the way, the one where most did first."""
    left = [
        (node, count)
        for node, count in last_nodes
        if node is not None and ending_of(flow, node) is Ending.ON_THE_WAY
    ]
    return sorted(left, key=lambda one: (-one[1], one[0]))[:at_most]


def acceptance(opened: Sequence[tuple[datetime, datetime | None]], *, left: int) -> Acceptance:
    """opened: when each urgent call was, and when it was first accepted (None: not yet)."""
    waits = sorted(accepted - at for at, accepted in opened if accepted is not None)
    half = len(waits) // 2
    return Acceptance(
        opened=len(opened),
        accepted=len(waits),
        left=left,
        middle=(waits[half] + waits[~half]) / 2 if waits else None,
        worst=max(waits, default=None),
    )


def months_until(day: date, count: int) -> list[date]:
    """The first days of the last `count` months, that of `day` the last, and of the one after."""
    this_month = day.replace(day=1)
    return [this_month + relativedelta(months=n) for n in range(1 - count, 2)]


def share(part: int, whole: int) -> str:
    """Such as "12 %"; a dash where there is nothing to have a share in."""
    return f"{round(100 * part / whole)} %" if whole else "–"


def length(span: timedelta | None) -> str:
    """Such as "45 s", "2 min 05 s" or "1 h 10 min"; a dash where there is none."""
    if span is None:
        return "–"
    seconds = int(span.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02d} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"
