"""A complete environment for tests, with no secret that guards anything."""

from __future__ import annotations

ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
AUTH_TOKEN = "token-of-the-account-0123456789"
OLD_AUTH_TOKEN = "token-before-the-rotation-98765"
SECRET_KEY = "a-key-that-signs-cookies-in-tests-only-42"


def complete_environment(**changes: str | None) -> dict[str, str]:
    """Every variable without which nothing starts; None takes one away."""
    environment = {
        "DATABASE_URL": "postgresql://callnow:hunter2@db.example/callnow",
        "PUBLIC_BASE_URL": "https://line.example",
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "SECRET_KEY": SECRET_KEY,
    }
    return {name: value for name, value in {**environment, **changes}.items() if value is not None}
