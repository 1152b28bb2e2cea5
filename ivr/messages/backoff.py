"""When to try a failed message again, and when to give it to a person. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ivr.messages.telephony import Trouble

MOST_ATTEMPTS = 30
"""Claims of one message, whatever went wrong.

Beyond every limit below: only a message whose workers die while they send it gets this far.
"""


@dataclass(frozen=True)
class _Patience:
    """first: the first wait; it doubles up to `longest`. attempts: the last one that is made."""

    first: timedelta
    longest: timedelta
    attempts: int


_NONE = _Patience(timedelta(0), timedelta(0), attempts=1)

PATIENCE = {
    # Trying again cannot help: a person has to act.
    Trouble.BAD_NUMBER: _NONE,
    Trouble.OPTED_OUT: _NONE,
    Trouble.NOT_REGISTERED: _NONE,
    # A phone that is off tends to stay off for minutes.
    Trouble.UNREACHABLE: _Patience(timedelta(seconds=30), timedelta(minutes=5), attempts=4),
    # The default limit is one a second, so the wait is short and no fault of the message.
    Trouble.THROTTLED: _Patience(timedelta(seconds=1), timedelta(seconds=30), attempts=25),
    Trouble.CARRIER_TROUBLE: _Patience(timedelta(seconds=2), timedelta(minutes=1), attempts=10),
    Trouble.TIMEOUT: _Patience(timedelta(seconds=2), timedelta(minutes=1), attempts=10),
    # An operator who reads the log corrects the secret within minutes, or not before morning.
    Trouble.REFUSED_CREDENTIALS: _Patience(
        timedelta(seconds=30), timedelta(minutes=1), attempts=15
    ),
}


def backoff(attempts: int, kind: Trouble) -> timedelta | None:
    """How long to wait after the `attempts`-th attempt failed for `kind`; None is give up.

    Raises ValueError for fewer than one attempt: nothing can have failed yet.
    """
    if attempts < 1:
        raise ValueError(f"{attempts} attempts: count the one that failed")
    patience = PATIENCE[kind]
    if attempts >= patience.attempts:
        return None
    doubled: timedelta = patience.first * 2 ** (attempts - 1)
    return min(doubled, patience.longest)
