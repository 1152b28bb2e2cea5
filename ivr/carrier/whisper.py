"""What an on-call person hears before an urgent call is connected, and the key they press.

Exactly one person gets the call, decided by the database. Only a pressed 1 connects: everything
else ends in <Hangup/>, so a voicemail that picks up can never be taken for a nurse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.orm import Session as Transaction

from ivr.carrier import twiml
from ivr.carrier.edge import Edge, document
from ivr.carrier.twiml import Documents
from ivr.carrier.urls import WHISPER
from ivr.oncall import tickets
from ivr.oncall.tickets import Accepted, AlreadyAccepted
from scheduling.database import DatabaseUnavailable

log = structlog.get_logger(__name__)

STAFF_LANGUAGE = "en"


def add_whisper_routes(blueprint: Blueprint, edge: Edge) -> None:
    """`/voice/whisper/<ticket>/<person>` and where the key goes."""

    @blueprint.post(f"{WHISPER}/<uuid:ticket_id>/<person>")
    def whisper(ticket_id: UUID, person: str) -> Response:
        return _Whisper(edge, ticket_id, person).ask(attempt=0)

    @blueprint.post(f"{WHISPER}/<uuid:ticket_id>/<person>/answer/<int:attempt>")
    def whisper_answer(ticket_id: UUID, person: str, attempt: int) -> Response:
        leg = _Whisper(edge, ticket_id, person)
        match request.form.get("Digits", ""):
            case "1":
                return leg.accept()
            case "2":
                return leg.say_goodbye("whisper_passed")
            case _ if attempt == 0:
                # One forgiving repeat: a hand still searching for the phone presses anything.
                return leg.ask(attempt=1, first=("whisper_again",))
            case _:
                return leg.say_goodbye("whisper_passed")


@dataclass(frozen=True)
class _Whisper:
    """One ring of one person for one ticket."""

    edge: Edge
    ticket_id: UUID
    person: str

    @property
    def documents(self) -> Documents:
        return self.edge.documents(self.edge.line_called() or self.edge.any_line())

    @property
    def clinic_id(self) -> str:
        return self.documents.line.clinic.id

    def ask(self, *, attempt: int, first: tuple[str, ...] = ()) -> Response:
        says, facts = self._about()
        return document(
            self.documents.whisper(
                (*first, *says, "whisper_keys"),
                facts,
                self.edge.urls.whisper_answer(str(self.ticket_id), self.person, attempt),
                language=STAFF_LANGUAGE,
            )
        )

    def accept(self) -> Response:
        try:
            outcome, left, number = self.edge.database.write(self._accept)
        except DatabaseUnavailable as error:
            # A caller and a nurse are both on the phone: connect them, whatever we can store.
            log.warning(
                "acceptance_not_stored", ticket_id=str(self.ticket_id), reason=type(error).__name__
            )
            return document(twiml.accepted())
        if isinstance(outcome, Accepted):
            log.info("accepted", ticket_id=str(self.ticket_id))
            if not left:
                return document(twiml.accepted())
            if number is None:
                return self.say_goodbye("whisper_caller_gone_no_number")
            return self.say_goodbye("whisper_caller_gone", {"phone": number})
        return self.say_goodbye("whisper_taken", {"person": outcome.by.name})

    def _accept(
        self, transaction: Transaction
    ) -> tuple[Accepted | AlreadyAccepted, bool, str | None]:
        outcome = tickets.accept(
            transaction,
            clinic_id=self.clinic_id,
            ticket_id=self.ticket_id,
            person_key=self.person,
            leg=request.form.get("CallSid", ""),
            now=self.edge.clock(),
        )
        left = tickets.caller_has_left(transaction, self.clinic_id, self.ticket_id)
        ticket = tickets.ticket(transaction, self.clinic_id, self.ticket_id)
        return outcome, left, ticket.callback_number if ticket else None

    def say_goodbye(self, prompt: str, facts: Mapping[str, str] | None = None) -> Response:
        return document(self.documents.farewell((prompt,), facts or {}, language=STAFF_LANGUAGE))

    def _about(self) -> tuple[tuple[str, ...], Mapping[str, str]]:
        try:
            ticket = self.edge.database.read(
                lambda transaction: tickets.ticket(transaction, self.clinic_id, self.ticket_id)
            )
        except DatabaseUnavailable:
            return ("whisper_no_number",), {}
        if ticket is None:
            return ("whisper_no_number",), {}
        number = ticket.callback_number
        says = ["whisper" if number else "whisper_no_number"]
        if ticket.language == "es":
            says.append("whisper_spanish")
        return tuple(says), {"phone": number} if number else {}
