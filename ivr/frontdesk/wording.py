"""Stored values in the desk's words, and times as the clinic reads them (English)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import phonenumbers
from babel.dates import format_date, format_datetime

LOCALE: Final = "en_US"

STATUS: Final = {
    "booked": "Booked",
    "confirmed": "Confirmed",
    "checked_in": "Checked in",
    "completed": "Completed",
    "cancelled": "Cancelled",
    "no_show": "Did not come",
}

CHANNEL: Final = {
    "phone": "By phone",
    "desk": "At the desk",
    "worker": "Automatically",
    "import": "Imported",
}

TICKET_STATUS: Final = {
    "open": "Nobody has it yet",
    "ringing": "Ringing the on-call phone",
    "accepted": "Accepted",
    "called_back": "Called back",
    "closed": "Closed",
}

TICKET_CATEGORY: Final = {
    "danger": "EMERGENCY: told to dial 911",
    "alarm": "Pump alarm or missed refill",
    "symptom": "New symptom",
    "clinician": "Clinician about a patient",
    "question": "Question for today",
    "unknown": "Urgent call",
}

TICKET_EVENT: Final = {
    "opened": "The caller asked for urgent help",
    "ringing": "Rang {name}",
    "no_answer": "{name} did not answer",
    "busy": "{name} was busy",
    "failed": "{name} could not be rung",
    "answered": "The phone of {name} was picked up",
    "round_started": "Ringing began again from the first",
    "accepted": "{name} accepted the call",
    "put_back": "The caller was not helped: the call went back to everybody",
    "queued": "Everybody on call was called while the caller waited",
    "left_queue": "The caller had waited long enough, and was told what comes next",
    "not_bridged": "{name} came for a caller who had stopped waiting",
    "call_ended": "The caller's call ended",
    "classified": "The caller said what it is about",
    "deferred": "The caller was promised a call back",
    "recovered": "A call answered while the records were away was found",
    "callback_set": "The caller confirmed the callback number",
    "caller_left": "The caller hung up before anybody accepted",
    "paged": "The texts to on-call staff were sent at once",
    "repaged": "Everybody on call was called again",
    "supervisor_paged": "The supervisor was called",
    "alarm_raised": "ALARM: nobody had accepted for 15 minutes",
    "called_back": "{name} was connected to the caller",
    "closed": "Closed by {name}: {disposition}",
    "reopened": "Opened again: the caller still asked for help",
}

DISPOSITION: Final = {
    "helped": "Helped: somebody spoke with the patient",
    "sent_to_911": "Told to call 911, or went to an emergency room",
    "booked": "A visit was arranged",
    "not_reached": "Called back, could not be reached",
    "no_need": "The caller said it was a mistake",
}

TRIAL: Final = {
    "waiting": "Test call asked for {moment}",
    "rung": "Test call {moment}: not confirmed",
    "confirmed": "Reached by a test call {moment}",
    "failed": "Test call {moment} failed: the number may be wrong",
}

TASK: Final = {
    "callback": "Call back",
    "message": "Spoken message",
    "missed_caller": "Caller without a number",
    "text_message": "Text message",
    "opt_out": "Wants no more texts",
    "page_failed": "On-call page not delivered",
    "text_failed": "Text not delivered",
    "recording_kept": "A deleted patient's recording is still with the telephone company",
    "urgent_unanswered": "ALARM: nobody has accepted an urgent call for 15 minutes",
    "no_worker": "ALARM: texts, calls and pages did not go out",
    "audit": "ALARM: an urgent call is not going as planned",
    "identity_alarm": "ALARM: many callers could not be identified",
    "refill_to_arrange": "Refill to arrange: none could be booked by phone",
    "refill_cancellation": "Wants to give up a refill, which stands",
    "running_late": "Running late",
    "plan_again": "Visit to be planned again: the clinic is closed then",
}

LANGUAGE: Final = {"en": "English", "es": "Spanish"}


def in_words(words: dict[str, str], stored: str) -> str:
    """The desk's words for a stored value; a value without words of its own is made readable."""
    return words.get(stored) or stored.replace("_", " ").replace("-", " ").capitalize()


@lru_cache(maxsize=1024)
def day(value: date) -> str:
    """Monday, November 23."""
    return format_date(value, "EEEE, MMMM d", locale=LOCALE)


def short_day(value: date) -> str:
    """Mon, Nov 23."""
    return format_date(value, "EEE, MMM d", locale=LOCALE)


def clock(instant: datetime, zone: ZoneInfo) -> str:
    """9:05 AM, as time_of_day() says it: a board has hundreds, and each is to cost little."""
    local = instant.astimezone(zone)
    return f"{local.hour % 12 or 12}:{local.minute:02d} {'AM' if local.hour < 12 else 'PM'}"


@lru_cache(maxsize=4096)
def birth_date(value: date) -> str:
    """Mar 4, 1961: with the month in letters, 4/3 and 3/4 cannot be confused."""
    return format_date(value, "MMM d, y", locale=LOCALE)


def time_of_day(instant: datetime, zone: ZoneInfo) -> str:
    """9:05 AM."""
    return format_datetime(instant, "h:mm a", tzinfo=zone, locale=LOCALE)


@lru_cache(maxsize=4096)
def moment(instant: datetime, zone: ZoneInfo) -> str:
    """Mon, Nov 23, 9:05 AM."""
    return format_datetime(instant, "EEE, MMM d, h:mm a", tzinfo=zone, locale=LOCALE)


def moment_to_the_second(instant: datetime, zone: ZoneInfo) -> str:
    """Mon, Nov 23, 9:05:07 AM: rings follow one another within seconds."""
    return format_datetime(instant, "EEE, MMM d, h:mm:ss a", tzinfo=zone, locale=LOCALE)


def age(since: datetime, now: datetime) -> str:
    """How long ago, as long as a glance: "just now", "4 min", "1 h 05 min", "3 d".

    static/desk.js says the same while the page stays open.
    """
    passed = max(now - since, timedelta())
    minutes = int(passed.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 24 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes // (24 * 60)} d"


def length(seconds: int | None) -> str:
    """How long a recording is: "1:05"; nothing where nobody has said."""
    return "" if seconds is None else f"{seconds // 60}:{seconds % 60:02d}"


def phone(number: str) -> str:
    """(512) 555-0123 for a number of the country, +52 55 1234 5678 for another; E.164 in."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    national = parsed.country_code == 1
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, form.NATIONAL if national else form.INTERNATIONAL)
