"""Dates, times, ages, numbers → what the voice says, in English and Spanish. Pure.

Written for the ear: no abbreviations, digits apart, "in the morning" instead of "AM".
"""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date


def birth_date(day: date, language: str) -> str:
    """A date with its year: "March 4, 1940", "4 de marzo de 1940"."""
    if language == "es":
        return f"{_spanish_day(day)} de {day.year}"
    return format_date(day, "MMMM d, y", locale="en_US")


def day_and_time(moment: datetime, language: str) -> str:
    """Weekday, date and time of an instant already in the clinic's zone.

    "Monday, November 30, at 9:30 in the morning"; "lunes 30 de noviembre a las 9:30 de la mañana".
    """
    day = weekday_and_date(moment.date(), language)
    if language == "es":
        return f"{day} {spanish_time(moment)}"
    return f"{day}, at {english_time(moment)}"


def weekday_and_date(day: date, language: str) -> str:
    """ "Monday, November 30"; "lunes 30 de noviembre"."""
    if language == "es":
        return f"{format_date(day, 'EEEE', locale='es_US')} {_spanish_day(day)}"
    return format_date(day, "EEEE, MMMM d", locale="en_US")


def digits_apart(digits: str) -> str:
    """One digit at a time: "1 2 3 4"."""
    return " ".join(digits)


def phone_number(number: str) -> str:
    """An E.164 number of the North American plan, in the groups people say it in."""
    national = number.removeprefix("+1")
    if len(national) != 10:
        return digits_apart(number.removeprefix("+"))
    return ", ".join(digits_apart(part) for part in (national[:3], national[3:6], national[6:]))


def english_time(moment: datetime) -> str:
    """ "9:30 in the morning"; "noon"."""
    hour, minute = moment.hour, moment.minute
    if (hour, minute) == (12, 0):
        return "noon"
    part = "in the morning" if hour < 12 else "in the afternoon" if hour < 17 else "in the evening"
    clock = hour % 12 or 12
    return f"{clock}:{minute:02d} {part}" if minute else f"{clock} {part}"


def spanish_time(moment: datetime) -> str:
    """ "a las 9:30 de la mañana"; "a las 12 del mediodía"."""
    hour, minute = moment.hour, moment.minute
    if (hour, minute) == (12, 0):
        return "a las 12 del mediodía"
    part = "de la mañana" if hour < 12 else "de la tarde" if hour < 20 else "de la noche"
    clock = hour % 12 or 12
    article = "a la" if clock == 1 else "a las"
    return f"{article} {clock}:{minute:02d} {part}" if minute else f"{article} {clock} {part}"


def _spanish_day(day: date) -> str:
    number = "primero" if day.day == 1 else str(day.day)
    return f"{number} de {format_date(day, 'MMMM', locale='es_US')}"


def ago(minutes: int, language: str) -> str:
    """How long ago: "just now", "12 minutes ago", "2 hours and 5 minutes ago", "3 days ago"."""
    if minutes < 1:
        return "hace un momento" if language == "es" else "just now"
    if minutes < 60:
        passed = counted(minutes, "minute", language)
    elif minutes < 24 * 60:
        passed = counted(minutes // 60, "hour", language)
        if minutes % 60:
            join = "y" if language == "es" else "and"
            passed = f"{passed} {join} {counted(minutes % 60, 'minute', language)}"
    else:
        passed = counted(minutes // (24 * 60), "day", language)
    return f"hace {passed}" if language == "es" else f"{passed} ago"


_ONE_AND_MANY = {
    "en": {
        "minute": ("one minute", "minutes"),
        "hour": ("one hour", "hours"),
        "day": ("one day", "days"),
        "ticket": ("one ticket", "tickets"),
        "waits": ("one waits", "wait"),
    },
    "es": {
        "minute": ("un minuto", "minutos"),
        "hour": ("una hora", "horas"),
        "day": ("un día", "días"),
        "ticket": ("uno", ""),
        "waits": ("uno espera", "esperan"),
    },
}


def counted(number: int, what: str, language: str) -> str:
    """ "one minute", "5 minutes". what: a key of the table above."""
    one, many = _ONE_AND_MANY[language][what]
    return one if number == 1 else f"{number} {many}".rstrip()
