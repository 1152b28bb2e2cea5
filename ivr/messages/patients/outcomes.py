"""What telling a patient of a visit came to, as the desk reads it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ivr.messages import delivery
from ivr.messages.outcomes import Outcome, not_arrived
from ivr.messages.patients.answers import Answer

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
    if sent.state == "failed" or sent.delivery in delivery.NOT_DELIVERED:
        return not_arrived(reported=sent.delivery, error=sent.error, code=sent.error_code)
    if sent.state != "sent":
        return Outcome.WAITING
    return _OF_DELIVERY.get(sent.delivery or "", Outcome.SENT)
