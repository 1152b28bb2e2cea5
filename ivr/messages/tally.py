"""What one worker has done since it began, told with its sign of life."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, Final, Literal

Outcome = Literal["sent", "delayed", "given_up"]

NO_CODE: Final = "none"
"""Of a carrier that named no code of its own, or did not answer."""


class Tally:
    """Counts that only grow. Nothing in it tells of a person."""

    def __init__(self) -> None:
        self.ticks = 0
        self.failed_ticks = 0
        self._messages: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._errors: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def message(self, kind: str, outcome: Outcome) -> None:
        """A message of this kind was handled."""
        self._messages[kind][outcome] += 1

    def refusal(self, trouble: str, code: int | None) -> None:
        """The carrier refused something. code: its own."""
        self._errors[trouble][NO_CODE if code is None else str(code)] += 1

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "ticks": self.ticks,
            "failed_ticks": self.failed_ticks,
            "messages": {kind: dict(counts) for kind, counts in self._messages.items()},
            "carrier_errors": {trouble: dict(codes) for trouble, codes in self._errors.items()},
        }
