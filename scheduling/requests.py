"""Who asks for a change, by which way, when, and under which key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduling import checked_input
from scheduling.errors import InvalidInput
from scheduling.states import Channel


@dataclass(frozen=True, slots=True)
class Request:
    """One request for a change.

    actor: "caller", or a staff member's log-in. now: aware, kept as UTC.
    key: the request's own name. The same key again is the same request: it changes nothing more.

    Raises InvalidInput where a value will not do.
    """

    actor: str
    channel: Channel
    now: datetime
    key: str

    def __post_init__(self) -> None:
        checked_input.text(self.actor, "the actor", at_most=checked_input.HOLDER_LENGTH)
        checked_input.text(self.key, "the idempotency key", at_most=checked_input.HOLDER_LENGTH)
        object.__setattr__(self, "now", checked_input.aware(self.now, "now"))
        # A plain string becomes the enumeration's member, or is refused.
        try:
            object.__setattr__(self, "channel", Channel(self.channel))
        except ValueError as error:
            raise InvalidInput(
                f"channel {str(self.channel)[:20]!r} is unknown: use one of {', '.join(Channel)}"
            ) from error

    @property
    def by_staff(self) -> bool:
        """Whether a person at the desk answers for it; a patient alone may do less."""
        return self.channel is Channel.DESK
