"""What telling a patient of a visit came to, as the desk reads it: one word for each way. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ivr.messages import at_most_once, delivery
from ivr.messages.patients.answers import Answer
from ivr.messages.patients.reach import Unreached
from ivr.messages.telephony import Trouble


class Outcome(StrEnum):
    """How it stands. Each asks something else of the desk, or nothing."""

    WANTS_CHANGE = "wants_change"
    WANTS_PERSON = "wants_person"
    OPTED_OUT = "opted_out"
    BAD_NUMBER = "bad_number"
    NO_TEXTS = "no_texts"
    """A landline, say: it exists, and takes no texts."""
    UNREACHABLE = "unreachable"
    NOBODY_ANSWERED = "nobody_answered"
    BLOCKED = "blocked"
    """The phone, or its owner's carrier, blocks us."""
    FILTERED = "filtered"
    """A carrier took it for spam."""
    NOT_REGISTERED = "not_registered"
    CARRIER_TROUBLE = "carrier_trouble"
    THROTTLED = "throttled"
    OUR_ACCOUNT = "our_account"
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
    13224: Outcome.BAD_NUMBER,
    20429: Outcome.THROTTLED,
    21211: Outcome.BAD_NUMBER,
    21214: Outcome.UNREACHABLE,
    21217: Outcome.BAD_NUMBER,
    21408: Outcome.NOT_REGISTERED,
    21610: Outcome.OPTED_OUT,
    21614: Outcome.NO_TEXTS,
    30003: Outcome.UNREACHABLE,
    30004: Outcome.BLOCKED,
    30005: Outcome.BAD_NUMBER,
    30006: Outcome.NO_TEXTS,
    30007: Outcome.FILTERED,
    30008: Outcome.CARRIER_TROUBLE,
    30034: Outcome.NOT_REGISTERED,
}
"""The carrier's error codes that say more than the kind of trouble [twilio-rules 11]."""

_OF_TROUBLE: Final[Mapping[str, Outcome]] = {
    Trouble.BAD_NUMBER: Outcome.BAD_NUMBER,
    Trouble.OPTED_OUT: Outcome.OPTED_OUT,
    Trouble.UNREACHABLE: Outcome.UNREACHABLE,
    Trouble.NOT_REGISTERED: Outcome.NOT_REGISTERED,
    Trouble.THROTTLED: Outcome.THROTTLED,
    Trouble.CARRIER_TROUBLE: Outcome.CARRIER_TROUBLE,
    Trouble.TIMEOUT: Outcome.CARRIER_TROUBLE,
    Trouble.REFUSED_CREDENTIALS: Outcome.OUR_ACCOUNT,
    Unreached.TOO_LATE.value: Outcome.TOO_LATE,
    at_most_once.UNDECIDED: Outcome.UNDECIDED,
}

_OF_ANSWER: Final[Mapping[str, Outcome]] = {
    Answer.CONFIRMED: Outcome.CONFIRMED,
    Answer.CHANGE: Outcome.WANTS_CHANGE,
    Answer.PERSON: Outcome.WANTS_PERSON,
    Answer.OPTED_OUT: Outcome.OPTED_OUT,
}

_OF_DELIVERY: Final[Mapping[str, Outcome]] = {
    "delivered": Outcome.DELIVERED,
    delivery.ANSWERED: Outcome.HEARD,
    delivery.MACHINE: Outcome.LEFT_MESSAGE,
    "busy": Outcome.NOBODY_ANSWERED,
    "no-answer": Outcome.NOBODY_ANSWERED,
    "canceled": Outcome.NOBODY_ANSWERED,
}


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as the outbox and the carrier tell of it; see OutboxMessage."""

    state: str
    delivery: str | None
    error: str | None
    error_code: int | None


def outcome_of(sent: Sent | None, *, unreached: str | None, answer: str | None) -> Outcome:
    """How it stands. An answer says more than anything else does.

    unreached: why there was no message. sent: None where it was deleted with the number.
    """
    if answer is not None:
        return _OF_ANSWER[answer]
    if unreached is not None:
        return Outcome(unreached)
    if sent is None:
        return Outcome.SENT
    if sent.state == "failed" or sent.delivery in ("undelivered", "failed"):
        by_code = OF_CODE.get(sent.error_code or 0)
        return by_code or _OF_TROUBLE.get(sent.error or "", Outcome.UNDECIDED)
    if sent.state != "sent":
        return Outcome.WAITING
    return _OF_DELIVERY.get(sent.delivery or "", Outcome.SENT)
