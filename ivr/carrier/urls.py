"""The addresses we hand to the carrier: absolute, from PUBLIC_BASE_URL, without patient detail."""

from __future__ import annotations

from dataclasses import dataclass

INCOMING = "/voice/incoming"
TURN = "/voice/turn"
STATUS = "/voice/status"
FALLBACK = "/voice/fallback"
WHISPER = "/voice/whisper"
SMS = "/sms/incoming"
SMS_STATUS = "/sms/status"


@dataclass(frozen=True)
class Urls:
    """Builds them. base: PUBLIC_BASE_URL without a trailing slash."""

    base: str

    def turn(self, number: int) -> str:
        """Where the answer to turn `number` is posted."""
        return f"{self.base}{TURN}/{number}"

    def whisper(self, ticket_id: str, person: str) -> str:
        """What an on-call person hears before the call is connected."""
        return f"{self.base}{WHISPER}/{ticket_id}/{person}"

    def whisper_answer(self, ticket_id: str, person: str, attempt: int) -> str:
        """Where the key they press goes."""
        return f"{self.whisper(ticket_id, person)}/answer/{attempt}"

    def fallback_ring(self, attempt: int) -> str:
        """Where the outcome of ring `attempt` goes while the database is away."""
        return f"{self.base}{FALLBACK}/ring/{attempt}"

    def fallback_whisper(self) -> str:
        """The whisper that needs no database."""
        return f"{self.base}{FALLBACK}/whisper"

    def fallback_whisper_answer(self, attempt: int) -> str:
        """Where the key goes that was pressed in it."""
        return f"{self.base}{FALLBACK}/whisper/answer/{attempt}"

    def sms_status(self) -> str:
        """Delivery reports of the texts we send."""
        return f"{self.base}{SMS_STATUS}"
