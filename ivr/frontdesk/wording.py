"""What the desk says, in the language of whoever reads it, and times as the clinic reads them.

English stands where it is shown: `say("Log out")` in a template or in Python. Spanish stands in
spanish/*.po, and tests/frontdesk/test_spanish_desk.py finds what has none. Words for stored values
stand in a dictionary annotated `Words`, and `in_words` says them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import phonenumbers
from babel.dates import format_date, format_datetime

from ivr.frontdesk.catalogue import sentences

Words = Mapping[str, str]
"""Stored value → English. Annotate a dictionary with it, and its values are to be translated."""

LANGUAGES: Final = {"en": "English", "es": "Español"}
"""What the desk speaks, each by its own name."""

_LOCALES: Final = {"en": "en_US", "es": "es_MX"}
_HALVES: Final = {"en": ("AM", "PM"), "es": ("a.m.", "p.m.")}

_language: ContextVar[str] = ContextVar("language of the desk", default="en")


def language() -> str:
    """What is spoken now: "en" or "es"."""
    return _language.get()


def speak(chosen: str) -> None:
    """Speak this language from here on in the present request; English where it is unknown."""
    _language.set(chosen if chosen in LANGUAGES else "en")


@contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """Speak this language inside the block."""
    before = _language.set(chosen)
    try:
        yield
    finally:
        _language.reset(before)


def say(english: str, /, **values: object) -> str:
    """A sentence in the reader's language, its {placeholders} filled in.

    What has no translation is said in English: an English word is better than none.
    """
    (said,) = sentences(language()).get(english, (english,))
    return said.format(**values) if values else said


def say_number(number: int, one: str, many: str, **values: object) -> str:
    """The same for a number of things, {n}: `one` is said of 1, `many` of any other."""
    forms = sentences(language()).get(one, (one, many))
    return forms[0 if number == 1 else 1].format(n=number, **values)


STATUS: Final[Words] = {
    "booked": "Booked",
    "confirmed": "Confirmed",
    "checked_in": "Checked in",
    "completed": "Completed",
    "cancelled": "Cancelled",
    "no_show": "Did not come",
}

VISIT_TYPE: Final[Words] = {"consultation": "Consultation", "refill": "Refill"}
"""By key of the visit type; a clinic's own others are shown by their key."""

CHANNEL: Final[Words] = {
    "phone": "By phone",
    "desk": "At the desk",
    "worker": "Automatically",
    "import": "Imported",
}

TICKET_STATUS: Final[Words] = {
    "open": "Nobody has it yet",
    "ringing": "Ringing the on-call phone",
    "accepted": "Accepted",
    "called_back": "Called back",
    "closed": "Closed",
}

TICKET_CATEGORY: Final[Words] = {
    "danger": "EMERGENCY: told to dial 911",
    "alarm": "Pump alarm or missed refill",
    "symptom": "New symptom",
    "clinician": "Clinician about a patient",
    "question": "Question for today",
    "unknown": "Urgent call",
}

TICKET_EVENT: Final[Words] = {
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
    "recovered": "Found late: it came {came}, and nothing could be stored then",
    "refill_overdue": "Nobody called: a refill is overdue, and no visit was arranged in time",
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

DISPOSITION: Final[Words] = {
    "helped": "Helped: somebody spoke with the patient",
    "sent_to_911": "Told to call 911, or went to an emergency room",
    "booked": "A visit was arranged",
    "not_reached": "Called back, could not be reached",
    "no_need": "The caller said it was a mistake",
}

TRIAL: Final[Words] = {
    "waiting": "Test call asked for {moment}",
    "rung": "Test call {moment}: not confirmed",
    "confirmed": "Reached by a test call {moment}",
    "failed": "Test call {moment}: the phone refused it, or the number is wrong",
}

TASK: Final[Words] = {
    "callback": "Call back",
    "message": "Spoken message",
    "missed_caller": "Caller without a number",
    "text_message": "Text message",
    "opt_out": "Wants no more texts",
    "page_failed": "On-call page not delivered",
    "text_failed": "Text not delivered",
    "reminder_failed": "The patient was not told of a visit",
    "trial_failed": "Test call refused",
    "recording_kept": "A deleted patient's recording is still with the telephone company",
    "urgent_unanswered": "ALARM: nobody has accepted an urgent call for 15 minutes",
    "no_worker": "ALARM: texts, calls and pages did not go out",
    "audit": "ALARM: an urgent call is not going as planned",
    "identity_alarm": "ALARM: many callers could not be identified",
    "refill_to_arrange": "Refill to arrange: none could be booked by phone",
    "overdue_refill": "URGENT: a refill is overdue",
    "refill_not_booked": "Refill due within a week, and no visit booked",
    "visit_unconfirmed": "Unconfirmed visit of somebody who missed one before",
    "refill_cancellation": "Wants to give up a refill, which stands",
    "running_late": "Running late",
    "plan_again": "Visit to be planned again: the clinic is closed then",
}

LANGUAGE: Final[Words] = {"en": "English", "es": "Spanish"}


def in_words(words: Words, stored: str) -> str:
    """The desk's words for a stored value; a value without words of its own is made readable."""
    known = words.get(stored)
    if known is None:
        return stored.replace("_", " ").replace("-", " ").capitalize()
    return say(known)


def choices(words: Words) -> list[tuple[str, str]]:
    """What can be chosen from: stored values, each with its words."""
    return [(stored, in_words(words, stored)) for stored in words]


def day(value: date) -> str:
    """Monday, November 23; lunes, 23 de noviembre."""
    return _shaped_date(value, {"en": "EEEE, MMMM d", "es": "EEEE, d 'de' MMMM"})


def short_day(value: date) -> str:
    """Mon, Nov 23; lun, 23 nov."""
    return _shaped_date(value, {"en": "EEE, MMM d", "es": "EEE, d MMM"})


def weekday(number: int) -> str:
    """Mon; lun. 0 is Monday."""
    return _shaped_date(date(2024, 1, 1 + number), {"en": "EEE", "es": "EEE"})


def weekday_in_full(number: int) -> str:
    """Monday; lunes. 0 is Monday."""
    return _shaped_date(date(2024, 1, 1 + number), {"en": "EEEE", "es": "EEEE"})


def month(value: date) -> str:
    """November 2026; noviembre de 2026."""
    return _shaped_date(value, {"en": "MMMM y", "es": "MMMM 'de' y"})


def short_month(value: date) -> str:
    """Nov; nov."""
    return _shaped_date(value, {"en": "MMM", "es": "MMM"})


def clock(instant: datetime, zone: ZoneInfo) -> str:
    """9:05 AM; 9:05 a.m.

    As time_of_day() says it: a board has hundreds, and each is to cost little.
    """
    return wall_clock(instant.astimezone(zone))


def hour(number: int) -> str:
    """9 AM; 9 a.m. Of an hour of the day, from 0."""
    return f"{number % 12 or 12} {_HALVES[language()][number // 12]}"


def wall_clock(local: datetime) -> str:
    """The same of a time as the clinic's own clock shows it."""
    return f"{local.hour % 12 or 12}:{local.minute:02d} {_HALVES[language()][local.hour // 12]}"


def birth_date(value: date) -> str:
    """Mar 4, 1961; 4 mar 1961: with the month in letters, 4/3 and 3/4 cannot be confused."""
    return _shaped_date(value, {"en": "MMM d, y", "es": "d MMM y"})


def time_of_day(instant: datetime, zone: ZoneInfo) -> str:
    """9:05 AM; 9:05 a.m."""
    return _shaped(instant, zone, {"en": "h:mm a", "es": "h:mm a"})


def moment(instant: datetime, zone: ZoneInfo) -> str:
    """Mon, Nov 23, 9:05 AM; lun, 23 nov, 9:05 a.m."""
    return _shaped(instant, zone, {"en": "EEE, MMM d, h:mm a", "es": "EEE, d MMM, h:mm a"})


def moment_to_the_second(instant: datetime, zone: ZoneInfo) -> str:
    """Mon, Nov 23, 9:05:07 AM: rings follow one another within seconds."""
    return _shaped(instant, zone, {"en": "EEE, MMM d, h:mm:ss a", "es": "EEE, d MMM, h:mm:ss a"})


def age(since: datetime, now: datetime) -> str:
    """How long ago, as long as a glance: "just now", "4 min", "1 h 05 min", "3 d".

    static/desk.js says the same while the page stays open.
    """
    passed = max(now - since, timedelta())
    minutes = int(passed.total_seconds() // 60)
    if minutes < 1:
        return say("just now")
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


def _shaped_date(value: date, patterns: Mapping[str, str]) -> str:
    return _date_in(value, patterns[language()], _LOCALES[language()])


def _shaped(instant: datetime, zone: ZoneInfo, patterns: Mapping[str, str]) -> str:
    return _moment_in(instant, zone, patterns[language()], _LOCALES[language()])


# A board asks for the same days and moments all day; the language is part of the question.
@lru_cache(maxsize=4096)
def _date_in(value: date, pattern: str, locale: str) -> str:
    return format_date(value, pattern, locale=locale)


@lru_cache(maxsize=8192)
def _moment_in(instant: datetime, zone: ZoneInfo, pattern: str, locale: str) -> str:
    return format_datetime(instant, pattern, tzinfo=zone, locale=locale)
