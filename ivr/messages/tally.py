"""What one worker has done since it began, told with its sign of life."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final, Literal, get_args

from ivr.messages.outbox import Kind
from ivr.messages.telephony import Trouble

Outcome = Literal["sent", "delayed", "given_up"]

NO_CODE: Final = "none"
"""Of a carrier that named no code of its own, or did not answer."""


class Tally:
    """Counts that only grow, of all the threads of a worker. Nothing in it tells of a person.

    expected: the carrier's codes and what each means. What may come stands there with 0 from the
    beginning: of a series that begins with its first error Prometheus tells no increase.
    """

    def __init__(self, expected: Mapping[int, Trouble]) -> None:
        self._lock = threading.Lock()
        self.ticks = 0
        self.failed_ticks = 0
        self._messages = {kind: dict.fromkeys(get_args(Outcome), 0) for kind in get_args(Kind)}
        self._errors = {str(trouble): {NO_CODE: 0} for trouble in Trouble}
        for code, trouble in expected.items():
            self._errors[trouble][str(code)] = 0

    def message(self, kind: str, outcome: Outcome) -> None:
        """A message of this kind was handled."""
        with self._lock:
            outcomes = self._messages.setdefault(kind, {})
            outcomes[outcome] = outcomes.get(outcome, 0) + 1

    def refusal(self, trouble: str, code: int | None) -> None:
        """The carrier refused something. code: its own."""
        name = NO_CODE if code is None else str(code)
        with self._lock:
            codes = self._errors.setdefault(trouble, {})
            codes[name] = codes.get(name, 0) + 1

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        with self._lock:
            return {
                "ticks": self.ticks,
                "failed_ticks": self.failed_ticks,
                "messages": deepcopy(self._messages),
                "carrier_errors": deepcopy(self._errors),
            }
