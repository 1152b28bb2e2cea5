"""What is wrong with a rota ahead of time: stretches without anybody, wrong numbers."""

from __future__ import annotations

from collections.abc import Mapping
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


SENTENCES = {
    "gap": (
        "Nobody is {level} from {starts} to {ends}, so the fallback is rung: add a shift or an"
        " override."
    ),
    "undialable": "The number of {person} cannot be dialled: correct it.",
    "line": "The number of {person} is the line itself: give their own telephone.",
}
"""What staff are told of each kind of fault. The desk says it in its reader's language."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something to put right. kind: a key of SENTENCES; values: what its placeholders stand for."""

    kind: str
    values: Mapping[str, str]


def faults(rota: Rota, start: datetime, end: datetime, *, line: str) -> list[Fault]:
    """What staff should put right, in the clinic's local time. line: the clinic's own number."""
    found = []
    for gap in gaps(rota, start, end):
        starts, ends = (
            f"{at.astimezone(rota.zone):%Y-%m-%d %H:%M %Z}" for at in (gap.starts_at, gap.ends_at)
        )
        found.append(Fault("gap", {"level": gap.level, "starts": starts, "ends": ends}))
    for person in rota.people:
        if not is_dialable(person.number):
            found.append(Fault("undialable", {"person": person.key}))
        elif person.number == line:
            found.append(Fault("line", {"person": person.key}))
    return found


def sentences(rota: Rota, start: datetime, end: datetime, *, line: str) -> list[str]:
    """The same in English."""
    return [
        SENTENCES[fault.kind].format(**fault.values)
        for fault in faults(rota, start, end, line=line)
    ]
