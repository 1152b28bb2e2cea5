"""The webhooks of a call: its beginning, its turns, its end."""

from __future__ import annotations

import time

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.orm import Session as Transaction

from ivr.call.engine import Arrived, Dialled, Input, Keyed, Said, Silent
from ivr.call.turn import Answer, end_call, take_turn
from ivr.carrier.edge import Edge, caller_number, document, nothing
from ivr.carrier.emergency import emergency_answer
from ivr.carrier.urls import INCOMING, STATUS, TURN
from ivr.oncall import rota
from scheduling.database import DatabaseUnavailable

log = structlog.get_logger(__name__)

DIAL_OUTCOMES = {
    "completed": "answered",
    "answered": "answered",
    "busy": "busy",
    "no-answer": "no_answer",
    "failed": "failed",
    "canceled": "failed",
}
"""DialCallStatus → how a transfer ended."""

ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
"""CallStatus values after which nothing follows."""


def add_voice_routes(blueprint: Blueprint, edge: Edge) -> None:
    """`/voice/incoming`, `/voice/turn/<n>` and `/voice/status`."""

    @blueprint.post(INCOMING)
    def incoming() -> Response:
        return answer(0, Arrived())

    @blueprint.post(f"{TURN}/<int:number>")
    def turn(number: int) -> Response:
        return answer(number, event_of(request.form))

    @blueprint.post(STATUS)
    def status() -> Response:
        line = edge.line_called()
        call_status = request.form.get("CallStatus", "")
        call_sid = request.form.get("CallSid", "")
        if line is None or call_status not in ENDED:
            return nothing()
        try:
            edge.database.write(
                lambda transaction: end_call(
                    transaction,
                    clinic_id=line.clinic.id,
                    call_sid=call_sid,
                    ended_as=call_status,
                    now=edge.clock(),
                )
            )
        except DatabaseUnavailable:
            log.error("call_end_not_stored", call_sid=call_sid)
        return nothing()

    def answer(number: int, event: Input) -> Response:
        started = time.perf_counter()
        line = edge.line_called()
        call_sid = request.form.get("CallSid", "")
        if line is None or not call_sid:
            log.error("no_such_line", call_sid=call_sid)
            return emergency_answer(edge, line)
        documents = edge.documents(line)

        def unit(transaction: Transaction) -> Answer:
            now = edge.clock()
            taken = take_turn(
                transaction,
                line,
                call_sid=call_sid,
                caller=caller_number(request.form.get("From", "")),
                number=number,
                event=event,
                render=documents.turn,
                now=now,
            )
            if edge.last_known.is_stale(line.clinic.id, now):
                people = rota.people_on_call(transaction, line.clinic.id, now)
                edge.last_known.remember(line.clinic.id, tuple(p.number for p in people), now)
            return taken

        try:
            taken = edge.database.write(unit)
        except DatabaseUnavailable:
            log.error("turn_without_database", call_sid=call_sid, turn=number)
            return emergency_answer(edge, line)
        log.info(
            "turn",
            call_sid=call_sid,
            clinic_id=line.clinic.id,
            turn=number,
            node=taken.node,
            repeated=taken.repeated,
            ms=round((time.perf_counter() - started) * 1000, 1),
        )
        return document(taken.text)


def event_of(form: object) -> Input:
    """What the caller did, out of the carrier's form fields."""
    get = form.get  # type: ignore[attr-defined]  # werkzeug's form, a plain dict in tests
    if status := get("DialCallStatus"):
        return Dialled(DIAL_OUTCOMES.get(status, "failed"))
    if digits := get("Digits"):
        return Keyed(digits[:32])
    if words := get("SpeechResult"):
        return Said(words[:500], _confidence(get("Confidence")))
    return Silent()


def _confidence(value: str | None) -> float:
    try:
        return min(max(float(value or 0.0), 0.0), 1.0)
    except ValueError:
        return 0.0
