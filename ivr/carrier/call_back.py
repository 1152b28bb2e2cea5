"""Whoever accepted a ticket is connected to its caller on one key, from the clinic's number."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import structlog
from flask import Blueprint, Response, request

from ivr.carrier.edge import Edge, document
from ivr.carrier.urls import CALL_BACK
from ivr.oncall import calling_back
from scheduling.database import DatabaseUnavailable

log = structlog.get_logger(__name__)

STAFF_LANGUAGE = "en"

REACHED = frozenset({"completed", "answered"})
"""DialCallStatus values after which the two have been connected."""


Words = tuple[tuple[str, ...], Mapping[str, str]]
"""Prompt keys, and the facts that they speak of."""


def offer_call_back(
    edge: Edge,
    ticket_id: UUID,
    person: str,
    number: str | None,
    *,
    first: str | None = None,
    briefing: Words = ((), {}),
) -> Response:
    """Say whom to call back, and that one key does it. number: E.164; None where it is hidden.

    briefing: what else is known of them, said before.
    """
    says, facts = briefing
    documents = edge.documents(edge.line_called() or edge.any_line())
    if number is None:
        return document(
            documents.farewell(
                (*says, "whisper_caller_gone_no_number"), facts, language=STAFF_LANGUAGE
            )
        )
    return document(
        documents.whisper(
            (*says, first or "whisper_caller_gone", "call_back_keys"),
            {**facts, "phone": number},
            edge.urls.call_back(str(ticket_id), person),
            language=STAFF_LANGUAGE,
        )
    )


def add_call_back_routes(blueprint: Blueprint, edge: Edge) -> None:
    """`/voice/callback/<ticket>/<person>` and how the call ended."""

    def farewell(prompt: str) -> Response:
        documents = edge.documents(edge.line_called() or edge.any_line())
        return document(documents.farewell((prompt,), {}, language=STAFF_LANGUAGE))

    def number_for(ticket_id: UUID, person: str) -> str | None:
        clinic_id = (edge.line_called() or edge.any_line()).clinic.id
        return edge.database.read(
            lambda transaction: calling_back.number_for(
                transaction, clinic_id=clinic_id, ticket_id=ticket_id, person_key=person
            )
        )

    @blueprint.post(f"{CALL_BACK}/<uuid:ticket_id>/<person>")
    def call_back(ticket_id: UUID, person: str) -> Response:
        if request.form.get("Digits") != "1":
            return farewell("call_back_later")
        try:
            number = number_for(ticket_id, person)
        except DatabaseUnavailable:
            return farewell("page_no_records")
        if number is None:
            # Put back meanwhile, or somebody else's.
            return farewell("call_back_not_yours")
        log.info("calling_back", ticket_id=str(ticket_id))
        documents = edge.documents(edge.line_called() or edge.any_line())
        return document(documents.call_back(number, edge.urls.called_back(str(ticket_id), person)))

    @blueprint.post(f"{CALL_BACK}/<uuid:ticket_id>/<person>/ended")
    def ended(ticket_id: UUID, person: str) -> Response:
        clinic_id = (edge.line_called() or edge.any_line()).clinic.id
        try:
            if request.form.get("DialCallStatus") not in REACHED:
                number = number_for(ticket_id, person)
                return offer_call_back(edge, ticket_id, person, number, first="call_back_unreached")
            edge.database.write(
                lambda transaction: calling_back.called_back(
                    transaction,
                    clinic_id=clinic_id,
                    ticket_id=ticket_id,
                    person_key=person,
                    now=edge.clock(),
                )
            )
        except DatabaseUnavailable as error:
            log.warning(
                "call_back_not_stored", ticket_id=str(ticket_id), reason=type(error).__name__
            )
        return farewell("call_back_done")
