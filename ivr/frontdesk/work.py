"""What the buttons of the desk's lists have in common.

Under which key a form counts once, what is recorded, and how a refusal is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid4

from flask import request
from sqlalchemy.orm import Session

from ivr.frontdesk import audit
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.wording import Words, say
from scheduling.errors import SchedulingError
from scheduling.requests import Request
from scheduling.states import Channel

_WORDS: Final[Words] = {
    "StaleVersion": "Somebody changed this a moment ago. It is shown as it is now: look at "
    "it again, then decide again.",
    "UnknownRecall": "This recall is no longer to be done: somebody closed it, or a visit "
    "was completed. The list below is as it is now.",
    "SnoozePastDue": "It cannot be put off beyond the day on which it is due. Choose a day "
    "up to it.",
    "RecallFollowsPump": "A refill's recall is not closed by hand: book and complete the "
    "refill, and it follows.",
    "WaitlistOfferGone": "This offer is gone: it was answered, or its time ran out and "
    "somebody else has it. The list below is as it is now.",
    "UnknownWaitlistEntry": "This person waits no more: somebody took them off the list, or "
    "they have a visit. The list below is as it is now.",
    "PatientBusy": "The patient has another visit at that time. Move that visit first, or "
    "decline the offer for them.",
    "SlotTaken": "Somebody else has this time by now. Decline the offer, and the next free "
    "time is offered.",
    "KeyReused": "This form was sent before for something else. Reload the page and do it again.",
}
"""Refusals as the desk is told them, by the name of their class.

Every other one says what to do in its own words.
"""


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
        if kind.__name__ in _WORDS:
            return say(_WORDS[kind.__name__])
    said = str(error)
    return f"{said[:1].upper()}{said[1:]}."
