"""The way from page to page: what stands in the bar of every page, for whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Flask, g, request, url_for

from ivr.frontdesk import permissions, wording
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.wording import Words, say

PLACES: Final[Words] = {
    "board": "Today",
    "day": "Day",
    "week": "Week",
    "patients": "Patients",
    "recalls": "Recalls",
    "reminders": "Reminders",
    "waitlist": "Waitlist",
    "tasks": "Messages",
    "calls": "Calls",
    "rota": "On call",
    "numbers": "Numbers",
    "digests": "Daily digest",
    "settings": "Settings",
    "sign_off": "Sign-off",
    "users": "People",
    "audit_log": "Audit",
    "account": "My account",
}
"""Endpoint → its name in the bar, in order. Whoever may not use it does not see it."""

FOR_CLINICIANS: Final = frozenset({"sign_off"})
"""What stands in the bar of clinicians alone, whatever their role."""
DAILY: Final = frozenset({"board", "day", "week", "patients", "recalls", "waitlist", "tasks"})
"""What stands in the bar itself where there is room; the rest is in its menu."""
OWN: Final = "account"
"""What stands under the person's name."""


@dataclass(frozen=True)
class Place:
    """One link. `here`: it is the page that is open. `daily`: it is open all day."""

    url: str
    name: str
    here: bool
    daily: bool


def show(app: Flask) -> None:
    """Give every template who is signed in, the places they may go to, and the language."""

    @app.context_processor
    def bar() -> dict[str, object]:
        user: SignedIn | None = g.get("desk_user")
        return {
            "signed_in": user,
            "places": places(user) if user else [],
            "language": wording.language(),
            "page_words": page_words(),
        }


def places(user: SignedIn) -> list[Place]:
    """Where this person may go."""
    return [
        Place(
            url_for(f"frontdesk.{name}"),
            say(title),
            request.endpoint == f"frontdesk.{name}",
            name in DAILY,
        )
        for name, title in PLACES.items()
        if name != OWN
        and permissions.may(user.role, f"frontdesk.{name}")
        and (user.clinician or name not in FOR_CLINICIANS)
    ]


def page_words() -> dict[str, str]:
    """What the scripts of a page say, by the name of its data attribute."""
    return {
        "just-now": say("just now"),
        "ago": say("{age} ago", age="{age}"),
        "live": say("Live"),
        "not-live": say("Not updated since {time}. Trying again …", time="{time}"),
        "urgent": say("{n} urgent", n="{n}"),
        "arrived": say("{n} new entries on the board.", n="{n}"),
    }
