"""What a form's fields say, as values. What cannot be meant is refused in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

import phonenumbers

from ivr.frontdesk.wording import say
from scheduling.errors import InvalidInput, UnsuitablePhone


def text(form: Mapping[str, str], name: str) -> str:
    """Without the spaces around it; empty where nothing was written."""
    return " ".join(form.get(name, "").split())


def optional(form: Mapping[str, str], name: str) -> str | None:
    """The same, None where nothing was written."""
    return text(form, name) or None


def day(form: Mapping[str, str], name: str, what: str) -> date:
    """A day as a date field sends it. Raises InvalidInput."""
    found = optional_day(form, name, what)
    if found is None:
        raise InvalidInput(say("{what} is missing: enter it", what=what))
    return found


def optional_day(form: Mapping[str, str], name: str, what: str) -> date | None:
    """The same, None where the field was left empty."""
    written = text(form, name)
    if not written:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise InvalidInput(
            say("{what} is not a date: write it as 2026-11-23", what=what)
        ) from error


def phone(form: Mapping[str, str], name: str) -> str:
    """A number in whatever way it is written here, as E.164. Raises UnsuitablePhone."""
    try:
        parsed = phonenumbers.parse(text(form, name), "US")
    except phonenumbers.NumberParseException as error:
        raise UnsuitablePhone(
            say("the number is not a phone number: write it with its area code")
        ) from error
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def version(form: Mapping[str, str]) -> int:
    """Which state of a record the form was about. Raises InvalidInput."""
    try:
        return int(form.get("version", ""))
    except ValueError as error:
        raise InvalidInput(say("this form is incomplete: load the page again")) from error


def an_id(written: str) -> UUID | None:
    """An id, None for anything else."""
    try:
        return UUID(written)
    except ValueError:
        return None


def place(form: Mapping[str, str]) -> tuple[datetime, UUID | None, UUID | None]:
    """Where a visit is put: the start (aware), the provider and the room. None: not said.

    Raises InvalidInput.
    """
    at, *whose = form.get("slot", "").split("|")
    try:
        starts_at = datetime.fromisoformat(at)
        provider_id, room_id = (UUID(one) if one else None for one in [*whose, "", ""][:2])
    except ValueError as error:
        raise InvalidInput(say("no time was chosen: choose one of those below")) from error
    if starts_at.tzinfo is None:
        raise InvalidInput(say("no time was chosen: choose one of those below"))
    return starts_at, provider_id, room_id


def start(form: Mapping[str, str]) -> tuple[datetime, UUID]:
    """The start (aware) and the provider that were chosen. Raises InvalidInput."""
    starts_at, provider_id, _ = place(form)
    if provider_id is None:
        raise InvalidInput(say("no time was chosen: choose one of those below"))
    return starts_at, provider_id
