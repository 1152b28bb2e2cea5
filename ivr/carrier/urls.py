"""The addresses we hand to the carrier: absolute, from PUBLIC_BASE_URL, without patient detail."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.messages.patients.offers import OFFER_PATH
from ivr.messages.patients.planning import REMINDER_PATH
from ivr.messages.patients.recall_texts import RECALL_PATH
from ivr.oncall.paging import PAGE_PATH
from ivr.oncall.trial_rings import TRIAL_PATH

INCOMING = "/voice/incoming"
TURN = "/voice/turn"
STATUS = "/voice/status"
FALLBACK = "/voice/fallback"
WHISPER = "/voice/whisper"
PAGE = PAGE_PATH
CALL_BACK = "/voice/callback"
WAIT = "/voice/wait"
DESK = "/voice/desk"
TRIAL = TRIAL_PATH
MESSAGE = "/voice/message"
REMINDER = REMINDER_PATH
OFFER = OFFER_PATH
RECALL = RECALL_PATH
RECORDED = "/voice/recorded"
_CALLS = {"reminder_call": REMINDER, "offer_call": OFFER, "recall_call": RECALL}
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

    def desk_whisper(self, needs: str) -> str:
        """What the desk hears before the call is connected: which language its caller needs."""
        return f"{self.base}{DESK}/{needs}"

    def page_answer(self, ticket_id: str, person: str, attempt: int) -> str:
        """Where the key goes that is pressed in a call which pages them."""
        return f"{self.base}{PAGE}/{ticket_id}/{person}/answer/{attempt}"

    def call_back(self, ticket_id: str, person: str) -> str:
        """Where the key goes with which whoever accepted calls the caller back."""
        return f"{self.base}{CALL_BACK}/{ticket_id}/{person}"

    def called_back(self, ticket_id: str, person: str) -> str:
        """Where the outcome of that call goes."""
        return f"{self.call_back(ticket_id, person)}/ended"

    def fetched(self, ticket_id: str, person: str) -> str:
        """Where it goes how fetching the waiting caller ended."""
        return f"{self.call_back(ticket_id, person)}/fetched"

    def wait(self, language: str, seconds: int) -> str:
        """What a caller hears who waits for whoever accepts, for so long at most."""
        return f"{self.base}{WAIT}/{language}/{seconds}"

    def trial_answer(self, ring_id: str) -> str:
        """Where the key goes that is pressed in a ring to try."""
        return f"{self.base}{TRIAL}/{ring_id}/answer"

    def message_recorded(self, clinic_id: str) -> str:
        """Where it goes that a message was recorded: the carrier names no number called there."""
        return f"{self.base}{MESSAGE}/{clinic_id}/recorded"

    def message_transcribed(self, clinic_id: str) -> str:
        """Where its transcript goes."""
        return f"{self.base}{MESSAGE}/{clinic_id}/transcribed"

    def recorded(self, clinic_id: str, name: str) -> str:
        """Where a recorded prompt is fetched: named by its clinic and its content."""
        return f"{self.base}{RECORDED}/{clinic_id}/{name}"

    def fallback_ring(self, attempt: int) -> str:
        """Where the outcome of ring `attempt` goes while the database is away."""
        return f"{self.base}{FALLBACK}/ring/{attempt}"

    def fallback_whisper(self) -> str:
        """The whisper that needs no database."""
        return f"{self.base}{FALLBACK}/whisper"

    def fallback_whisper_answer(self, attempt: int) -> str:
        """Where the key goes that was pressed in it."""
        return f"{self.base}{FALLBACK}/whisper/answer/{attempt}"

    def sms_status(self, message_id: str) -> str:
        """Where it is reported what became of a text."""
        return f"{self.base}{SMS_STATUS}/{message_id}"

    def patient_call_status(self, kind: str, message_id: str) -> str:
        """Where it is reported what became of a call to a patient, of one of at_most_once.CALLS."""
        return f"{self.base}{_CALLS[kind]}/{message_id}/status"
