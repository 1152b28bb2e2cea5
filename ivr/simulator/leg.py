"""A leg: one telephone's connection to the company, which Twilio calls a Call."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Literal

from ivr.simulator.timeline import Appointment, seconds_between
from ivr.simulator.transcript import Heard, Kind
from ivr.simulator.webhooks import Request

if TYPE_CHECKING:
    from ivr.simulator.exchange import Exchange
    from ivr.simulator.execution import Execution
    from ivr.simulator.phone import Phone

Direction = Literal["inbound", "outbound-api", "outbound-dial"]
API_VERSION = "2010-04-01"
OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
_EVENT_OF = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}


def new_sid(prefix: str) -> str:
    """An identifier in Twilio's form: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


@dataclass(frozen=True)
class Subscription:
    """Where to report a leg's progress, and which events: Twilio's StatusCallback."""

    url: str
    method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})


class Leg:
    """One call resource. Every method expects the exchange's lock to be held."""

    def __init__(
        self,
        exchange: "Exchange",
        *,
        from_number: str,
        to_number: str,
        direction: Direction,
        phone: "Phone | None",
        parent: "Leg | None" = None,
        subscription: Subscription | None = None,
    ) -> None:
        self.exchange = exchange
        self.sid = new_sid("CA")
        self.from_number = from_number
        self.to_number = to_number
        self.direction = direction
        self.phone = phone
        self.parent = parent
        self.subscription = subscription
        self.status = "queued"
        self.answered_by = ""
        self.created_at = exchange.clock.now()
        self.dialled_at: datetime | None = None
        self.answered_at: datetime | None = None
        self.ended_at: datetime | None = None
        self.transcript: list[Heard] = []
        self.last_input = 0
        """Where in the transcript the person last did something."""
        self.execution: Execution | None = None
        self.bridged_with: Leg | None = None
        self.ring_timer: Appointment | None = None
        self.when_answered: Callable[[], None] = lambda: None
        self.when_over: Callable[[], None] = lambda: None
        self._sequence = 0

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    @property
    def started_at(self) -> datetime | None:
        """Twilio's start time: of a call that nobody answered, when it was dialled."""
        return self.answered_at or self.dialled_at

    @property
    def name(self) -> str:
        """Whoever is at this leg's telephone, for people to read."""
        return self.phone.label if self.phone else self.from_number

    @property
    def duration_s(self) -> int:
        """Whole seconds from answer to end; 0 for a call that was never answered."""
        if self.answered_at is None:
            return 0
        return seconds_between(self.answered_at, self.ended_at or self.exchange.clock.now())

    def hear(
        self,
        kind: Kind,
        text: str,
        *,
        until: datetime | None = None,
        language: str = "",
        voice: str = "",
    ) -> Heard:
        """Let the person at this leg's telephone hear something."""
        heard = Heard(self.exchange.clock.now(), kind, text, until, language, voice)
        self.transcript.append(heard)
        self.exchange.changed()
        return heard

    def did(self, kind: Kind, text: str) -> None:
        """Note what the person did; what they hear from here on is their answer."""
        self.hear(kind, text, until=self.exchange.clock.now())
        self.last_input = len(self.transcript)

    def advance(self, status: str) -> None:
        """Move to a status that is not an end, and report it."""
        self.status = status
        self.dialled_at = self.dialled_at or self.exchange.clock.now()
        self._report(_EVENT_OF.get(status, ""))
        self.exchange.changed()

    def answer(self) -> None:
        """Take the call off the hook; later calls change nothing."""
        if self.answered_at is None and not self.is_over:
            self.answered_at = self.exchange.clock.now()
            self.advance("in-progress")

    def connect(self, other: "Leg") -> None:
        """Let the people at both legs talk with each other."""
        self.bridged_with, other.bridged_with = other, self
        for leg, far in ((self, other), (other, self)):
            leg.hear("notice", f"Connected with {far.name}.", until=self.exchange.clock.now())
        for leg, far in ((self, other), (other, self)):
            if far.phone and far.phone.greeting:
                self.exchange.speak_to(leg, far.phone.greeting)

    def part(self) -> None:
        """Let them talk no longer; both calls go on."""
        other, self.bridged_with = self.bridged_with, None
        if other:
            other.bridged_with = None

    def end(self, status: str = "") -> None:
        """End the call; where no status is given, by whether it was answered."""
        if self.is_over:
            return
        self.status = status or ("completed" if self.answered_at else "no-answer")
        self.ended_at = self.exchange.clock.now()
        if self.ring_timer:
            self.ring_timer.cancel()
        if self.phone:
            self.phone.release(self)
        if self.execution:
            self.execution.stop()
        self.part()
        for heard in self.transcript:
            heard.until = min(heard.until or self.ended_at, self.ended_at)
        self.hear("notice", f"The call is over ({self.status}).", until=self.ended_at)
        self.when_over()
        self._report("completed")

    def params(self) -> tuple[tuple[str, str], ...]:
        """The fields that come with every webhook about this call."""
        fields = {
            "AccountSid": self.exchange.config.account_sid,
            "ApiVersion": API_VERSION,
            "CallSid": self.sid,
            "CallStatus": self.status,
            "Direction": self.direction,
            "From": self.from_number,
            "To": self.to_number,
            "Caller": self.from_number,
            "Called": self.to_number,
        }
        for role, number in (
            ("From", self.from_number),
            ("To", self.to_number),
            ("Caller", self.from_number),
            ("Called", self.to_number),
        ):
            fields |= {f"{role}City": "", f"{role}State": "", f"{role}Zip": ""}
            fields[f"{role}Country"] = "US" if number.startswith("+1") else ""
        if self.parent:
            fields["ParentCallSid"] = self.parent.sid
        if self.answered_by:
            fields["AnsweredBy"] = self.answered_by
        return tuple(fields.items())

    def _report(self, event: str) -> None:
        wanted = self.subscription
        if wanted is None or event not in wanted.events:
            return
        fields = {
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(self._sequence),
            "Timestamp": format_datetime(self.exchange.clock.now()),
        }
        self._sequence += 1
        if self.is_over:
            fields["CallDuration"] = str(self.duration_s)
            fields["Duration"] = str(-(-self.duration_s // 60))
        self.exchange.notify(
            Request(
                f"status callback: {self.status}",
                wanted.url,
                self.params() + tuple(fields.items()),
                wanted.method,
                self.sid,
            )
        )
