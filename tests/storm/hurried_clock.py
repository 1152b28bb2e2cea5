"""A clock on which an hour passes in minutes, the same in every process of a storm."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

BEGAN, PACE = "STORM_BEGAN", "STORM_PACE"


@dataclass(frozen=True)
class HurriedClock:
    """began: in seconds of time.time(). pace: its seconds in one of the machine's."""

    began: float
    pace: float

    @classmethod
    def of_this_process(cls) -> HurriedClock:
        """The storm's."""
        return cls(float(os.environ[BEGAN]), float(os.environ[PACE]))

    def now(self) -> datetime:
        """Aware UTC."""
        passed = (time.time() - self.began) * self.pace
        return datetime.fromtimestamp(self.began, UTC) + timedelta(seconds=passed)

    __call__ = now

    def environment(self) -> Mapping[str, str]:
        """What a process needs to have the same."""
        return {BEGAN: str(self.began), PACE: str(self.pace)}
