"""The line without its database: the 911 sentence, and a ring at the on-call phone.

The carrier posts here itself when a webhook of ours fails (its fallback URL), and our own routes
answer with the same document when the database does not. Everything needed stands in the URL or
in the process: no session, no ticket. On-call staff accept here without a database too. The call
gets its ticket, and the acceptance its place in it, as soon as they can be stored.
"""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, request

from ivr.call.prompts import LANGUAGES
from ivr.call.recovered import accept_in_call, recover_call
from ivr.call.turn import Line
from ivr.call.understanding import caller_number
from ivr.carrier import twiml
from ivr.carrier.edge import LONGEST_SID, Edge, document
from ivr.carrier.urls import FALLBACK

log = structlog.get_logger(__name__)

RINGS = 6
"""Rings of 25 s before we say that nobody could be reached: the 3 min cap [caller-safety, J]."""


def emergency_answer(edge: Edge, line: Line | None) -> Response:
    """The first answer to a caller while something of ours is broken."""
    _keep_call(edge)
    line = line or edge.any_line()
    number = edge.last_known.numbers(line)[0]
    text = edge.documents(line, recorded=False).emergency(
        number, 0, ("emergency", "down"), LANGUAGES
    )
    return document(text)


def emergency_whisper(edge: Edge, line: Line | None) -> Response:
    """What an on-call person hears while something of ours is broken."""
    return document(
        edge.documents(line or edge.any_line(), recorded=False).whisper(
            ("whisper", "whisper_no_number", "whisper_keys"),
            {},
            edge.urls.fallback_whisper_answer(0),
        )
    )


def add_emergency_routes(blueprint: Blueprint, edge: Edge) -> None:
    """`/voice/fallback` and what follows it."""

    def line() -> Line:
        return edge.line_called() or edge.any_line()

    @blueprint.post(FALLBACK)
    def fallback() -> Response:
        log.error(
            "fallback",
            call_sid=request.form.get("CallSid", ""),
            error_code=request.form.get("ErrorCode", "")[:8],
        )
        return emergency_answer(edge, edge.line_called())

    @blueprint.post(f"{FALLBACK}/ring/<int:attempt>")
    def fallback_ring(attempt: int) -> Response:
        documents = edge.documents(line(), recorded=False)
        # DialBridged is the carrier's word that a human pressed 1 in the whisper. Where a host
        # does not say so we ring on: a second ring is better than a caller left alone.
        if request.form.get("DialBridged") == "true":
            return document(documents.farewell(("urgent_done",), {}, language="en"))
        numbers = edge.last_known.numbers(documents.line)
        if attempt >= max(RINGS, len(numbers)):
            return document(documents.farewell(("down_end",), {}, language="en"))
        return document(
            documents.emergency(
                numbers[attempt % len(numbers)], attempt, ("down_unanswered",), LANGUAGES
            )
        )

    @blueprint.post(f"{FALLBACK}/whisper")
    def fallback_whisper() -> Response:
        return emergency_whisper(edge, edge.line_called())

    @blueprint.post(f"{FALLBACK}/whisper/answer/<int:attempt>")
    def fallback_whisper_answer(attempt: int) -> Response:
        digits = request.form.get("Digits", "")
        documents = edge.documents(line(), recorded=False)
        if digits == "1":
            log.info("accepted_without_database", call_sid=request.form.get("CallSid", ""))
            _keep_acceptance(edge, documents.line)
            return document(twiml.accepted())
        if digits == "2" or attempt > 0:
            return document(documents.farewell(("whisper_passed",), {}, language="en"))
        return document(
            documents.whisper(
                ("whisper_again", "whisper_keys"), {}, edge.urls.fallback_whisper_answer(1)
            )
        )


def _keep_call(edge: Edge) -> None:
    """The caller gets a ticket as soon as one can be stored."""
    # The number called: not a leg of ours to somebody's phone, which shows the line as its caller.
    line = edge.lines.get(request.form.get("To", ""))
    call_sid = request.form.get("CallSid", "")
    if line is None or not 0 < len(call_sid) <= LONGEST_SID:
        return
    caller, called_at = caller_number(request.form.get("From", "")), edge.clock()
    edge.unrecorded.add(
        lambda transaction: recover_call(
            transaction,
            clinic_id=line.clinic.id,
            call_sid=call_sid,
            caller=caller,
            called_at=called_at,
            link_base=line.link_base,
            now=edge.clock(),
        )
    )


def _keep_acceptance(edge: Edge, line: Line) -> None:
    """The ticket of the call that rang this phone becomes theirs as soon as that can be stored."""
    call_sid = request.form.get("ParentCallSid", "")
    if not 0 < len(call_sid) <= LONGEST_SID:
        return
    number, leg = request.form.get("To", ""), request.form.get("CallSid", "")
    pressed_at = edge.clock()
    edge.unrecorded.add(
        lambda transaction: accept_in_call(
            transaction,
            clinic_id=line.clinic.id,
            call_sid=call_sid,
            number=number,
            leg=leg,
            pressed_at=pressed_at,
            link_base=line.link_base,
            now=edge.clock(),
        )
    )
