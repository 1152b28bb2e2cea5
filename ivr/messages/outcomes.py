"""What became of a message, one word for each way, the carrier's errors one by one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from ivr.messages.telephony import Trouble


class Outcome(StrEnum):
    """How it stands. Each asks something else of the desk, or nothing."""

    WANTS_CHANGE = "wants_change"
    WANTS_PERSON = "wants_person"
    OPTED_OUT = "opted_out"
    BAD_NUMBER = "bad_number"
    """No telephone can have it."""
    NO_CALLS = "no_calls"
    """The carrier does not call it: none, or one of a kind that it leaves out."""
    NO_ROUTE = "no_route"
    """It may exist, and the carrier has no way there."""
    NO_SUCH_PHONE = "no_such_phone"
    """It was somebody's once."""
    NO_TEXTS = "no_texts"
    """No cell phone: it exists, and takes no texts."""
    LANDLINE = "landline"
    """Or a cell phone whose company takes no texts from ours."""
    UNREACHABLE = "unreachable"
    BUSY = "busy"
    NOBODY_ANSWERED = "nobody_answered"
    CALL_ENDED = "call_ended"
    CALL_FAILED = "call_failed"
    HEARD_NOTHING = "heard_nothing"
    """The call was picked up, and what it had to say was never fetched."""
    BLOCKED = "blocked"
    """The phone, or its owner's carrier, blocks us."""
    FILTERED = "filtered"
    """A carrier took it for spam."""
    UNEXPLAINED = "unexplained"
    NOT_REGISTERED = "not_registered"
    COUNTRY_CLOSED = "country_closed"
    CARRIER_TROUBLE = "carrier_trouble"
    THROTTLED = "throttled"
    QUEUE_FULL = "queue_full"
    OUR_ACCOUNT = "our_account"
    SUSPENDED = "suspended"
    UNDECIDED = "undecided"
    TOO_LATE = "too_late"
    ENOUGH = "enough"
    NO_NUMBER = "no_number"
    NO_CONSENT = "no_consent"
    DECEASED = "deceased"
    CONFIRMED = "confirmed"
    HEARD = "heard"
    """Somebody picked up and pressed nothing."""
    LEFT_MESSAGE = "left_message"
    DELIVERED = "delivered"
    SENT = "sent"
    WAITING = "waiting"


NEEDS_SOMEBODY: Final[frozenset[Outcome]] = frozenset(
    set(Outcome)
    - {
        *(Outcome.CONFIRMED, Outcome.HEARD, Outcome.LEFT_MESSAGE, Outcome.DELIVERED),
        *(Outcome.SENT, Outcome.WAITING, Outcome.DECEASED),
    }
)
"""Where the patient was not told, or wants something: a person has to act."""

OF_CODE: Final[Mapping[int, Outcome]] = {
    13224: Outcome.NO_CALLS,
    20003: Outcome.OUR_ACCOUNT,
    20005: Outcome.SUSPENDED,
    20429: Outcome.THROTTLED,
    21211: Outcome.BAD_NUMBER,
    21214: Outcome.NO_ROUTE,
    21217: Outcome.BAD_NUMBER,
    21408: Outcome.COUNTRY_CLOSED,
    21610: Outcome.OPTED_OUT,
    21614: Outcome.NO_TEXTS,
    30001: Outcome.QUEUE_FULL,
    30002: Outcome.SUSPENDED,
    30003: Outcome.UNREACHABLE,
    30004: Outcome.BLOCKED,
    30005: Outcome.NO_SUCH_PHONE,
    30006: Outcome.LANDLINE,
    30007: Outcome.FILTERED,
    30008: Outcome.UNEXPLAINED,
    30034: Outcome.NOT_REGISTERED,
}
"""The carrier's error codes [twilio-rules 11]: the ones that ivr.carrier.answers knows."""

OF_REPORT: Final[Mapping[str, Outcome]] = {
    "busy": Outcome.BUSY,
    "no-answer": Outcome.NOBODY_ANSWERED,
    "canceled": Outcome.CALL_ENDED,
    "completed": Outcome.HEARD_NOTHING,
}
"""How a call ended in which nobody was told anything [twilio-rules 8]. "completed" stands last
only where what the call says was never fetched: see ivr.messages.delivery."""

_OF_END: Final[Mapping[str, Outcome]] = {
    "undecided": Outcome.UNDECIDED,
    "worker_died": Outcome.UNDECIDED,
    "too_late": Outcome.TOO_LATE,
}
"""In place of a Trouble: how the worker ended."""

_OF_TROUBLE: Final[Mapping[str, Outcome]] = {
    Trouble.BAD_NUMBER: Outcome.BAD_NUMBER,
    Trouble.OPTED_OUT: Outcome.OPTED_OUT,
    Trouble.UNREACHABLE: Outcome.UNREACHABLE,
    Trouble.NOT_REGISTERED: Outcome.NOT_REGISTERED,
    Trouble.THROTTLED: Outcome.THROTTLED,
    Trouble.CARRIER_TROUBLE: Outcome.CARRIER_TROUBLE,
    Trouble.TIMEOUT: Outcome.CARRIER_TROUBLE,
    Trouble.REFUSED_CREDENTIALS: Outcome.OUR_ACCOUNT,
}
"""Where the carrier's code says no more than that, or there was none."""


def not_arrived(*, reported: str | None, error: str | None, code: int | None) -> Outcome:
    """Why a message that was given up, or reported as not delivered, did not arrive.

    reported: the carrier's last report of it. error: a Trouble, or how the worker ended.
    code: the carrier's own.
    """
    ended = _OF_END.get(error or "")
    known = ended or OF_CODE.get(code or 0) or OF_REPORT.get(reported or "")
    if known is not None:
        return known
    if reported == "failed" and error == Trouble.UNREACHABLE:
        # Of a call alone: a text that fails without a code is trouble at the carrier.
        return Outcome.CALL_FAILED
    return _OF_TROUBLE.get(error or "", Outcome.UNDECIDED)
