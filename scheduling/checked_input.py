"""What may come in from outside: instants with a zone, text of a sane length, numbers, days."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime

import phonenumbers

from scheduling.errors import (
    EndBeforeStart,
    InvalidInput,
    NaiveTime,
    UnsuitablePhone,
    UnsuitableText,
)

NAME_LENGTH = 200
"""Characters (Unicode code points) in a person's or clinic's name."""
KEY_LENGTH = 64
"""Characters in a slug, such as a visit type's key."""
HOLDER_LENGTH = 200
"""Characters in the name of whoever holds a slot, and in an idempotency key or an actor."""
OLDEST_YEARS = 130
"""No patient is older. The longest human life on record lasted 122 years."""

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)


def aware(value: datetime, what: str) -> datetime:
    """`value` in UTC. Raises NaiveTime where it has no zone."""
    if value.tzinfo is None or value.utcoffset() is None:
        raise NaiveTime(f"{what} is {value.isoformat()} without a time zone: add one")
    return value.astimezone(UTC)


def span(starts_at: datetime, ends_at: datetime, what: str) -> tuple[datetime, datetime]:
    """Both ends in UTC. Raises NaiveTime, or EndBeforeStart for an empty or backward span."""
    start, end = aware(starts_at, f"{what}'s start"), aware(ends_at, f"{what}'s end")
    if end <= start:
        raise EndBeforeStart(f"{what} ends at {end} but starts at {start}: swap or correct them")
    return start, end


def text(value: str, what: str, *, at_most: int = NAME_LENGTH) -> str:
    """`value` as it was given: no script, accent or direction of writing is altered.

    Raises UnsuitableText where it is blank, longer than `at_most` characters, or holds control
    characters or half a surrogate pair, which not every database can store.
    """
    if not value.strip():
        raise UnsuitableText(f"{what} is empty: give one, or leave it out")
    if len(value) > at_most:
        raise UnsuitableText(
            f"{what} has {len(value)} characters: shorten it to {at_most} or fewer"
        )
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise UnsuitableText(f"{what} holds control characters: remove them")
    return value


def lines(value: str, what: str, *, at_most: int) -> str:
    """`value` with plain line ends and without blank lines around it, otherwise as it was given.

    Raises UnsuitableText as text() does.
    """
    kept = "\n".join(line.rstrip() for line in value.splitlines()).strip("\n")
    text(kept.replace("\n", " ").replace("\t", " "), what, at_most=at_most)
    return kept


def phone(value: str, what: str) -> str:
    """`value`, a number in E.164 that somebody could have. Raises UnsuitablePhone.

    Whether its numbering plan has such a number is what `phonenumbers` says.
    """
    if not _E164.fullmatch(value):
        raise UnsuitablePhone(
            f"{what} is not in E.164: write it as + and country code, digits only"
        )
    try:
        parsed = phonenumbers.parse(value)
    except phonenumbers.NumberParseException as error:
        raise UnsuitablePhone(f"{what} has no known country code: correct it") from error
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    # Written otherwise, one telephone would be two numbers.
    if written != value or not phonenumbers.is_valid_number(parsed):
        raise UnsuitablePhone(f"{what} is a number that nobody can have: ask for it again")
    return value


def day(value: date, what: str) -> date:
    """`value`. Raises InvalidInput for a datetime: a day of the calendar has no time and zone."""
    if isinstance(value, datetime):
        raise InvalidInput(f"{what} has a time of day: give the date alone")
    return value


def date_of_birth(value: date, today: date) -> date:
    """`value`. Raises InvalidInput for one in the future or more than 130 years back."""
    day(value, "the date of birth")
    if value > today:
        raise InvalidInput("the date of birth is in the future: correct the year")
    if value.year < today.year - OLDEST_YEARS:
        raise InvalidInput(f"the date of birth is over {OLDEST_YEARS} years back: correct the year")
    return value


def date_of_death(value: date, *, born: date, today: date) -> date:
    """`value`. Raises InvalidInput for one in the future or before the birth."""
    day(value, "the date of death")
    if value > today:
        raise InvalidInput("the date of death is in the future: correct it")
    if value < born:
        raise InvalidInput("the date of death is before the birth: correct one of them")
    return value
