"""What is wrong with a rota ahead of time: stretches without anybody, wrong numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ivr.oncall.escalation import is_dialable
from ivr.oncall.rota_rules import LEVELS, Level, Rota, boundaries, who_is_on_call


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody has `level` from `starts_at` to before `ends_at` (aware UTC): fallback is rung."""

    level: Level
    starts_at: datetime
    ends_at: datetime


def gaps(rota: Rota, start: datetime, end: datetime) -> list[Gap]:
    """The stretches from `start` to `end` (aware) in which a level has nobody, level by level."""
    edges = [*boundaries(rota, start, end), end]
    found: list[Gap] = []
    for level in LEVELS:
        opened: datetime | None = None
        for at in edges:
            covered = at == end or bool(dict(who_is_on_call(rota, at).duty)[level])
            if covered and opened is not None:
                found.append(Gap(level, opened, at))
                opened = None
            elif not covered and opened is None:
                opened = at
    return found


def sentences(rota: Rota, start: datetime, end: datetime, *, line: str) -> list[str]:
    """What staff should put right, in the clinic's local time. line: the clinic's own number."""
    told = []
    for gap in gaps(rota, start, end):
        starts, ends = (at.astimezone(rota.zone) for at in (gap.starts_at, gap.ends_at))
        told.append(
            f"Nobody is {gap.level} from {starts:%Y-%m-%d %H:%M %Z} to {ends:%Y-%m-%d %H:%M %Z}, "
            "so the fallback is rung: add a shift or an override."
        )
    for person in rota.people:
        if not is_dialable(person.number):
            told.append(f"The number of {person.key} cannot be dialled: correct it.")
        elif person.number == line:
            told.append(f"The number of {person.key} is the line itself: give their own telephone.")
    return told
