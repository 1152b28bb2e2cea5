"""Who may book what, how soon and how far ahead. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduling.errors import Refusal
from scheduling.hours import local_day, midnight

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from scheduling.intervals import Interval


class BookedBy(StrEnum):
    """Who may book a visit type."""

    ANYONE = "anyone"
    EXISTING_PATIENTS = "existing_patients"
    """Those with whom the clinic has completed a visit."""


@dataclass(frozen=True, slots=True)
class BookingRules:
    """A visit type's rules.

    notice: at least this much elapsed time between booking and start.
    horizon_days: the last day that may be booked is this many days of the clinic's calendar
        after today (0 is today only).
    """

    notice: timedelta
    horizon_days: int
    booked_by: BookedBy = BookedBy.ANYONE


def bookable_window(now: datetime, rules: BookingRules, zone: ZoneInfo) -> Interval:
    """The starts that may be booked at `now`, in UTC: first included, end excluded."""
    after_last_day = local_day(now, zone) + timedelta(days=rules.horizon_days + 1)
    return now + rules.notice, midnight(after_last_day, zone)


def refusal_of_start(
    start: datetime, now: datetime, rules: BookingRules, zone: ZoneInfo
) -> Refusal | None:
    """Why a visit may not start at `start`, as far as notice and horizon go."""
    earliest, end = bookable_window(now, rules, zone)
    if start < earliest:
        return Refusal.TOO_SOON
    if start >= end:
        return Refusal.TOO_FAR_AHEAD
    return None
