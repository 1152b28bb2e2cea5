"""Texts that come in, and delivery reports of those that went out."""

from __future__ import annotations

import re
from functools import partial
from uuid import UUID

import structlog
from flask import Blueprint, Response, request

from ivr.carrier import twiml
from ivr.carrier.answers import trouble
from ivr.carrier.edge import LONGEST_SID, Edge, document, nothing
from ivr.carrier.incoming_text import IncomingText
from ivr.carrier.taking_texts import not_received, take
from ivr.carrier.urls import SMS, SMS_STATUS
from ivr.messages import delivery
from ivr.messages.telephony import Trouble
from scheduling.database import DatabaseUnavailable

log = structlog.get_logger(__name__)


def add_sms_routes(blueprint: Blueprint, edge: Edge) -> None:
    """`/sms/incoming` and `/sms/status`."""

    @blueprint.post(SMS)
    def sms() -> Response:
        line = edge.line_called() or edge.any_line()
        return document(twiml.text_reply(take(edge, line, IncomingText.of(request.form))))

    @blueprint.post(SMS_STATUS)
    def sms_status() -> Response:
        _log_status()
        return nothing()

    @blueprint.post(f"{SMS_STATUS}/<uuid:message_id>")
    def sms_status_of(message_id: UUID) -> Response:
        _log_status()
        keep_report(edge, message_id, "MessageStatus", "MessageSid", Trouble.CARRIER_TROUBLE)
        return nothing()


def keep_report(edge: Edge, message_id: UUID, status: str, sid: str, without_code: Trouble) -> None:
    """Keep what the carrier reports of one of our messages.

    status, sid: the fields of the request that say what became of it and the carrier's id of it.
    without_code: why it did not arrive, where the request names no error.
    Where the database is away, it is kept in this process until it can be stored.
    """
    code = request.form.get("ErrorCode", "")[:8]
    error_code = int(code) if re.fullmatch(r"[0-9]+", code) else None
    given = request.form.get(sid, "")
    work = partial(
        delivery.report,
        clinic_id=(edge.line_called() or edge.any_line()).clinic.id,
        message_id=message_id,
        status=request.form.get(status, "")[:16],
        sid=given if len(given) <= LONGEST_SID else "",
        trouble=trouble(error_code, None) if error_code else without_code,
        error_code=error_code,
        now=edge.clock(),
    )
    try:
        edge.database.write(work)
    except DatabaseUnavailable as error:
        log.warning(
            "message_report_not_stored", message_id=str(message_id), reason=type(error).__name__
        )
        edge.unrecorded.add(work)


def _log_status() -> None:
    log.info(
        "text_status",
        message_sid=request.form.get("MessageSid", ""),
        status=request.form.get("MessageStatus", "")[:16],
        error_code=request.form.get("ErrorCode", "")[:8],
    )


def text_not_received(edge: Edge) -> Response:
    """What the sender gets when a fault of ours kept us from storing their text."""
    line = edge.line_called() or edge.any_line()
    return document(twiml.text_reply(not_received(line, IncomingText.of(request.form))))
