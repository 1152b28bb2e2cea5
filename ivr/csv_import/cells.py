"""The kinds of cell. Their errors end in what to write instead, and quote no cell."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Annotated

import phonenumbers
from pydantic import AfterValidator, BeforeValidator

from scheduling import checked_input
from scheduling.errors import UnsuitablePhone
from scheduling.importing.rows import LONGEST_MINUTES, STATUSES
from scheduling.patients import LANGUAGES
from scheduling.states import VisitStatus

REGION = "US"
"""Where a number without a country code is. [J] The clinic's patients live there."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"([0-9-]{10})[T ](\d{2}):(\d{2})(:00)?", re.ASCII)
_BETWEEN_PHONES = "/"


def _text(value: str) -> str:
    return checked_input.text(_on_one_line(value), "the cell")


def _short_text(value: str) -> str:
    return checked_input.text(_on_one_line(value), "the cell", at_most=checked_input.KEY_LENGTH)


def _on_one_line(value: str) -> str:
    """A cell in quotes may run over several lines; what it says does not."""
    return " ".join(value.split())


def _day(value: str) -> date:
    if not _DAY.fullmatch(value):
        raise ValueError("is not a date: write year, month and day like 1948-02-29")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("is a day that the calendar does not have: correct it") from None


def _phone(value: str) -> str:
    try:
        number = phonenumbers.parse(value, REGION)
    except phonenumbers.NumberParseException:
        raise ValueError("is not a phone number: write it like +15125550100") from None
    if number.extension:
        raise ValueError("has an extension: give a number that can be dialled by itself")
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    try:
        return checked_input.phone(written, "the number")
    except UnsuitablePhone:
        raise ValueError("is a number that nobody can have: ask for it again") from None


def _phones(value: str) -> tuple[str, ...]:
    return tuple(_phone(one.strip()) for one in value.split(_BETWEEN_PHONES) if one.strip())


def _yes_or_no(value: str) -> bool:
    answer = {"yes": True, "no": False}.get(value.casefold())
    if answer is None:
        raise ValueError("is neither yes nor no: write one of them, or leave it empty")
    return answer


def _language(value: str) -> str:
    if value.casefold() not in LANGUAGES:
        raise ValueError(
            f"is not one of {', '.join(LANGUAGES)}: leave it empty, and write another language "
            "into interpreter_language"
        )
    return value.casefold()


def _wall_time(value: str) -> datetime:
    found = _TIME.fullmatch(value)
    if found is None:
        raise ValueError(
            "is not a date and time: write the clinic's wall time like 2026-12-01T09:30, without a "
            "zone"
        )
    try:
        at = time(int(found[2]), int(found[3]))
    except ValueError:
        raise ValueError("has a time that the clock does not have: correct it") from None
    return datetime.combine(_day(found[1]), at)


def _minutes(value: str) -> int:
    if not (value.isascii() and value.isdecimal() and 1 <= int(value[:9]) <= LONGEST_MINUTES):
        raise ValueError(f"is not a number of minutes from 1 to {LONGEST_MINUTES}: correct it")
    return int(value)


def _status(value: str) -> VisitStatus:
    if value.casefold() not in STATUSES:
        raise ValueError(f"is not one of {', '.join(STATUSES)}: use one of them")
    return VisitStatus(value.casefold())


Text = Annotated[str, AfterValidator(_text)]
ShortText = Annotated[str, AfterValidator(_short_text)]
Day = Annotated[date, BeforeValidator(_day)]
Phone = Annotated[str, AfterValidator(_phone)]
Phones = Annotated[tuple[str, ...], BeforeValidator(_phones)]
YesOrNo = Annotated[bool, BeforeValidator(_yes_or_no)]
Language = Annotated[str, AfterValidator(_language)]
WallTime = Annotated[datetime, BeforeValidator(_wall_time)]
Minutes = Annotated[int, BeforeValidator(_minutes)]
Status = Annotated[VisitStatus, BeforeValidator(_status)]
