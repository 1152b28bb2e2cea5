"""The states of a visit and the ways it is changed, as they are stored."""

from __future__ import annotations

from enum import StrEnum


class VisitStatus(StrEnum):
    """Where a visit stands."""

    BOOKED = "booked"
    CHECKED_IN = "checked_in"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


OPEN_STATUSES = (VisitStatus.BOOKED, VisitStatus.CHECKED_IN)
"""Visits that have still to take place, or are taking place."""


class Channel(StrEnum):
    """By which way a change came in."""

    PHONE = "phone"
    DESK = "desk"
    WORKER = "worker"
    IMPORT = "import"
