"""A morning's digest as the desk reads it: what can do harm first."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final
from zoneinfo import ZoneInfo

from ivr.digest.daily import Digest
from ivr.frontdesk import wording
from ivr.frontdesk.wording import Words

COUNTED: Final[Words] = {
    "overdue": "Refills overdue",
    "urgent": "Urgent calls",
    "urgent_open": "Urgent tickets not closed",
    "not_arrived": "Messages that did not arrive",
    "unconfirmed": "Visits today, not confirmed",
    "visits": "Visits today, in all",
    "to_book": "Refills due within a week, no visit booked",
    "to_do": "Things to do",
    "missed": "Visits missed",
    "filled": "Times filled from the waitlist",
    "calls": "Calls",
}

SINCE: Final = frozenset({"urgent", "calls", "missed", "filled"})
"""What is counted since the morning before."""

PRESSING: Final = frozenset({"overdue", "urgent_open", "not_arrived", "to_book"})
"""What asks for somebody where there is any."""


@dataclass(frozen=True)
class Counted:
    """One line. since: it is counted since the morning before. pressing: somebody has to act."""

    words: str
    number: int
    since: bool
    pressing: bool


@dataclass(frozen=True)
class Morning:
    """One digest. day: Monday, November 23; at, since: times of the clinic's clock, in words."""

    day: str
    at: str
    since: str
    counted: tuple[Counted, ...]


def morning(digest: Digest, zone: ZoneInfo) -> Morning:
    """In the reader's language."""
    numbers = asdict(digest.counts)
    return Morning(
        day=wording.day(digest.day),
        at=wording.moment(digest.made_at, zone),
        since=wording.moment(digest.since, zone),
        counted=tuple(
            Counted(
                words=wording.in_words(COUNTED, which),
                number=numbers[which],
                since=which in SINCE,
                pressing=which in PRESSING and numbers[which] > 0,
            )
            for which in COUNTED
        ),
    )
