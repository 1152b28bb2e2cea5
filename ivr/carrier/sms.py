"""Texts that come in, and delivery reports of those that went out.

Until texts can confirm and change visits, every one of them lands on the desk's list: nothing a
patient writes is lost, and the answer says what to do if it cannot wait.
"""

from __future__ import annotations

import re
from uuid import UUID

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.orm import Session as Transaction

from ivr.call.understanding import caller_number
from ivr.carrier import twiml
from ivr.carrier.edge import Edge, document, nothing
from ivr.carrier.rest import trouble
from ivr.carrier.urls import SMS, SMS_STATUS
from ivr.clinics.definition import ClinicFile
from ivr.messages import desk_tasks, link_texts, text_consent
from scheduling.database import DatabaseUnavailable

log = structlog.get_logger(__name__)

OPT_OUT = frozenset(
    {"STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPT OUT", "OPTOUT", "CANCEL"}
)
"""Each opts out at once [FCC 2025]; the carrier itself answers them, so we never do."""

OPT_OUT_KEY = "9"
"""What our texts invite beside STOP. The carrier knows nothing of it, so we answer it."""

OPT_IN = frozenset({"START", "UNSTOP"})
"""Takes an opt-out back; the carrier itself answers these, too."""

UNDELIVERED = frozenset({"undelivered", "failed"})
"""A text's last states that are not "delivered"."""

KEPT_CHARACTERS = 1600
"""The longest text the carrier delivers."""


def add_sms_routes(blueprint: Blueprint, edge: Edge) -> None:
    """`/sms/incoming` and `/sms/status`."""

    @blueprint.post(SMS)
    def sms() -> Response:
        line = edge.line_called() or edge.any_line()
        body = request.form.get("Body", "")[:KEPT_CHARACTERS]
        opt_out_type = request.form.get("OptOutType", "")
        opts_out, opts_in = opted_out(body, opt_out_type), opted_in(body, opt_out_type)
        number = caller_number(request.form.get("From", ""))
        source = request.form.get("MessageSid") or request.form.get("SmsSid", "")

        def keep(transaction: Transaction) -> None:
            clinic_id, now = line.clinic.id, edge.clock()
            if number and source and opts_out:
                link_texts.stop(
                    transaction, clinic_id=clinic_id, number=number, source=source, now=now
                )
            if number and source and opts_in:
                text_consent.record(
                    transaction,
                    clinic_id=clinic_id,
                    number=number,
                    granted=True,
                    source=source,
                    now=now,
                )
            desk_tasks.open_task(
                transaction,
                clinic_id=clinic_id,
                kind="opt_out" if opts_out else "text_message",
                callback_number=number,
                language="en",
                note=body,
                source=source,
                now=now,
            )

        by_key = is_opt_out_key(body)
        silent = (opts_out and not by_key) or opts_in
        try:
            edge.database.write(keep)
        except DatabaseUnavailable:
            log.error("text_not_stored", message_sid=request.form.get("MessageSid", ""))  # noqa: TRY400  # the trace says nothing more
            return document(twiml.text_reply(None if silent else _not_received(line.clinic)))
        reply = _no_more_texts(line.clinic) if by_key else _received(line.clinic)
        return document(twiml.text_reply(None if silent else reply))

    @blueprint.post(SMS_STATUS)
    def sms_status() -> Response:
        _log_status()
        return nothing()

    @blueprint.post(f"{SMS_STATUS}/<uuid:message_id>")
    def sms_status_of(message_id: UUID) -> Response:
        _log_status()
        if request.form.get("MessageStatus", "") in UNDELIVERED:
            code = request.form.get("ErrorCode", "")[:8]
            error_code = int(code) if re.fullmatch(r"[0-9]+", code) else None
            clinic_id = (edge.line_called() or edge.any_line()).clinic.id
            try:
                edge.database.write(
                    lambda transaction: link_texts.not_delivered(
                        transaction,
                        clinic_id=clinic_id,
                        message_id=message_id,
                        error=trouble(error_code, None),
                        error_code=error_code,
                        now=edge.clock(),
                    )
                )
            except DatabaseUnavailable:
                log.error("text_status_not_stored", message_id=str(message_id))  # noqa: TRY400  # the trace says nothing more
        return nothing()


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
    return document(twiml.text_reply(_not_received(line.clinic)))


def _received(clinic: ClinicFile) -> str:
    return f"{clinic.name}: the front desk will read this when it is open. {_if_urgent(clinic)}"


def _no_more_texts(clinic: ClinicFile) -> str:
    return f"{clinic.name}: you will get no more texts from us. {_if_urgent(clinic)}"


def _not_received(clinic: ClinicFile) -> str:
    return f"{clinic.name}: we could not take your text. Please call us. {_if_urgent(clinic)}"


def _if_urgent(clinic: ClinicFile) -> str:
    return f"If it is urgent, call {clinic.numbers.line} and press 1. In an emergency call 911."


def opted_out(body: str, opt_out_type: str) -> bool:
    """Whether a text asks for no more texts."""
    return opt_out_type == "STOP" or _words(body) in OPT_OUT or is_opt_out_key(body)


def opted_in(body: str, opt_out_type: str) -> bool:
    """Whether a text allows texts again."""
    return opt_out_type == "START" or _words(body) in OPT_IN


def is_opt_out_key(body: str) -> bool:
    """Whether a text is the key that ours name for opting out."""
    return body.strip(" .\n") == OPT_OUT_KEY


def _words(body: str) -> str:
    return re.sub(r"[^A-Z ]", "", body.upper()).strip()
