"""How long a prompt is heard, at the pace that prompts are written for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from ivr.call.engine import advance
from ivr.call.events import Keyed, Silent
from ivr.call.nodes import STAFF_FACT, Ask, Flow, Menu
from ivr.call.prompts import LANGUAGES, Line, Prompts
from ivr.call.session import Session
from ivr.call.speak import spoken_line
from ivr.call.wording.samples import FACTS, example
from ivr.call.wording_checks import ENGINE_PROMPTS
from ivr.oncall.triage import TIERS, UNKNOWN

WORDS_A_MINUTE: Final = 150
"""Pace of speech that prompts are written for [caller-safety]."""

LONGEST: Final = 20.0
"""Seconds that a prompt takes at most, its choices included [caller-safety]."""

LONGEST_WHISPER: Final = 15.0
"""Seconds that a whisper takes at most [caller-safety]."""

FIRST_SENTENCE: Final[Mapping[str, float]] = {"en": 6.0, "es": 2.0}
"""Seconds that the 911 sentence at the beginning of a call takes at most [caller-safety]."""

_NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
_OF_PATIENTS = {name: value for name, value in FACTS.items() if name != STAFF_FACT}
_BESIDE_NODES = ("welcome", *(key for key in ENGINE_PROMPTS if key != "emergency"))
_ADDED = ("silence", "not_understood", "help_menu", "help_entry")


def seconds(text: str) -> float:
    """How long it takes to say."""
    return len(text.split()) * 60 / WORDS_A_MINUTE


@dataclass(frozen=True)
class Heard:
    """What is heard in one go.

    keys: the prompts in it; spoken: each of them in words, in order. within: those, and the prompts
    that are spoken inside of them. limit: seconds that it takes at most.
    """

    where: str
    language: str
    keys: tuple[str, ...]
    spoken: tuple[str, ...]
    within: frozenset[str]
    limit: float

    def seconds_with(self, recorded: Mapping[str, float]) -> float:
        """How long it takes. recorded: prompt key → seconds of its recording."""
        return sum(
            recorded.get(key, seconds(text))
            for key, text in zip(self.keys, self.spoken, strict=True)
        )

    @property
    def seconds(self) -> float:
        """How long it takes when all of it is spoken."""
        return self.seconds_with({})


def heard(flow: Flow, worded: Prompts) -> list[Heard]:
    """Everything that callers and staff hear in one go, with example values, in both languages."""
    found: list[Heard] = []
    prompts = _Noting(worded.texts, worded.spoken_words, worded.constants, worded.zone)
    for language in LANGUAGES:
        found.append(_first_sentence(prompts, language))
        found += (_at_a_node(flow, prompts, node.name, language) for node in flow.nodes)
        found += (_whisper(prompts, category, language) for category in TIERS)
        found += (_alone(prompts, key, language) for key in _BESIDE_NODES)
    return [one for one in found if one.keys]


@dataclass(frozen=True)
class _Noting(Prompts):
    """Prompts that note which of them are spoken, those inside of others included."""

    noted: set[str] = field(default_factory=set, repr=False, compare=False)

    def text(self, name: str, language: str) -> str:
        """The wording of a prompt."""
        self.noted.add(name)
        return super().text(name, language)


def _first_sentence(prompts: _Noting, language: str) -> Heard:
    # Digits are words of their own here, and said faster than those.
    text = prompts.text("emergency", language).replace("9 1 1", "911")
    key = ("emergency",)
    return Heard("emergency", language, key, (text,), frozenset(key), FIRST_SENTENCE[language])


def _at_a_node(flow: Flow, prompts: _Noting, name: str, language: str) -> Heard:
    node = flow[name]
    lines: tuple[Line, ...] = (Line(name, language),)
    if isinstance(node, Menu | Ask):
        # What only callers from a staff phone hear is not among what patients do.
        facts = FACTS if name.startswith("staff") else _OF_PATIENTS
        session = Session(
            "", "", None, node=name, stood_at=name, language=language, turn=3, facts=facts
        )
        again = Keyed("*") if isinstance(node, Menu) else Silent()
        turn = advance(flow, prompts, session, again, _NOW)
        if turn.session.node == name:
            lines = tuple(
                line for line in turn.says if line.language == language and line.name not in _ADDED
            )
    known = [line for line in lines if line.name in prompts.texts[language]]
    return _spoken(name, language, known, prompts, LONGEST)


def _alone(prompts: _Noting, key: str, language: str) -> Heard:
    prompts.noted.clear()
    text = example(key, language, prompts)
    return Heard(key, language, (key,), (text,), frozenset(prompts.noted), LONGEST)


def _whisper(prompts: _Noting, category: str, language: str) -> Heard:
    about = () if category == UNKNOWN else (f"whisper_{category}",)
    keys = ("whisper", *about, "whisper_callback", "whisper_spanish", "whisper_keys")
    lines = [Line(key, language) for key in keys]
    return _spoken(f"whisper {category}", language, lines, prompts, LONGEST_WHISPER)


def _spoken(
    where: str, language: str, lines: Sequence[Line], prompts: _Noting, limit: float
) -> Heard:
    prompts.noted.clear()
    spoken = tuple(spoken_line(line, prompts, FACTS) for line in lines)
    keys = tuple(line.name for line in lines)
    return Heard(where, language, keys, spoken, frozenset(prompts.noted), limit)
