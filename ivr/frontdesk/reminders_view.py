"""What the page of reminders shows, as values: what was told in, words out. No session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from ivr.frontdesk import wording
from ivr.frontdesk.wording import Words, say
from ivr.frontdesk.written import Phone
from ivr.messages.outcome_words import NEXT, OUTCOME
from ivr.messages.outcomes import NEEDS_SOMEBODY, Outcome
from ivr.messages.patients.reminder_list import ToldVisit
from scheduling.states import VisitStatus

OCCASION: Final[Words] = {
    "booked": "Told of the booking",
    "moved": "Told of the new time",
    "cancelled": "Told of the cancellation",
    "three_days": "Reminded 3 days before",
    "one_day": "Reminded 1 day before",
}

CHANNEL: Final[Words] = {"sms": "by text", "call": "by a call"}


@dataclass(frozen=True)
class ReminderRow:
    """One visit ahead and what telling its patient came to. next: what the desk does now."""

    visit_id: UUID
    name: str | None
    when: str
    phone: Phone | None
    told: str
    outcome: str
    outcome_words: str
    at: str
    next: str | None


@dataclass(frozen=True)
class RemindersPage:
    """to_call: where somebody has to act. told: the others, who have not confirmed yet."""

    to_call: tuple[ReminderRow, ...]
    told: tuple[ReminderRow, ...]
    confirmed: tuple[ReminderRow, ...]


def build(visits: Sequence[ToldVisit], zone: ZoneInfo) -> RemindersPage:
    """The page. A visit that was confirmed, by whatever way, asks nothing more of the desk."""
    confirmed, to_call, told = [], [], []
    for one in visits:
        row = _row(one, zone)
        is_confirmed = VisitStatus.CONFIRMED in (one.status, one.outcome)
        if is_confirmed and one.outcome is not Outcome.WANTS_CHANGE:
            confirmed.append(row)
        elif one.outcome in NEEDS_SOMEBODY:
            to_call.append(row)
        else:
            told.append(row)
    return RemindersPage(tuple(to_call), tuple(told), tuple(confirmed))


def _row(one: ToldVisit, zone: ZoneInfo) -> ReminderRow:
    told = wording.in_words(OCCASION, one.occasion)
    if one.channel is not None:
        told = f"{told} {wording.in_words(CHANNEL, one.channel)}"
    else:
        told = say("Not told")
    return ReminderRow(
        visit_id=one.visit_id,
        name=one.patient_name,
        when=wording.moment(one.starts_at, zone),
        phone=Phone(f"tel:{one.number}", wording.phone(one.number)) if one.number else None,
        told=told,
        outcome=one.outcome.value,
        outcome_words=wording.in_words(OUTCOME, one.outcome.value),
        at=wording.moment(one.at, zone),
        next=wording.in_words(NEXT, one.outcome.value) if one.outcome.value in NEXT else None,
    )
