"""One row of the table, and the values that make a call a bad one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from tests.scheduling.sample import at

if TYPE_CHECKING:
    from tests.scheduling.bad_input.busy_clinic import BusyClinic
    from tests.scheduling.bad_input.good_calls import Arguments, Call

NAIVE = datetime(2026, 12, 1, 8)  # noqa: DTZ001  # the mistake under test
A_TIME = at(8)
"""A datetime where a date belongs."""
TOO_OLD, TOMORROW, TOO_FAR = date(1890, 1, 1), date(2026, 12, 1), date(2030, 12, 1)
LONG = "x" * 10_000
NOBODY = UUID(int=1)


@dataclass(frozen=True)
class Case:
    """A good call, what is changed about it, and the error that it then meets."""

    call: Call
    what: str
    error: type[Exception]
    changed: Callable[[BusyClinic], Arguments]

    @property
    def name(self) -> str:
        """As the test's report names it."""
        return f"{self.call.__name__}: {self.what}"


def case(call: Call, what: str, error: type[Exception], **changed: object) -> Case:
    """With these arguments instead of good ones."""
    return Case(call, what, error, lambda _here: changed)


def case_here(
    call: Call, what: str, error: type[Exception], changed: Callable[[BusyClinic], Arguments]
) -> Case:
    """With arguments that depend on what is in the clinic."""
    return Case(call, what, error, changed)
