"""What the buttons of the desk's lists have in common: who may press them, under which key a form
counts once, what is recorded, and how a refusal is said.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid4

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import audit, errors
from ivr.frontdesk.sessions import SignedIn
from scheduling import errors as refusals
from scheduling.errors import SchedulingError
from scheduling.requests import Request
from scheduling.states import Channel

MAY_WORK_THE_LISTS: Final = frozenset({"front_desk", "on_call", "admin"})
"""Roles, by name: recalls, waitlist, messages, the log of calls, the numbers."""

MAY_EXPORT: Final = frozenset({"front_desk", "admin"})
"""Who may take the book out of the system as a file."""

MAY_CHANGE_SETTINGS: Final = frozenset({"admin"})

_WORDS: Final[Mapping[type[SchedulingError], str]] = {
    refusals.StaleVersion: "Somebody changed this a moment ago. It is shown as it is now: look at "
    "it again, then decide again.",
    refusals.UnknownRecall: "This recall is no longer to be done: somebody closed it, or a visit "
    "was completed. The list below is as it is now.",
    refusals.SnoozePastDue: "It cannot be put off beyond the day on which it is due. Choose a day "
    "up to it.",
    refusals.RecallFollowsPump: "A refill's recall is not closed by hand: book and complete the "
    "refill, and it follows.",
    refusals.WaitlistOfferGone: "This offer is gone: it was answered, or its time ran out and "
    "somebody else has it. The list below is as it is now.",
    refusals.UnknownWaitlistEntry: "This person waits no more: somebody took them off the list, or "
    "they have a visit. The list below is as it is now.",
    refusals.PatientBusy: "The patient has another visit at that time. Move that visit first, or "
    "decline the offer for them.",
    refusals.SlotTaken: "Somebody else has this time by now. Decline the offer, and the next free "
    "time is offered.",
    refusals.KeyReused: "This form was sent before for something else. Reload the page and do it "
    "again.",
}
"""Refusals as the desk is told them; every other one says what to do in its own words."""


def refused(user: SignedIn, roles: Collection[str], what: str) -> ResponseReturnValue | None:
    """The page that turns away whoever has none of `roles`; None for everybody else.

    what: as in "Your account may not …".
    """
    if user.role in roles:
        return None
    return errors.problem(
        403,
        f"Your account may not {what}",
        "Ask a colleague, or your clinic's administrator for another role.",
    )


def new_key() -> str:
    """What a form carries so that, sent twice, it counts once."""
    return str(uuid4())


def request_of(user: SignedIn, now: datetime) -> Request:
    """The present form's request for a change, made by whoever is signed in."""
    try:
        key = UUID(request.form.get("key", ""))
    except ValueError:
        key = uuid4()
    return Request(user.name, Channel.DESK, now, f"desk {user.staff_id} {key}")


def version_of() -> int | None:
    """The version that the present form was made from; None where it says none."""
    said = request.form.get("version", "")
    return int(said) if said.isdecimal() and len(said) < 10 else None


def day_of(said: str) -> date | None:
    """A day as a date field sends it; None for anything else."""
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None


def note(
    session: Session, user: SignedIn, action: str, detail: Mapping[str, str | int], now: datetime
) -> None:
    """Record in the audit what this person read or changed; see audit.record()."""
    audit.record(
        session,
        clinic_id=user.clinic_id,
        staff_id=user.staff_id,
        action=action,
        detail=detail,
        now=now,
    )


def in_words(error: SchedulingError) -> str:
    """What the person at the desk is told of a refusal, and what to do next."""
    for kind in type(error).__mro__:
        if kind in _WORDS:
            return _WORDS[kind]
    said = str(error)
    return f"{said[:1].upper()}{said[1:]}."
