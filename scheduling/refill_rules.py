"""When a pump has to be refilled, and when the visit for it may be booked. Pure.

Days are of the clinic's calendar. A pump must be refilled before its low-reservoir alarm sounds
and while its drug is stable; the margin keeps clear of the alarm, since withdrawal signs were seen
one to seven days before a low volume in 24 % of one series [PubMed 15271246].
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from scheduling.errors import InvalidDefinition, InvalidInput, Refusal

LONGEST_REFILL_DAYS = 400
"""An alarm date further ahead than this is a slip of the pen. [J] Refills come every 2-6 months."""


@dataclass(frozen=True, slots=True)
class RefillPolicy:
    """A clinic's days for one visit type. [J] The clinic's physician signs them.

    margin_days: the refill is due this many days before the low-reservoir alarm date.
    preparation_days: it takes this many days to prepare the drug, so no visit comes sooner.
    opens_days: the visit can be booked for this many days up to the due date.
    """

    margin_days: int
    preparation_days: int
    opens_days: int

    def __post_init__(self) -> None:
        for name in ("margin_days", "preparation_days", "opens_days"):
            if not 0 <= getattr(self, name) <= LONGEST_REFILL_DAYS:
                raise InvalidDefinition(f"refill {name} must be 0 to {LONGEST_REFILL_DAYS}")
        # The desk's list opens with the window: a drug that takes longer would come too late.
        if self.opens_days < self.preparation_days:
            raise InvalidDefinition("refill opens_days must not be less than preparation_days")


class Standing(StrEnum):
    """How urgent a refill is."""

    AHEAD = "ahead"
    DUE_SOON = "due_soon"
    """Its booking window is open."""
    OVERDUE = "overdue"
    """Its due date has passed, or will have by the visit: urgent, whatever the patient feels."""


def due_on(alarm_on: date, stable_until: date | None, margin_days: int) -> date:
    """The last day on which the refill is in time: min(alarm - margin, stability)."""
    before_alarm = alarm_on - timedelta(days=margin_days)
    return before_alarm if stable_until is None else min(before_alarm, stable_until)


def standing(due: date, today: date, opens_days: int) -> Standing:
    """Where a refill that is due on `due` stands today."""
    if today > due:
        return Standing.OVERDUE
    return Standing.AHEAD if today < due - timedelta(days=opens_days) else Standing.DUE_SOON


def standing_as_booked(due: date, today: date, opens_days: int, visit_on: date | None) -> Standing:
    """The same with the visit that is booked for it, if any: one after `due` comes too late."""
    if visit_on is not None and visit_on > due:
        return Standing.OVERDUE
    return standing(due, today, opens_days)


def is_on_list(
    stands: Standing, *, today: date, visit_on: date | None, snoozed_until: date | None
) -> bool:
    """Whether the desk's list shows a recall. An overdue one always: no booking hides it.

    visit_on: the day of its visit, as long as that has not taken place. One that lies in the past
    is a booking no more.
    """
    if stands is not Standing.DUE_SOON:
        return stands is Standing.OVERDUE
    is_booked = visit_on is not None and visit_on >= today
    is_snoozed = snoozed_until is not None and today < snoozed_until
    return not is_booked and not is_snoozed


def refusal_of_day(
    day: date,
    *,
    today: date,
    due: date,
    preparation_days: int,
    opens_days: int,
    by_staff: bool,
) -> Refusal | None:
    """Why a refill due on `due` may not be on `day`, when it is booked today.

    Staff may book any day: for an overdue pump a late refill is better than none, and they know
    whether the drug is ready.
    """
    if by_staff:
        return None
    if today > due:
        return Refusal.REFILL_OVERDUE
    first, last = window(today, due, preparation_days, opens_days)
    if day < first:
        return Refusal.REFILL_TOO_EARLY
    return Refusal.REFILL_TOO_LATE if day > last else None


def window(today: date, due: date, preparation_days: int, opens_days: int) -> tuple[date, date]:
    """First and last day for the visit. The first may be after the last: then it is for staff."""
    prepared = today + timedelta(days=preparation_days)
    return max(prepared, due - timedelta(days=opens_days)), due


def check_filled_on(filled_on: date, *, today: date) -> None:
    """Raise InvalidInput for a day of the last refill that cannot be meant."""
    if not today - timedelta(days=LONGEST_REFILL_DAYS) <= filled_on <= today:
        raise InvalidInput(
            f"the last refill is in the future or more than {LONGEST_REFILL_DAYS} days ago: "
            "correct the date, or leave it out where nobody knows"
        )


def check_alarm_date(alarm_on: date, *, filled_on: date | None, today: date) -> None:
    """Raise InvalidInput for an alarm date that cannot be meant.

    filled_on: None where nobody knows; the alarm may then have sounded already.
    """
    longest = timedelta(days=LONGEST_REFILL_DAYS)
    if alarm_on <= (filled_on or today - longest):
        raise InvalidInput(
            "the low-reservoir alarm date is not after the refill: read it again from the printout"
        )
    if alarm_on > (filled_on or today) + longest:
        raise InvalidInput(
            f"the low-reservoir alarm date is more than {LONGEST_REFILL_DAYS} days after the "
            "refill: correct the year"
        )


def check_stability(stable_until: date | None, *, filled_on: date | None, today: date) -> None:
    """Raise InvalidInput for a stability limit that was over when the drug went in."""
    earliest = filled_on or today - timedelta(days=LONGEST_REFILL_DAYS)
    if stable_until is not None and stable_until < earliest:
        raise InvalidInput("the drug's stability ends before the refill: correct the date")
