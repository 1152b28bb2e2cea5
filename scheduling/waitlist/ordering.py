"""The fair order of the waitlist. Pure.

A pump must not run dry, so overdue refills come before everything, the most overdue first. Then
come refills whose booking window is open, the one due first first. Everybody else comes in the
order in which they joined, and so do refills that are due on the same day. Nobody who joins later
and waits for the same reason is ever put before somebody who has waited longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from uuid import UUID

from scheduling import refill_rules
from scheduling.refill_rules import Standing


class Precedence(IntEnum):
    """Why somebody waits, the most pressing first."""

    OVERDUE_REFILL = 0
    """Due already, or the visit that is booked for it comes after it is due."""
    REFILL_IN_WINDOW = 1
    EVERYBODY = 2
    """Also a refill that is not due soon."""


@dataclass(frozen=True, slots=True)
class WaitedRefill:
    """The refill that somebody waits for. Days are of the clinic's calendar.

    due_on: the last day on which it is in time. opens_days, preparation_days: see
        scheduling.refill_rules. visit_on: the day of the visit that they would move earlier; None
        where they have none.
    """

    due_on: date
    opens_days: int
    preparation_days: int
    visit_on: date | None = None

    def may_be_on(self, day: date, today: date) -> bool:
        """Whether a refill offered today could be on `day`.

        One that its patient cannot book alone any more, on whatever day, is for staff to arrange,
        and they may book any: see refill_rules.refusal_of_day().
        """
        first, last = refill_rules.window(
            today, self.due_on, self.preparation_days, self.opens_days
        )
        return first > last or first <= day <= last


@dataclass(frozen=True, slots=True)
class Place:
    """All that decides on somebody's place. joined_at: UTC. refill: None for any other visit."""

    entry_id: UUID
    joined_at: datetime
    refill: WaitedRefill | None = None

    def precedence(self, today: date) -> Precedence:
        """Why they wait, as of `today` of the clinic's calendar."""
        if self.refill is None:
            return Precedence.EVERYBODY
        return _PRECEDENCE[
            refill_rules.standing_as_booked(
                self.refill.due_on, today, self.refill.opens_days, self.refill.visit_on
            )
        ]

    def rank(self, today: date) -> tuple[Precedence, date, datetime, UUID]:
        """What places are sorted by, the smallest first. No two entries have the same."""
        precedence = self.precedence(today)
        presses = self.refill is not None and precedence is not Precedence.EVERYBODY
        due_on = self.refill.due_on if self.refill is not None and presses else date.min
        return precedence, due_on, self.joined_at, self.entry_id


_PRECEDENCE = {
    Standing.OVERDUE: Precedence.OVERDUE_REFILL,
    Standing.DUE_SOON: Precedence.REFILL_IN_WINDOW,
    Standing.AHEAD: Precedence.EVERYBODY,
}
