"""Texts that come in, and delivery reports of those that went out.

Until texts can confirm and change visits, every one of them lands on the desk's list: nothing a
patient writes is lost, and the answer says what to do if it cannot wait.
"""

from __future__ import annotations

import re

import structlog
from flask import Blueprint, Response, request

from ivr.call.understanding import caller_number
from ivr.carrier import twiml
from ivr.carrier.edge import Edge, document, nothing
from ivr.carrier.urls import SMS, SMS_STATUS
from ivr.clinics.definition import ClinicFile
from ivr.messages import desk_tasks
from scheduling.database import DatabaseUnavailable

log = structlog.get_logger(__name__)

OPT_OUT = frozenset(
    {"STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPT OUT", "OPTOUT", "CANCEL"}
)
"""Each opts out at once [FCC 2025]; the carrier itself answers them, so we never do."""

KEPT_CHARACTERS = 1600
"""The longest text the carrier delivers."""


def add_sms_routes(blueprint: Blueprint, edge: Edge) -> None:
    """`/sms/incoming` and `/sms/status`."""

    @blueprint.post(SMS)
    def sms() -> Response:
        line = edge.line_called() or edge.any_line()
        body = request.form.get("Body", "")[:KEPT_CHARACTERS]
        opts_out = opted_out(body, request.form.get("OptOutType", ""))
        try:
            edge.database.write(
                lambda transaction: desk_tasks.open_task(
                    transaction,
                    clinic_id=line.clinic.id,
                    kind="opt_out" if opts_out else "text_message",
                    callback_number=caller_number(request.form.get("From", "")),
                    language="en",
                    note=body,
                    source=request.form.get("MessageSid") or request.form.get("SmsSid", ""),
                    now=edge.clock(),
                )
            )
        except DatabaseUnavailable:
            log.error("text_not_stored", message_sid=request.form.get("MessageSid", ""))  # noqa: TRY400  # the trace says nothing more
            return document(twiml.text_reply(None if opts_out else _not_received(line.clinic)))
        return document(twiml.text_reply(None if opts_out else _received(line.clinic)))

    @blueprint.post(SMS_STATUS)
    def sms_status() -> Response:
        log.info(
            "text_status",
            message_sid=request.form.get("MessageSid", ""),
            status=request.form.get("MessageStatus", "")[:16],
            error_code=request.form.get("ErrorCode", "")[:8],
        )
        return nothing()


def text_not_received(edge: Edge) -> Response:
    """What the sender gets when a fault of ours kept us from storing their text."""
    line = edge.line_called() or edge.any_line()
    return document(twiml.text_reply(_not_received(line.clinic)))


def _received(clinic: ClinicFile) -> str:
    return f"{clinic.name}: the front desk will read this when it is open. {_if_urgent(clinic)}"


def _not_received(clinic: ClinicFile) -> str:
    return f"{clinic.name}: we could not take your text. Please call us. {_if_urgent(clinic)}"


def _if_urgent(clinic: ClinicFile) -> str:
    return f"If it is urgent, call {clinic.numbers.line} and press 1. In an emergency call 911."


def opted_out(body: str, opt_out_type: str) -> bool:
    """Whether a text asks for no more texts."""
    words = re.sub(r"[^A-Z ]", "", body.upper()).strip()
    return opt_out_type == "STOP" or words in OPT_OUT
