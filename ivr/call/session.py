"""One call's state, as a value. Its row stands in tables.py."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

SECRET_FACTS = frozenset({"pin"})
"""Known for the turn in which they are keyed, and never stored."""

INTERPRETER_FACT = "interpreter"
"""The language for which an interpreter is needed, as understanding.languages has it."""

SLOW_FACT = "slow"
"""Known once the caller has asked the line to speak more slowly: it does, until they hang up."""

TRAIL_LENGTH = 20
"""How many steps back a caller can go. Longer than the longest path of input nodes."""


@dataclass(frozen=True)
class Session:
    """Where a caller is and what they have given so far.

    caller: E.164, or None where caller ID is withheld or is no dialable number.
    node: the node the call is at; empty before the first turn.
    stood_at: the input node the caller last heard.
    turn: how many turns were answered.
    tries: silences and misunderstandings at this node, counted together.
    stars: `*` presses in a row: one repeats, the second goes back.
    trail: the input nodes behind this one, oldest first.
    visits: visits of the nodes that carry a limit.
    facts: what the caller has given and what actions found; values are strings.
    began_at: when the call began, ISO 8601 in UTC; empty where that was not kept.
    """

    clinic_id: str
    call_sid: str
    caller: str | None
    language: str = "en"
    node: str = ""
    stood_at: str = ""
    turn: int = 0
    tries: int = 0
    stars: int = 0
    trail: tuple[str, ...] = ()
    visits: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    began_at: str = ""

    @property
    def spoken_in(self) -> str:
        """The language the caller speaks: the line's or, where it speaks none of theirs, that one.

        As understanding.languages has it: a code, or that it is not known which.
        """
        return self.facts.get(INTERPRETER_FACT) or self.language

    def knowing(self, facts: Mapping[str, str]) -> Session:
        """The same session with `facts` added; an empty value forgets a fact."""
        if not facts:
            return self
        merged = {**self.facts, **facts}
        return replace(self, facts={name: value for name, value in merged.items() if value})

    def to_json(self) -> str:
        """For the row. Secret facts stay out of it."""
        kept = {name: value for name, value in self.facts.items() if name not in SECRET_FACTS}
        return json.dumps({**vars(self), "facts": kept}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Session:
        """The inverse of to_json. Raises TypeError for a row of another shape."""
        values: dict[str, Any] = json.loads(text)
        values["trail"] = tuple(values["trail"])
        return cls(**values)
