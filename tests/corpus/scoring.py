"""How much of what callers say the line understands: the corpora, through the line's own code.

tuned.toml and tuned_more.toml are there to be worked with. untouched.toml never was: of it only
totals are ever shown. families.toml keeps ways of speaking from being lost; no figure counts it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from ivr.call.events import Said
from ivr.call.flow import FLOW
from ivr.call.hearing import meaning
from ivr.call.nodes import Entry
from ivr.call.prompts import Prompts, load_prompts
from ivr.call.understanding import spoken
from ivr.call.understanding.answers import yes_or_no
from ivr.call.understanding.dates import Wish
from ivr.call.understanding.words import plain
from ivr.clinics.definition import read_clinic
from scheduling.preferences import ANY_PART, DayPart

HERE = Path(__file__).parent
TUNED, UNTOUCHED, FAMILIES = "tuned", "untouched", "families"
_MORE = {TUNED: ("tuned", "tuned_more")}
"""The files of a corpus, where they are several."""

TODAY = date(2026, 11, 24)
HEARD_WELL = 0.9

_PARTS = {ANY_PART: "", DayPart.MORNING: "morning", DayPart.AFTERNOON: "afternoon"}


@dataclass(frozen=True)
class Score:
    """How many of the utterances of a kind were understood as their row says."""

    right: int
    of: int

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.right / self.of


@dataclass(frozen=True)
class Result:
    """What a corpus comes to.

    kinds: intents, dates, … → how many rows were understood. urgent: the urgent rows that were.
    false_alarms: rows of every kind that are not urgent and were taken for it.
    """

    kinds: dict[str, Score]
    urgent: Score
    false_alarms: Score


@cache
def wording() -> Prompts:
    """The demo clinic's wording, as the product loads it."""
    clinic = read_clinic(HERE.parents[1] / "ivr" / "clinics" / "demo" / "clinic.toml")
    return load_prompts(
        clinic.content_dir, constants=clinic.spoken_constants(), zone=clinic.timezone
    )


@cache
def score(corpus: str) -> Result:
    """Score one corpus: TUNED, UNTOUCHED or FAMILIES."""
    rows = _rows(corpus)
    kinds = {
        kind: Score(sum(understood(row) for row in rows[kind]), len(rows[kind]))
        for kind, understood in KINDS.items()
    }
    urgent = [row for row in rows["intents"] if row[2] == "urgent"]
    ordinary = [(kind, row) for kind in KINDS for row in rows[kind] if row[2] != "urgent"]
    return Result(
        kinds,
        Score(sum(heard_as(row) == "urgent" for row in urgent), len(urgent)),
        Score(sum(alarms(kind, row) for kind, row in ordinary), len(ordinary)),
    )


def written(corpus: str) -> dict[str, Any]:
    """The file of a corpus' name: the rows of each kind, and `heard`, see tuned.toml."""
    return tomllib.loads((HERE / f"{corpus}.toml").read_text(encoding="utf-8"))


def _rows(corpus: str) -> dict[str, list[list[Any]]]:
    rows: dict[str, list[list[Any]]] = {kind: [] for kind in KINDS}
    for content in map(written, _MORE.get(corpus, (corpus,))):
        for kind in KINDS:
            rows[kind] += [*content[kind], *content.get("heard", {}).get(kind, [])]
    return rows


def heard_as(row: list[str], confidence: float = HEARD_WELL) -> str:
    """What the line's first menu takes an utterance for."""
    language, said = row[:2]
    return meaning(FLOW, wording(), FLOW.start, language, Said(said, confidence), TODAY)


def said_in(kind: str) -> int:
    """Where in a row of this kind the utterance stands."""
    return 2 if kind == "dates" else 1


def alarms(kind: str, row: list[str], confidence: float = HEARD_WELL) -> bool:
    """Whether a row of any kind, said at the first menu, is taken for urgent."""
    return heard_as([row[0], row[said_in(kind)]], confidence) == "urgent"


def _intent(row: list[str], confidence: float = HEARD_WELL) -> bool:
    return heard_as(row, confidence) == row[2]


def _date(row: list[str], confidence: float = HEARD_WELL) -> bool:
    _, today, said, days, part = row
    fact = spoken(Entry.DATE, said, confidence, date.fromisoformat(today))
    # A row names days: what only rules some out, "any day but Monday", names none.
    if fact is None or Wish.from_fact(fact).only_rules_out:
        return (days, part) == ("none", "")
    return _as_row(fact) == (days, part)


def _as_row(fact: str) -> tuple[str, str]:
    wish = Wish.from_fact(fact)
    spans = (
        span.first.isoformat()
        if span.first and span.first == span.last
        else f"{span.first or ''}..{span.last or ''}"
        for span in wish.readings
    )
    return "|".join(spans), _PARTS.get(wish.part, "evening")


def _birth(row: list[str], confidence: float = HEARD_WELL) -> bool:
    return _fact(Entry.DATE_OF_BIRTH, row, confidence) == row[2]


def _yes_no(row: list[str], confidence: float = HEARD_WELL) -> bool:
    answer = yes_or_no(row[1], wording())
    return {True: "yes", False: "no", None: "none"}[answer] == row[2]


def _name(row: list[str], confidence: float = HEARD_WELL) -> bool:
    return plain(_fact(Entry.NAME, row, confidence)) == plain(row[2])


def _phone(row: list[str], confidence: float = HEARD_WELL) -> bool:
    return _fact(Entry.PHONE, row, confidence).removeprefix("+1") == row[2]


def _fact(entry: Entry, row: list[str], confidence: float) -> str:
    return spoken(entry, row[1], confidence, TODAY) or "none"


class Understood(Protocol):
    """Whether a row is understood as it says, heard with this confidence, from 0 to 1."""

    def __call__(self, row: list[Any], confidence: float = HEARD_WELL) -> bool: ...


KINDS: dict[str, Understood] = {
    "intents": _intent,
    "dates": _date,
    "births": _birth,
    "yes_no": _yes_no,
    "names": _name,
    "phones": _phone,
}


def misses(corpus: str = TUNED) -> Iterator[tuple[str, list[str]]]:
    """The rows of a corpus that are not understood. Raises ValueError for the untouched one."""
    if corpus not in (TUNED, FAMILIES):
        raise ValueError("the rows of the untouched corpus are never shown")
    rows = _rows(corpus)
    for kind, understood in KINDS.items():
        yield from ((kind, row) for row in rows[kind] if not understood(row))
