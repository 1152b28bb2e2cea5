"""Whether this machine's time zones are right and its secrets are secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LEAST_LETTERS = 12
"""Different ones in a secret: 48 random characters have about 34, and any word has fewer."""

_CHANGED = "America/Mexico_City"
_SUMMER = datetime(2026, 7, 1, 12)  # noqa: DTZ001  # the zone is what is looked at
_SINCE_2022 = timedelta(hours=-6)
"""Mexico gave up summer time in October 2022: data that do not know it are older."""

_PLACEHOLDER = re.compile(r"change.?me|secret|passw|example|insecure|0123456|qwerty", re.IGNORECASE)


def time_zones_are_known() -> Iterator[str]:
    """Every time that is said or booked is computed by them."""
    advice = "install the system's tzdata package (apt-get install tzdata), and restart all."
    try:
        zone = ZoneInfo(_CHANGED)
    except ZoneInfoNotFoundError:
        yield f"This machine has no time zone data, so no local time can be told: {advice}"
        return
    if zone.utcoffset(_SUMMER) != _SINCE_2022:
        yield (
            "This machine's time zone data are from before October 2022, so some local times are "
            f"wrong: {advice}"
        )


def old_token_is_gone(old: str | None) -> Iterator[str]:
    """Whoever has it can pretend to be the carrier."""
    if old is not None:
        yield (
            "TWILIO_AUTH_TOKEN_OLD is still set, so requests signed with it are taken for the "
            "carrier's: unset it as soon as the new token is the primary one in the Twilio console."
        )


def secret_key_is_strong(key: str, *others: str) -> Iterator[str]:
    """others: secrets that it must not be."""
    advice = (
        'Make one with python -c "import secrets; print(secrets.token_urlsafe(48))". Everybody '
        "then logs in anew, second factors are set up again and the audit's seals begin anew."
    )
    if key in others:
        yield f"SECRET_KEY is another secret of this service over again: give it its own. {advice}"
    elif len(set(key)) < LEAST_LETTERS or key in (key + key)[1:-1] or _PLACEHOLDER.search(key):
        yield f"SECRET_KEY can be guessed, and with it everybody's log-in forged. {advice}"
