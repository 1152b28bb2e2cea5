"""Sets of instants, as sorted half-open spans [start, end) that neither overlap nor touch."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Interval: TypeAlias = tuple[datetime, datetime]


def union(spans: Iterable[Interval]) -> list[Interval]:
    """The instants in any of `spans`, which may overlap and come in any order."""
    joined: list[Interval] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def subtract(spans: Sequence[Interval], removed: Sequence[Interval]) -> list[Interval]:
    """The instants of `spans` that are not in `removed`. Both are sets as union() makes them."""
    left: list[Interval] = []
    first = 0
    for start, end in spans:
        while first < len(removed) and removed[first][1] <= start:
            first += 1
        begin, hole = start, first
        while hole < len(removed) and removed[hole][0] < end:
            if begin < removed[hole][0]:
                left.append((begin, removed[hole][0]))
            begin = removed[hole][1]
            hole += 1
        if begin < end:
            left.append((begin, end))
    return left


def covers(spans: Sequence[Interval], wanted: Interval) -> bool:
    """Whether every instant of `wanted` is in `spans`, a set as union() makes it."""
    position = bisect_right(spans, wanted[0], key=lambda span: span[0]) - 1
    return position >= 0 and wanted[1] <= spans[position][1]


def clipped(spans: Iterable[Interval], within: Interval) -> list[Interval]:
    """What of `spans` lies in `within`."""
    inside = ((max(start, within[0]), min(end, within[1])) for start, end in spans)
    return [(start, end) for start, end in inside if start < end]
