"""Texts that come in, and delivery reports of those that went out.

Until texts can confirm and change visits, every one of them lands on the desk's list: nothing a
patient writes is lost, and the answer says what to do if it cannot wait.
"""

from __future__ import annotations

import re
from functools import partial
from uuid import UUID

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.orm import Session as Transaction

from ivr.call.understanding import caller_number
from ivr.carrier import twiml
from ivr.carrier.edge import LONGEST_SID, Edge, document, nothing
from ivr.carrier.rest import trouble
from ivr.carrier.urls import SMS, SMS_STATUS
from ivr.clinics.definition import ClinicFile
from ivr.messages import delivery, desk_tasks, opting_out, text_consent
from ivr.messages.telephony import Trouble
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
                opting_out.stop(
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
