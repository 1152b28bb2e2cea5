"""A ring to try: whoever is on call hears that it is a test, and presses a key to be counted."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request

from ivr.carrier.edge import Edge, document
from ivr.carrier.urls import TRIAL
from ivr.carrier.whisper import STAFF_LANGUAGE
from ivr.oncall import trial_rings
from scheduling.database import DatabaseUnavailable


def add_trial_routes(blueprint: Blueprint, edge: Edge) -> None:
    """`/voice/trial/<ring>` and where its key goes."""

    @blueprint.post(f"{TRIAL}/<uuid:ring_id>")
    def trial(ring_id: UUID) -> Response:
        documents = edge.documents(edge.line_called() or edge.any_line())
        answer_url = edge.urls.trial_answer(str(ring_id))
        return document(documents.whisper(("trial",), {}, answer_url, language=STAFF_LANGUAGE))

    @blueprint.post(f"{TRIAL}/<uuid:ring_id>/answer")
    def trial_answer(ring_id: UUID) -> Response:
        # A voicemail presses nothing: only a key says that somebody is there.
        confirmed = request.form.get("Digits") == "1" and _confirm(edge, ring_id)
        says = ("trial_confirmed" if confirmed else "trial_not_confirmed",)
        documents = edge.documents(edge.line_called() or edge.any_line())
        return document(documents.farewell(says, {}, language=STAFF_LANGUAGE))


def _confirm(edge: Edge, ring_id: UUID) -> bool:
    clinic_id = (edge.line_called() or edge.any_line()).clinic.id
    try:
        return edge.database.write(
            lambda transaction: trial_rings.confirm(
                transaction, clinic_id=clinic_id, ring_id=ring_id, now=edge.clock()
            )
        )
    except DatabaseUnavailable:
        return False
