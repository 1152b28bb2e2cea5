"""What an on-call person hears before an urgent call is connected, and the key they press.

The same words page somebody by a call of its own, while no caller waits to be connected: whoever
accepts there calls the caller back, on one more key.

Exactly one person gets the call, decided by the database. Only a pressed 1 connects: everything
else ends in <Hangup/>, so a voicemail that picks up can never be taken for a nurse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import ClassVar
from uuid import UUID

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.orm import Session as Transaction

from ivr.carrier import twiml
from ivr.carrier.call_back import Words, offer_call_back
from ivr.carrier.edge import Edge, document
from ivr.carrier.twiml import Documents
from ivr.carrier.urls import PAGE, WHISPER
from ivr.oncall import acceptance, recovering, stored_ticket
from ivr.oncall.acceptance import Accepted, AlreadyAccepted, AlreadyClosed
from ivr.oncall.briefing import Briefing, briefing
from ivr.oncall.escalation import Event, EventKind, waits_in_queue
from ivr.oncall.journal import events_of
from ivr.oncall.tables import Ticket
from ivr.oncall.triage import UNKNOWN
from scheduling.database import DatabaseUnavailable

log = structlog.get_logger(__name__)

STAFF_LANGUAGE = "en"


class _Caller(Enum):
    """Where the caller of a ticket is."""

    ON_THE_LINE = "on the line"
    WAITS = "waits in the queue"
    GONE = "gone"


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
            outcome, where, ticket, told = self.edge.database.write(self._accept)
        except DatabaseUnavailable as error:
            log.warning(
                "acceptance_not_stored", ticket_id=str(self.ticket_id), reason=type(error).__name__
            )
            return self.accepted_without_database()
        if isinstance(outcome, Accepted):
            log.info("accepted", ticket_id=str(self.ticket_id))
            return self.connect(where, ticket.callback_number, told)
        if isinstance(outcome, AlreadyClosed):
            return self.say_goodbye("whisper_closed", {"person": outcome.by})
        return self.say_goodbye("whisper_taken", {"person": outcome.by.name})

    def connect(self, where: _Caller, number: str | None, told: Briefing | None) -> Response:
        if where is not _Caller.GONE:
            return document(self.documents.connect(*_in_words(told), language=STAFF_LANGUAGE))
        return self.call_back(number, told)

    def call_back(self, number: str | None, told: Briefing | None) -> Response:
        return offer_call_back(
            self.edge, self.ticket_id, self.person, number, briefing=_in_words(told)
        )

    def accepted_without_database(self) -> Response:
        # A caller and a nurse are both on the phone: connect them, whatever we can store.
        self.edge.unrecorded.add(
            partial(
                recovering.accept_late,
                clinic_id=self.clinic_id,
                ticket_id=self.ticket_id,
                person_key=self.person,
                leg=request.form.get("CallSid", ""),
                pressed_at=self.edge.clock(),
            )
        )
        return document(twiml.accepted())

    def _accept(
        self, transaction: Transaction
    ) -> tuple[Accepted | AlreadyAccepted | AlreadyClosed, _Caller, Ticket, Briefing | None]:
        ticket = stored_ticket.locked(transaction, self.clinic_id, self.ticket_id)
        where = self._where(events_of(transaction, self.clinic_id, self.ticket_id))
        outcome = acceptance.accept(
            transaction,
            clinic_id=self.clinic_id,
            ticket_id=self.ticket_id,
            person_key=self.person,
            leg=request.form.get("CallSid", ""),
            by_page=self.by_page and where is not _Caller.WAITS,
            now=self.edge.clock(),
        )
        told = briefing(transaction, self.clinic_id, ticket.callback_number)
        return outcome, where, ticket, told

    @staticmethod
    def _where(events: Sequence[Event]) -> _Caller:
        if events[-1].kind is EventKind.ACCEPTED:
            # The same key, told again: the answer is that of the first time.
            events = events[:-1]
        if waits_in_queue(events):
            return _Caller.WAITS
        gone = any(event.kind is EventKind.CALLER_LEFT for event in events)
        return _Caller.GONE if gone else _Caller.ON_THE_LINE

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
            ticket = None
        if ticket is None:
            return ("whisper", "whisper_no_number"), {}
        number = ticket.callback_number
        says = ["whisper"]
        if ticket.category != UNKNOWN:
            says.append(f"whisper_{ticket.category}")
        says.append("whisper_callback" if number else "whisper_no_number")
        if ticket.language == "es":
            says.append("whisper_spanish")
        return tuple(says), {"phone": number} if number else {}


def _in_words(told: Briefing | None) -> Words:
    if told is None:
        return (), {}
    if told.refill_due is None:
        return ("briefing",), {"patient": told.patient}
    facts = {"patient": told.patient, "refill_due": told.refill_due.isoformat()}
    return ("briefing", "briefing_refill"), facts


class _Page(_Whisper):
    """One call that pages one person: no caller is at its other end."""

    by_page: ClassVar[bool] = True
    passed: ClassVar[str] = "page_passed"

    def answer_url(self, attempt: int) -> str:
        return self.edge.urls.page_answer(str(self.ticket_id), self.person, attempt)

    def connect(self, where: _Caller, number: str | None, told: Briefing | None) -> Response:
        if where is _Caller.WAITS:
            fetched = self.edge.urls.fetched(str(self.ticket_id), self.person)
            says, facts = _in_words(told)
            return document(
                self.documents.fetch(
                    says, facts, str(self.ticket_id), fetched, language=STAFF_LANGUAGE
                )
            )
        # Gone or about to go: the line has promised them this call.
        return self.call_back(number, told)

    def accepted_without_database(self) -> Response:
        # Whom to call back stands in the database alone. The pages go on, so it is asked again.
        return self.say_goodbye("page_no_records")
