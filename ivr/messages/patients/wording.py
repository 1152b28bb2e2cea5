"""What patients are texted of their visits. A lock screen is read by anybody: the clinic's neutral
name, a date, a time, a number; never what the visit is for or with whom. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from babel.dates import format_date


class Occasion(StrEnum):
    """What a patient is told of a visit."""

    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    THREE_DAYS = "three_days"
    ONE_DAY = "one_day"


REMINDERS = frozenset({Occasion.THREE_DAYS, Occasion.ONE_DAY})

# Spanish without the accents that are outside the GSM alphabet: one of them makes a text cost as
# much as three.
_TEXTS = {
    "en": {
        Occasion.BOOKED: "{clinic}: your appointment is {when}. For your calendar: {link} "
        "Questions: {phone}. Reply 9 or STOP to opt out.",
        Occasion.MOVED: "{clinic}: your appointment is now {when}. For your calendar: {link} "
        "Questions: {phone}. Reply 9 or STOP to opt out.",
        Occasion.CANCELLED: "{clinic}: your appointment of {when} is cancelled. "
        "Questions: {phone}. Reply 9 or STOP to opt out.",
    },
    "es": {
        Occasion.BOOKED: "{clinic}: su cita es el {when}. Para su calendario: {link} "
        "Tel. {phone}. Responda 9 o STOP para no recibir textos.",
        Occasion.MOVED: "{clinic}: su cita es ahora el {when}. Para su calendario: {link} "
        "Tel. {phone}. Responda 9 o STOP para no recibir textos.",
        Occasion.CANCELLED: "{clinic}: su cita del {when} queda cancelada. "
        "Tel. {phone}. Responda 9 o STOP para no recibir textos.",
    },
}
_REMINDER = {
    "en": "{clinic}: reminder of your appointment{s} {when}. Reply 1 to confirm, 2 to change, "
    "9 to opt out. Questions: {phone}.",
    "es": "{clinic}: le recordamos su{s} cita{s}: {when}. Responda 1 para confirmar, "
    "2 para cambiar, 9 para no recibir textos. Tel. {phone}.",
}
_AND = {"en": "and", "es": "y"}
_AT_THE_CLINIC = {"en": "clinic time", "es": "hora de la cl\u00ednica"}
_FOLDED = str.maketrans("áíóúÁÍÓÚ", "aiouAIOU")
"""What Spanish writes and GSM does not have; é, ñ, ü and ¿ it has."""


def visit_text(
    occasion: Occasion,
    language: str,
    *,
    clinic: str,
    when: str,
    phone: str,
    link: str | None = None,
) -> str:
    """What is texted once a visit was booked, moved or cancelled.

    clinic: its neutral name. when: see in_words(). phone: the line, E.164. link: for the calendar.
    Raises KeyError for another language or a reminder.
    """
    said = _TEXTS[language][occasion].format(clinic=clinic, when=when, phone=phone, link=link)
    return as_texted(said)


def reminder_text(language: str, *, clinic: str, when: str, visits: int, phone: str) -> str:
    """What is texted before a visit, or before several of one day. Raises KeyError as above."""
    several = "s" if visits > 1 else ""
    said = _REMINDER[language].format(clinic=clinic, when=when, phone=phone, s=several)
    return as_texted(said)


def as_texted(said: str) -> str:
    """The same within the alphabet of a plain text, without a double full stop."""
    # A sentence may end in "a.m.".
    return said.translate(_FOLDED).replace("..", ".")


def in_words(
    starts: Sequence[datetime], language: str, clinic_zone: ZoneInfo, read_in: ZoneInfo
) -> str:
    """ "Mon, Nov 30, 9:30 AM and 2:00 PM"; of one day at the clinic, in order.

    read_in: where whoever reads it lives; elsewhere than at the clinic it says whose clock it is.
    """
    local = [start.astimezone(clinic_zone) for start in starts]
    times = [_time(one, language) for one in local]
    said = f"{_day(local[0], language)}, {_listed(times, language)}"
    if any(
        start.astimezone(read_in).utcoffset() != start.astimezone(clinic_zone).utcoffset()
        for start in starts
    ):
        said += f" ({_AT_THE_CLINIC[language]})"
    return said


def _listed(times: Sequence[str], language: str) -> str:
    *others, last = times
    return f"{', '.join(others)} {_AND[language]} {last}" if others else last


def _day(local: datetime, language: str) -> str:
    if language == "es":
        return format_date(local, "EEE d MMM", locale="es_US").replace(".", "")
    return format_date(local, "EEE, MMM d", locale="en_US")


def _time(local: datetime, language: str) -> str:
    # By hand: the locale's own has a space in it that GSM does not have.
    half = ("AM", "PM") if language == "en" else ("a.m.", "p.m.")
    return f"{local.hour % 12 or 12}:{local.minute:02d} {half[local.hour // 12]}"
