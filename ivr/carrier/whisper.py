"""What an on-call person hears before an urgent call is connected, and the key they press.

Exactly one person gets the call, decided by the database. Only a pressed 1 connects: everything
else ends in <Hangup/>, so a voicemail that picks up can never be taken for a nurse.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import structlog
from flask import Blueprint, Response, request

from ivr.carrier import twiml
from ivr.carrier.edge import Edge, document
from ivr.carrier.urls import WHISPER
from ivr.oncall import tickets
from ivr.oncall.tickets import Accepted
from scheduling.database import DatabaseUnavailable

log = structlog.get_logger(__name__)

STAFF_LANGUAGE = "en"


def add_whisper_routes(blueprint: Blueprint, edge: Edge) -> None:
    """`/voice/whisper/<ticket>/<person>` and where the key goes."""

    @blueprint.post(f"{WHISPER}/<uuid:ticket_id>/<person>")
    def whisper(ticket_id: UUID, person: str) -> Response:
        says, facts = about(ticket_id)
        return ask(ticket_id, person, says, facts, attempt=0)

    @blueprint.post(f"{WHISPER}/<uuid:ticket_id>/<person>/answer/<int:attempt>")
    def whisper_answer(ticket_id: UUID, person: str, attempt: int) -> Response:
        line = edge.line_called() or edge.any_line()
        documents = edge.documents(line)
        digits = request.form.get("Digits", "")
        if digits == "1":
            return accept(ticket_id, person)
        if digits == "2" or attempt > 0:
            return document(documents.farewell(("whisper_passed",), {}, language=STAFF_LANGUAGE))
        says, facts = about(ticket_id)
        return ask(ticket_id, person, ("whisper_again", *says), facts, attempt=1)

    def ask(
        ticket_id: UUID, person: str, says: tuple[str, ...], facts: Mapping[str, str], attempt: int
    ) -> Response:
        line = edge.line_called() or edge.any_line()
        return document(
            edge.documents(line).whisper(
                (*says, "whisper_keys"),
                facts,
                edge.urls.whisper_answer(str(ticket_id), person, attempt),
                language=STAFF_LANGUAGE,
            )
        )

    def about(ticket_id: UUID) -> tuple[tuple[str, ...], Mapping[str, str]]:
        line = edge.line_called() or edge.any_line()
        try:
            ticket = edge.database.read(
                lambda transaction: tickets.ticket(transaction, line.clinic.id, ticket_id)
            )
        except DatabaseUnavailable:
            ticket = None
        if ticket is None or ticket.callback_number is None:
            says: tuple[str, ...] = ("whisper_no_number",)
        else:
            says = ("whisper",)
        if ticket is not None and ticket.language == "es":
            says = (*says, "whisper_spanish")
        number = ticket.callback_number if ticket else None
        return says, {"phone": number} if number else {}

    def accept(ticket_id: UUID, person: str) -> Response:
        line = edge.line_called() or edge.any_line()
        try:
            outcome = edge.database.write(
                lambda transaction: tickets.accept(
                    transaction,
                    clinic_id=line.clinic.id,
                    ticket_id=ticket_id,
                    person_key=person,
                    now=edge.clock(),
                )
            )
        except DatabaseUnavailable:
            # A caller and a nurse are both on the phone: connect them, whatever we can store.
            log.error("acceptance_not_stored", ticket=str(ticket_id))
            return document(twiml.accepted())
        if isinstance(outcome, Accepted):
            log.info("accepted", ticket=str(ticket_id))
            return document(twiml.accepted())
        return document(
            edge.documents(line).farewell(
                ("whisper_taken",), {"person": outcome.by.name}, language=STAFF_LANGUAGE
            )
        )
