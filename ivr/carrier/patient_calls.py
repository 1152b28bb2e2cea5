"""Calls that we place to patients: what is heard, by whom, and what became of them.

A person hears the call flow's own menu, urgent help and all; a voicemail gets the minimum.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.orm import Session as Transaction

from ivr.call.events import Arrived
from ivr.call.turn import Line, Request, take_turn
from ivr.carrier.edge import LONGEST_SID, Edge, document, nothing
from ivr.carrier.sms import keep_report
from ivr.carrier.urls import OFFER, RECALL, REMINDER
from ivr.carrier.voice import ENDED, end_of_call
from ivr.messages import delivery
from ivr.messages.patients import answers, offers, recall_texts
from ivr.messages.telephony import Trouble
from scheduling.database import DatabaseUnavailable

log = structlog.get_logger(__name__)

MACHINES = ("machine", "fax")
"""How the carrier's words begin for whoever answered and is no person."""

_UNKNOWN_WHEN = "en"


@dataclass(frozen=True, slots=True)
class _Told:
    """What a call tells now. number: whom it went to, E.164. facts: those it is spoken with."""

    number: str
    language: str
    facts: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Reason:
    """Why we call. entry: the node of the flow at which such a call begins.

    told: what it tells at an instant (aware UTC); None where that is true no more.
    changed, machine: the prompts that are said then, and to a machine.
    """

    entry: str
    told: Callable[[Transaction, str, UUID, datetime], _Told | None]
    changed: str
    machine: str


def _of_a_visit(
    transaction: Transaction, clinic_id: str, message_id: UUID, now: datetime
) -> _Told | None:
    told = answers.told_by(transaction, clinic_id, message_id, now)
    if told is None:
        return None
    starts = " ".join(start.isoformat() for start in told.starts)
    facts = {"reminder_id": str(message_id), "reminder_at": starts}
    return _Told(told.number, told.language, facts)


def _of_an_offer(
    transaction: Transaction, clinic_id: str, message_id: UUID, now: datetime
) -> _Told | None:
    told = offers.told_by(transaction, clinic_id, message_id, now)
    if told is None:
        return None
    minutes = (told.expires_at - now) // timedelta(minutes=1)
    facts = {
        "offer_id": str(told.offer_id),
        "offer_at": told.starts_at.isoformat(),
        "offer_minutes": str(max(1, minutes)),
        "offer_instead_of": told.instead_of.isoformat() if told.instead_of else "",
    }
    return _Told(told.number, told.language, facts)


def _of_a_recall(
    transaction: Transaction, clinic_id: str, message_id: UUID, now: datetime
) -> _Told | None:
    told = recall_texts.told_by(transaction, clinic_id, message_id, now)
    return None if told is None else _Told(*told, {})


REASONS: Final[Mapping[str, _Reason]] = {
    REMINDER: _Reason("reminder", _of_a_visit, "reminder_changed", "reminder_machine"),
    OFFER: _Reason("offer_call", _of_an_offer, "offer_call_missed", "offer_call_machine"),
    RECALL: _Reason("recall_call", _of_a_recall, "reminder_changed", "recall_call_machine"),
}
"""Path → why."""


def add_patient_call_routes(blueprint: Blueprint, edge: Edge) -> None:
    """What is said in each such call, and where its outcome is reported."""
    for path, reason in REASONS.items():
        _add_routes(blueprint, edge, path, reason)


def _add_routes(blueprint: Blueprint, edge: Edge, path: str, reason: _Reason) -> None:
    def answered(message_id: UUID) -> Response:
        line = edge.line_called() or edge.any_line()
        try:
            answer = edge.database.write(partial(_answer, edge, line, reason, message_id))
        except DatabaseUnavailable as error:
            log.warning(
                "reminder_without_database",
                message_id=str(message_id),
                reason=type(error).__name__,
            )
            return _farewell(edge, line, "reminder_no_records", _UNKNOWN_WHEN)
        return answer

    def ended(message_id: UUID) -> Response:
        keep_report(edge, message_id, "CallStatus", "CallSid", Trouble.UNREACHABLE)
        line = edge.line_called()
        if line is not None and request.form.get("CallStatus") in ENDED:
            end_of_call(edge, line)
        return nothing()

    where = f"{path}/<uuid:message_id>"
    blueprint.add_url_rule(where, reason.entry, answered, methods=["POST"])
    blueprint.add_url_rule(f"{where}/status", f"{reason.entry}_status", ended, methods=["POST"])


def _answer(
    edge: Edge, line: Line, reason: _Reason, message_id: UUID, transaction: Transaction
) -> Response:
    call_sid = request.form.get("CallSid", "")[:LONGEST_SID]
    is_machine = request.form.get("AnsweredBy", "").startswith(MACHINES)
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
    told = reason.told(transaction, clinic_id, message_id, now)
    if told is None:
        # It changed while the phone rang: nobody is told what is no longer true.
        return _farewell(edge, line, reason.changed, _UNKNOWN_WHEN)
    if is_machine:
        return _farewell(edge, line, reason.machine, told.language, facts=told.facts)
    turn = Request(
        call_sid,
        told.number,
        0,
        Arrived(at=reason.entry, language=told.language, facts=told.facts),
    )
    taken = take_turn(transaction, line, turn, edge.documents(line).turn, now)
    return document(taken.text)


def _farewell(
    edge: Edge, line: Line, prompt: str, language: str, facts: dict[str, str] | None = None
) -> Response:
    return document(edge.documents(line).farewell((prompt,), facts or {}, language=language))
