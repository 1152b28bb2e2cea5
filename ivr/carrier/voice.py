"""The webhooks of a call: its beginning, its turns, its end."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.orm import Session as Transaction

from ivr.call.events import Arrived, Dialled, Input, Keyed, Recorded, Said, Silent, Waited
from ivr.call.turn import (
    Answer,
    Line,
    NeedsTransaction,
    Request,
    answer_alone,
    end_call,
    take_turn,
)
from ivr.call.understanding import caller_number
from ivr.carrier import twiml
from ivr.carrier.edge import LONGEST_SID, Edge, document, nothing
from ivr.carrier.emergency import emergency_answer
from ivr.carrier.urls import INCOMING, STATUS, TURN
from ivr.messages import spoken
from ivr.oncall import rota
from ivr.oncall.supervisor import supervisor_of
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

BRIDGED = frozenset({"bridged", "bridging-in-process", "redirected-from-bridged"})
"""QueueResult values after which somebody has fetched the caller."""

LAST_TURN = 9999
"""Far beyond Flow.max_turns: no call of ours has sent more."""

ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
"""CallStatus values after which nothing follows."""


def add_voice_routes(blueprint: Blueprint, edge: Edge) -> None:
    """`/voice/incoming`, `/voice/turn/<n>` and `/voice/status`."""

    @blueprint.post(INCOMING)
    def incoming() -> Response:
        return _answer(edge, 0, Arrived())

    @blueprint.post(f"{TURN}/<int:number>")
    def turn(number: int) -> Response:
        if request.form.get("QueueResult") == "hangup":
            # Nobody hears an answer any more, and the status callback says that they are gone.
            return document(twiml.hang_up())
        return _answer(edge, number, event_of(request.form))

    @blueprint.post(STATUS)
    def status() -> Response:
        line = edge.line_called()
        if line is not None and request.form.get("CallStatus") in ENDED:
            end_of_call(edge, line)
        return nothing()


def _answer(edge: Edge, number: int, event: Input) -> Response:
    started = time.perf_counter()
    line = edge.line_called()
    call_sid = request.form.get("CallSid", "")
    if line is None or not 0 < len(call_sid) <= LONGEST_SID or number > LAST_TURN:
        log.warning("no_such_line", turn=number)
        return emergency_answer(edge, line)
    # In a call that we placed, the other end is whom it went to.
    placed = request.form.get("From") == line.clinic.numbers.line
    caller = caller_number(request.form.get("To" if placed else "From", ""))
    try:
        taken = _answer_turn(edge, line, Request(call_sid, caller, number, event))
    except DatabaseUnavailable as error:
        log.warning(
            "turn_without_database", call_sid=call_sid, turn=number, reason=type(error).__name__
        )
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


def _answer_turn(edge: Edge, line: Line, turn: Request) -> Answer:
    started = time.monotonic()
    now = edge.clock()
    render = edge.documents(line).turn

    def alone(statements: Transaction) -> Answer:
        _remember_who_is_on_call(edge, statements, line)
        return answer_alone(statements, line, turn, render, now)

    try:
        return edge.database.statement_by_statement(alone)
    except NeedsTransaction as needs:
        found = needs.found
        return edge.database.write(
            lambda unit: take_turn(unit, line, turn, render, now, found), since=started
        )


def _remember_who_is_on_call(edge: Edge, transaction: Transaction, line: Line) -> None:
    now = edge.clock()
    if edge.last_known.is_stale(line.clinic.id, now):
        people = rota.people_on_call(transaction, line.clinic.id, now)
        supervisor = supervisor_of(transaction, line.clinic.id)
        numbers = tuple(one.number for one in (*people, *filter(None, [supervisor])))
        edge.last_known.remember(line.clinic.id, numbers, now)


def end_of_call(edge: Edge, line: Line) -> None:
    """The call that this request is about is over."""
    call_sid = request.form.get("CallSid", "")
    end = partial(
        end_call,
        clinic_id=line.clinic.id,
        call_sid=call_sid,
        ended_as=request.form["CallStatus"],
        told_of=happened_at(request.form),
        now=edge.clock(),
    )
    try:
        edge.database.write(end)
    except DatabaseUnavailable as error:
        log.warning("call_end_not_stored", call_sid=call_sid, reason=type(error).__name__)
        edge.unrecorded.add(end)


def happened_at(form: Mapping[str, str]) -> datetime | None:
    """When that which a status callback tells happened (aware UTC): it may be told minutes late.

    By its Timestamp, which the carrier writes as mail does (RFC 2822); None where it does not say.
    """
    try:
        return parsedate_to_datetime(form["Timestamp"]).astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        return None


def event_of(form: Mapping[str, str]) -> Input:
    """What the caller did, out of the carrier's form fields."""
    if result := form.get("QueueResult"):
        return Waited("bridged" if result in BRIDGED else "left")
    if status := form.get("DialCallStatus"):
        # Where a host does not say, whoever picked up is taken for connected.
        connected = form.get("DialBridged") != "false"
        return Dialled(DIAL_OUTCOMES.get(status, "failed"), connected)
    if sid := form.get("RecordingSid"):
        # Its Digits are the key that ended it, or "hangup".
        if spoken.is_recording(sid):
            return Recorded(sid, whole_seconds(form.get("RecordingDuration", "")))
        return Silent()
    if digits := form.get("Digits"):
        return Keyed(digits[:32])
    if words := form.get("SpeechResult"):
        return Said(words[:500], _confidence(form.get("Confidence", "")))
    return Silent()


def _confidence(value: str) -> float:
    try:
        confidence = float(value)
    except ValueError:
        return 0.0
    return confidence if 0.0 <= confidence <= 1.0 else 0.0


def whole_seconds(value: str) -> int:
    """A length as the carrier writes it; 0 for what is none."""
    return int(value[:5]) if value.isascii() and value.isdecimal() else 0
