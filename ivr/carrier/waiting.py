"""What a caller hears while everybody is called, and how fetching them ended.

To wait needs no database: the carrier says how long the caller has waited.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session as Transaction

from ivr.call.prompts import LANGUAGES
from ivr.carrier import twiml
from ivr.carrier.call_back import REACHED, STAFF_LANGUAGE, offer_call_back
from ivr.carrier.edge import Edge, document
from ivr.carrier.urls import CALL_BACK, WAIT
from ivr.oncall import acceptance, calling_back
from ivr.oncall.acceptance import Accepted, AlreadyAccepted, AlreadyClosed
from scheduling.database import DatabaseUnavailable

EVERY_THIRD = 3
"""Of the sentences says 911 again."""


def add_waiting_routes(blueprint: Blueprint, edge: Edge) -> None:
    """`/voice/wait/<language>/<seconds>`, the waitUrl, and where a talk out of the queue ends."""

    @blueprint.post(f"{WAIT}/<language>/<int:longest>")
    def wait(language: str, longest: int) -> Response:
        waited = _seconds(request.form.get("QueueTime", ""))
        if waited >= longest:
            return document(twiml.leave())
        documents = edge.documents(edge.line_called() or edge.any_line())
        spoken = language if language in LANGUAGES else LANGUAGES[0]
        sentence = waited // (2 * twiml.SECONDS_BETWEEN) % EVERY_THIRD
        says = "still_waiting_911" if sentence == EVERY_THIRD - 1 else "still_waiting"
        return document(documents.waiting(says, spoken))

    @blueprint.post(f"{CALL_BACK}/<uuid:ticket_id>/<person>/fetched")
    def fetched(ticket_id: UUID, person: str) -> Response:
        documents = edge.documents(edge.line_called() or edge.any_line())
        if request.form.get("DialCallStatus") in REACHED:
            return document(documents.farewell(("call_back_done",), {}, language=STAFF_LANGUAGE))
        # The caller waits no more: they are called back.
        work = partial(
            _came_in_vain,
            clinic_id=documents.line.clinic.id,
            ticket_id=ticket_id,
            person=person,
            now=edge.clock(),
        )
        try:
            outcome, number = edge.database.write(work)
        except DatabaseUnavailable:
            return document(documents.farewell(("page_no_records",), {}, language=STAFF_LANGUAGE))
        if isinstance(outcome, AlreadyAccepted):
            taken = documents.farewell(
                ("whisper_taken",), {"person": outcome.by.name}, language=STAFF_LANGUAGE
            )
            return document(taken)
        return offer_call_back(edge, ticket_id, person, number)


def _came_in_vain(
    transaction: Transaction, clinic_id: str, ticket_id: UUID, person: str, now: datetime
) -> tuple[Accepted | AlreadyAccepted | AlreadyClosed, str | None]:
    acceptance.came_in_vain(
        transaction, clinic_id=clinic_id, ticket_id=ticket_id, person_key=person, now=now
    )
    # One who hangs up that soon after the acceptance puts the ticket back.
    outcome = acceptance.accept(
        transaction,
        clinic_id=clinic_id,
        ticket_id=ticket_id,
        person_key=person,
        by_page=True,
        now=now,
    )
    number = calling_back.number_for(
        transaction, clinic_id=clinic_id, ticket_id=ticket_id, person_key=person
    )
    return outcome, number


def _seconds(value: str) -> int:
    return int(value) if value.isdecimal() else 0
