"""What we need of the telephone network, and how the network says no.

The carrier's own client stands in ivr.carrier.rest; nothing below it knows which carrier it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Trouble(StrEnum):
    """Why the carrier did not take a message or a call. Each asks something else of the desk."""

    BAD_NUMBER = "bad_number"
    """No such number, or one that cannot receive this: correct it."""
    OPTED_OUT = "opted_out"
    """Its owner told the carrier to stop: ask them to text START, or to name another number."""
    UNREACHABLE = "unreachable"
    """The phone is off, out of reach or blocks us: later, or another way."""
    THROTTLED = "throttled"
    """We send faster than the account may: wait."""
    NOT_REGISTERED = "not_registered"
    """Our own number may not send texts (in the USA: A2P registration): register it."""
    CARRIER_TROUBLE = "carrier_trouble"
    """Something of theirs, or on the way to them, is broken: wait."""
    TIMEOUT = "timeout"
    """No answer in time. They may have taken it."""
    REFUSED_CREDENTIALS = "refused_credentials"
    """Our account or its secret is wrong or suspended: the operator must act."""


class CarrierError(Exception):
    """The carrier did not take it.

    code: the carrier's own error number. http_status: of its answer; None where there was none.
    """

    def __init__(
        self, kind: Trouble, *, code: int | None = None, http_status: int | None = None
    ) -> None:
        super().__init__(f"{kind} (carrier's code {code}, HTTP status {http_status})")
        self.kind = kind
        self.code = code
        self.http_status = http_status


@dataclass(frozen=True, slots=True)
class ListedCall:
    """A call as the network's own list of calls tells of it. Each leg is an entry of its own.

    from_number, to_number: E.164, or what the network writes where the caller withheld theirs.
    started_at: aware UTC. ended_at: the same; None while the call goes on.
    parent_sid: the call that dialled this one; None where none did.
    """

    sid: str
    from_number: str
    to_number: str
    started_at: datetime
    ended_at: datetime | None
    parent_sid: str | None


@dataclass(frozen=True, slots=True)
class ListedText:
    """A text as the network's own list of messages tells of it. created_at: aware UTC.

    from_number, to_number: E.164, or what the network writes where they are not numbers.
    """

    sid: str
    from_number: str
    to_number: str
    body: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording as the carrier hands it out. content_type: such as audio/x-wav."""

    content: bytes
    content_type: str


class Recordings(Protocol):
    """Where messages that callers spoke can be listened to."""

    def recording(self, sid: str) -> Recording:
        """The recording with the carrier's id `sid`. Raises CarrierError."""


class Telephony(Protocol):
    """A way out to the telephone network. Numbers are E.164. Every method raises CarrierError."""

    def send_sms(self, *, to: str, from_: str, body: str, status_callback: str | None) -> str:
        """Hand over a text message; return the carrier's id for it."""

    def place_call(
        self,
        *,
        to: str,
        from_: str,
        url: str,
        status_callback: str | None,
        timeout_seconds: int,
        detect_machine: bool = False,
    ) -> str:
        """Ring `to` for so many seconds; `url` answers what is heard. Return the carrier's id.

        detect_machine: wait for a voicemail's tone, and say in the request to `url` who answered.
        """

    def hang_up(self, call_sid: str) -> None:
        """End a call, ringing or connected; call_sid: the carrier's id of it."""

    def delete_recording(self, sid: str) -> None:
        """Delete a recording; one that is gone already is no error."""

    def list_calls(
        self, *, since: datetime, to: str | None = None, from_: str | None = None
    ) -> list[ListedCall]:
        """The calls to or from a number that began at `since` (aware UTC) or later, all of them."""

    def list_texts(self, *, since: datetime, to: str, from_: str) -> list[ListedText]:
        """The texts to a number that were taken at `since` (aware UTC) or later."""

    def list_received(self, *, since: datetime, to: str) -> list[ListedText]:
        """The texts that came in to a number of ours at `since` (aware UTC) or later, all."""
