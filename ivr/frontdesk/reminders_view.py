"""What the page of reminders shows, as values: what was told in, words out. No session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from ivr.frontdesk import wording
from ivr.frontdesk.board_view import Phone
from ivr.frontdesk.wording import Words, say
from ivr.messages.patients.outcomes import NEEDS_SOMEBODY, Outcome
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

OUTCOME: Final[Words] = {
    "wants_change": "Wants another time",
    "wants_person": "Wants to speak with somebody",
    "opted_out": "Opted out of texts and calls",
    "bad_number": "The number does not exist",
    "no_texts": "The number takes no texts",
    "unreachable": "The phone is off or out of reach",
    "nobody_answered": "Nobody answered the call",
    "blocked": "The phone blocks us",
    "filtered": "Held back as spam by a carrier",
    "not_registered": "Our number may not send texts yet",
    "carrier_trouble": "The telephone company had trouble",
    "throttled": "The telephone company had too much to send",
    "our_account": "The telephone company refused our account",
    "undecided": "May have been sent or not",
    "too_late": "Could not be sent in time",
    "enough": "The number has had enough messages today",
    "no_number": "No number on file",
    "no_consent": "Has not agreed to texts or calls",
    "deceased": "The patient has died",
    "confirmed": "Confirmed",
    "heard": "Picked up, and pressed nothing",
    "left_message": "Left a message",
    "delivered": "Delivered, no answer yet",
    "sent": "Sent",
    "waiting": "Waiting to be sent",
}

NEXT: Final[Words] = {
    "wants_change": "Call, and find another time: the visit stands until then.",
    "wants_person": "Call them back.",
    "opted_out": "Call yourself, and ask whether they still come.",
    "bad_number": "Call another number, and correct this one.",
    "no_texts": "Call it, and ask for a cell phone or whether we may call.",
    "unreachable": "Call later today, or another number.",
    "nobody_answered": "Call later today, or another number.",
    "blocked": "Call yourself, and ask them to let our number through.",
    "filtered": "Call, and tell whoever runs the system: our texts are taken for spam.",
    "not_registered": "Call, and tell whoever runs the system: the number must be registered.",
    "carrier_trouble": "Call: it was tried as often as makes sense.",
    "throttled": "Call: it was tried as often as makes sense.",
    "our_account": "Call, and tell whoever runs the system: the account is refused.",
    "undecided": "Call, and ask whether it arrived: we send nothing twice.",
    "too_late": "Call now: the visit is near.",
    "enough": "Call them, where it matters.",
    "no_number": "Look for a number, and ask for one at the next visit.",
    "no_consent": "Call yourself, and ask whether we may text or call.",
}
"""What the desk does next, where it has to do anything."""


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
