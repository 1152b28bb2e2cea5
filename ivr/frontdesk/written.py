"""Instants and telephone numbers as every page of the desk writes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ivr.frontdesk import wording


@dataclass(frozen=True)
class Instant:
    """An instant: `iso` for the machine (UTC), `words` for the person."""

    iso: str
    words: str


@dataclass(frozen=True)
class Phone:
    """A number: `uri` dials it, `words` is how it is written here."""

    uri: str
    words: str


def phone(number: str | None) -> Phone | None:
    """A number (E.164) as the page shows it."""
    return None if number is None else Phone(f"tel:{number}", wording.phone(number))


def iso(instant: datetime) -> str:
    """An instant for the machine, in UTC."""
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")
