"""What an on-call person hears before an urgent call is connected, and the key they press.

The same words page somebody by a call of its own, while no caller waits to be connected: whoever
accepts there calls the caller back, on one more key.

Exactly one person gets the call, decided by the database. Only a pressed 1 connects: everything
else ends in <Hangup/>, so a voicemail that picks up can never be taken for a nurse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.orm import Session as Transaction

from ivr.carrier import twiml
from ivr.carrier.call_back import offer_call_back
from ivr.carrier.edge import Edge, document
from ivr.carrier.twiml import Documents
from ivr.carrier.urls import PAGE, WHISPER
from ivr.oncall import acceptance, leaving, stored_ticket
from ivr.oncall.acceptance import Accepted, AlreadyAccepted, AlreadyClosed
from scheduling.database import DatabaseUnavailable

log = structlog.get_logger(__name__)

STAFF_LANGUAGE = "en"


def add_whisper_routes(blueprint: Blueprint, edge: Edge) -> None:
    """`/voice/whisper/<ticket>/<person>`, `/voice/page/…`, and where their keys go."""

    @blueprint.post(f"{WHISPER}/<uuid:ticket_id>/<person>")
    def whisper(ticket_id: UUID, person: str) -> Response:
        return _Whisper(edge, ticket_id, person).ask(attempt=0)

    @blueprint.post(f"{WHISPER}/<uuid:ticket_id>/<person>/answer/<int:attempt>")
    def whisper_answer(ticket_id: UUID, person: str, attempt: int) -> Response:
        return _Whisper(edge, ticket_id, person).answered(attempt)

    @blueprint.post(f"{PAGE}/<uuid:ticket_id>/<person>")
    def page(ticket_id: UUID, person: str) -> Response:
        return _Page(edge, ticket_id, person).ask(attempt=0)

    @blueprint.post(f"{PAGE}/<uuid:ticket_id>/<person>/answer/<int:attempt>")
    def page_answer(ticket_id: UUID, person: str, attempt: int) -> Response:
        return _Page(edge, ticket_id, person).answered(attempt)


@dataclass(frozen=True)
class _Whisper:
    """One ring of one person for one ticket."""

    edge: Edge
    ticket_id: UUID
    person: str
    by_page: ClassVar[bool] = False
    passed: ClassVar[str] = "whisper_passed"

    @property
    def documents(self) -> Documents:
        return self.edge.documents(self.edge.line_called() or self.edge.any_line())

    @property
    def clinic_id(self) -> str:
        return self.documents.line.clinic.id

    def answered(self, attempt: int) -> Response:
        match request.form.get("Digits", ""):
            case "1":
                return self.accept()
            case "2":
                return self.say_goodbye(self.passed)
            case _ if attempt == 0:
                # One forgiving repeat: a hand still searching for the phone presses anything.
                return self.ask(attempt=1, first=("whisper_again",))
            case _:
                return self.say_goodbye(self.passed)

    def answer_url(self, attempt: int) -> str:
        return self.edge.urls.whisper_answer(str(self.ticket_id), self.person, attempt)

    def ask(self, *, attempt: int, first: tuple[str, ...] = ()) -> Response:
        says, facts = self._about()
        return document(
            self.documents.whisper(
                (*first, *says, "whisper_keys"),
                facts,
                self.answer_url(attempt),
                language=STAFF_LANGUAGE,
            )
        )

    def accept(self) -> Response:
        try:
            outcome, left, number = self.edge.database.write(self._accept)
        except DatabaseUnavailable as error:
            log.warning(
                "acceptance_not_stored", ticket_id=str(self.ticket_id), reason=type(error).__name__
            )
            return self.accepted_without_database()
        if isinstance(outcome, Accepted):
            log.info("accepted", ticket_id=str(self.ticket_id))
            return self.connect(left=left, number=number)
        if isinstance(outcome, AlreadyClosed):
            return self.say_goodbye("whisper_closed", {"person": outcome.by})
        return self.say_goodbye("whisper_taken", {"person": outcome.by.name})

    def connect(self, *, left: bool, number: str | None) -> Response:
        if not left:
            return document(twiml.accepted())
        return offer_call_back(self.edge, self.ticket_id, self.person, number)

    def accepted_without_database(self) -> Response:
        # A caller and a nurse are both on the phone: connect them, whatever we can store.
        return document(twiml.accepted())

    def _accept(
        self, transaction: Transaction
    ) -> tuple[Accepted | AlreadyAccepted | AlreadyClosed, bool, str | None]:
        outcome = acceptance.accept(
            transaction,
            clinic_id=self.clinic_id,
            ticket_id=self.ticket_id,
            person_key=self.person,
            leg=request.form.get("CallSid", ""),
            by_page=self.by_page,
            now=self.edge.clock(),
        )
        left = leaving.caller_has_left(transaction, self.clinic_id, self.ticket_id)
        ticket = stored_ticket.ticket(transaction, self.clinic_id, self.ticket_id)
        return outcome, left, ticket.callback_number if ticket else None

    def say_goodbye(self, prompt: str, facts: Mapping[str, str] | None = None) -> Response:
        return document(self.documents.farewell((prompt,), facts or {}, language=STAFF_LANGUAGE))

    def _about(self) -> tuple[tuple[str, ...], Mapping[str, str]]:
        try:
            ticket = self.edge.database.read(
                lambda transaction: stored_ticket.ticket(
                    transaction, self.clinic_id, self.ticket_id
                )
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


class _Page(_Whisper):
    """One call that pages one person: no caller is at its other end."""

    by_page: ClassVar[bool] = True
    passed: ClassVar[str] = "page_passed"

    def answer_url(self, attempt: int) -> str:
        return self.edge.urls.page_answer(str(self.ticket_id), self.person, attempt)

    def connect(self, *, left: bool, number: str | None) -> Response:  # noqa: ARG002  # gone or about to go: the line has promised them this call
        return offer_call_back(self.edge, self.ticket_id, self.person, number)

    def accepted_without_database(self) -> Response:
        # Whom to call back stands in the database alone. The pages go on, so it is asked again.
        return self.say_goodbye("page_no_records")
