"""Codes of an authenticator app: RFC 6238 (TOTP) on RFC 4226 (HOTP), and nothing else.

Pure: the time comes in as the number of its 30 s step.
"""

from __future__ import annotations

import base64
import hmac
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

STEP_SECONDS: Final = 30
DIGITS: Final = 6
DRIFT: Final = 1
"""Steps to either side that are taken too: a phone's clock is off, and typing takes a while
(RFC 6238, 5.2)."""


def step_of(now: datetime) -> int:
    """The step in which an instant (aware) lies."""
    return int(now.timestamp()) // STEP_SECONDS


def code_at(secret: bytes, step: int, *, digits: int = DIGITS, digest: str = "sha1") -> str:
    """The code of a step. SHA-1 is what every authenticator app takes (RFC 6238, 1.2)."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), digest)
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def matching_step(secret: bytes, code: str, *, now: datetime, after: int) -> int | None:
    """The step whose code this is, among those near `now` and later than `after`; None: no such.

    after: the last step a code was taken of, so that no code is good twice (RFC 6238, 5.2).
    """
    present = step_of(now)
    for step in range(present - DRIFT, present + DRIFT + 1):
        if step > after and hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            return step
    return None


def base32(secret: bytes) -> str:
    """The secret as apps take it: letters and digits, without padding."""
    return base64.b32encode(secret).decode().rstrip("=")


def in_groups(text: str, size: int = 4) -> str:
    """Groups of four, as a person copies them."""
    return " ".join(text[start : start + size] for start in range(0, len(text), size))


def otpauth_uri(secret: bytes, *, issuer: str, account: str) -> str:
    """The address that opens an authenticator app with everything filled in."""
    label = quote(f"{issuer}:{account}", safe="")
    query = urlencode({"secret": base32(secret), "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{label}?{query}"
