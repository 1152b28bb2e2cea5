"""The kinds of value that a clinic.toml holds. Their errors end in what to write instead."""

from __future__ import annotations

import re
from datetime import datetime, time
from typing import Annotated
from urllib.parse import urlsplit

import phonenumbers
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


class Section(BaseModel):
    """A table of the file: frozen, and an unknown key in it is a mistake to be named."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def e164(value: str) -> str:
    """`value`, a telephone number that can exist, as + and digits. Raises ValueError."""
    advice = "write it as + and digits, such as +15125550100"
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        raise ValueError(f"{value!r} is not a telephone number: {advice}") from None
    if not phonenumbers.is_valid_number(number):
        raise ValueError(f"no telephone has the number {value!r}: {advice}")
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if written != value:
        raise ValueError(f"{value!r} is not written as expected: write {written}")
    return value


def _one_line(value: str) -> str:
    text = value.strip()
    if not text:
        raise ValueError("is empty: write some text")
    if not text.isprintable():
        raise ValueError("holds line breaks or control characters: write it on one line")
    return text


_TELLING = re.compile(
    r"pump|refill|pain|spin(e|al)|implant|intrathecal|medic|opioid|patient|bomba|recarga|dolor|"
    r"columna|paciente",
    re.IGNORECASE,
)
"""Words that a lock screen would give away."""


def _neutral_address(value: str) -> str:
    parts = urlsplit(value)
    plain = re.fullmatch(r"https://[A-Za-z0-9.-]+(/[A-Za-z0-9._~/-]*)?", value)
    if not plain or "." not in (parts.hostname or ""):
        raise ValueError(
            f"{value!r} is not a plain web address: write it like https://clinic.example/guide, "
            "without ? or #"
        )
    if found := _TELLING.search(value):
        raise ValueError(
            f"says {found[0]!r}, and a lock screen is read by anybody: give the page an address "
            "that does not say what it is about"
        )
    return value


def _wall_time(value: object) -> object:
    # pydantic would also take a number of seconds, or a time with a zone.
    if isinstance(value, str):
        try:
            parsed = time.fromisoformat(value)
        except ValueError:
            parsed = None
        if parsed is not None and parsed.tzinfo is None and len(value) == len("08:00"):
            return parsed
    raise ValueError('is not a time of day: write it like "08:00" or "17:30"')


def wall_datetime(value: object) -> datetime:
    """`value`, a local date and time of this century. Raises ValueError."""
    if not isinstance(value, datetime) or value.tzinfo is not None:
        raise ValueError(
            "is not a local date and time: write it without a zone, like 2026-12-24T12:00:00"
        )
    # The years 1 and 9999 have local times that no instant in UTC corresponds to.
    if not 2000 <= value.year < 2100:
        raise ValueError(f"is in the year {value.year}: correct the year")
    return value


Key = Annotated[
    str,
    Field(
        max_length=64,
        pattern=r"^[a-z][a-z0-9_-]*$",
        description="small letters, digits, - and _, beginning with a letter",
    ),
]
PhoneNumber = Annotated[str, AfterValidator(e164)]
Text = Annotated[str, Field(max_length=200), AfterValidator(_one_line)]
PageAddress = Annotated[str, Field(max_length=80), AfterValidator(_neutral_address)]
WallTime = Annotated[time, BeforeValidator(_wall_time)]
WallDateTime = Annotated[datetime, BeforeValidator(wall_datetime)]
