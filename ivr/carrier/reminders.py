"""Calls that remind patients of their visits: what is heard, by whom, and what became of them.

A person hears the call flow's own menu, urgent help and all; a voicemail gets the minimum.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.orm import Session as Transaction

from ivr.call.events import Arrived
from ivr.call.turn import Line, Request, take_turn
from ivr.carrier.edge import LONGEST_SID, Edge, document, nothing
from ivr.carrier.sms import keep_report
from ivr.carrier.urls import REMINDER
from ivr.carrier.voice import ENDED, end_of_call
from ivr.messages import delivery
from ivr.messages.patients import answers
from ivr.messages.patients.answers import Reminded
from ivr.messages.telephony import Trouble
from scheduling.database import DatabaseUnavailable

log = structlog.get_logger(__name__)

ENTRY = "reminder"
"""The node of the flow at which such a call begins."""

MACHINES = ("machine", "fax")
"""How the carrier's words begin for whoever answered and is no person."""

_UNKNOWN_WHEN = "en"


def add_reminder_routes(blueprint: Blueprint, edge: Edge) -> None:
    """`/voice/reminder/<message>` and where its outcome is reported."""

    @blueprint.post(f"{REMINDER}/<uuid:message_id>")
    def reminder(message_id: UUID) -> Response:
        line = edge.line_called() or edge.any_line()
        call_sid = request.form.get("CallSid", "")[:LONGEST_SID]
        is_machine = request.form.get("AnsweredBy", "").startswith(MACHINES)
        try:
            answer = edge.database.write(
                partial(_answer, edge, line, message_id, call_sid, is_machine=is_machine)
            )
        except DatabaseUnavailable as error:
            log.warning(
                "reminder_without_database",
                message_id=str(message_id),
                reason=type(error).__name__,
            )
            return _farewell(edge, line, "reminder_no_records", _UNKNOWN_WHEN)
        return answer

    @blueprint.post(f"{REMINDER}/<uuid:message_id>/status")
    def reminder_status(message_id: UUID) -> Response:
        keep_report(edge, message_id, "CallStatus", "CallSid", Trouble.UNREACHABLE)
        line = edge.line_called()
        if line is not None and request.form.get("CallStatus") in ENDED:
            end_of_call(edge, line)
        return nothing()


def _answer(
    edge: Edge,
    line: Line,
    message_id: UUID,
    call_sid: str,
    transaction: Transaction,
    *,
    is_machine: bool,
) -> Response:
    now, clinic_id = edge.clock(), line.clinic.id
    delivery.report(
        transaction,
        clinic_id=clinic_id,
        message_id=message_id,
        status=delivery.MACHINE if is_machine else delivery.ANSWERED,
        sid=call_sid,
        trouble=Trouble.UNREACHABLE,
        error_code=None,
        now=now,
    )
    told = answers.told_by(transaction, clinic_id, message_id, now)
    if told is None:
        # Cancelled or moved while the phone rang: nobody is told what is no longer true.
        return _farewell(edge, line, "reminder_changed", _UNKNOWN_WHEN)
    if is_machine:
        return _farewell(
            edge, line, "reminder_machine", told.language, facts=_facts(message_id, told)
        )
    turn = Request(
        call_sid,
        told.number,
        0,
        Arrived(at=ENTRY, language=told.language, facts=_facts(message_id, told)),
    )
    taken = take_turn(transaction, line, turn, edge.documents(line).turn, now)
    return document(taken.text)


def _facts(message_id: UUID, told: Reminded) -> dict[str, str]:
    return {
        "reminder_id": str(message_id),
        "reminder_at": " ".join(start.isoformat() for start in told.starts),
    }


def _farewell(
    edge: Edge, line: Line, prompt: str, language: str, facts: dict[str, str] | None = None
) -> Response:
    return document(edge.documents(line).farewell((prompt,), facts or {}, language=language))
