"""All webhooks in one guarded blueprint."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, g, request
from werkzeug.exceptions import HTTPException

from ivr.carrier.call_back import add_call_back_routes
from ivr.carrier.desk import add_desk_routes
from ivr.carrier.edge import Edge, guard, nothing
from ivr.carrier.emergency import add_emergency_routes, emergency_answer, emergency_whisper
from ivr.carrier.messages import add_message_routes
from ivr.carrier.patient_calls import add_patient_call_routes
from ivr.carrier.sms import add_sms_routes, text_not_received
from ivr.carrier.trial import add_trial_routes
from ivr.carrier.unrecorded import record_before_each_request
from ivr.carrier.urls import MESSAGE, REMINDER, SMS, SMS_STATUS, STATUS, WHISPER
from ivr.carrier.voice import add_voice_routes
from ivr.carrier.waiting import add_waiting_routes
from ivr.carrier.whisper import add_whisper_routes

log = structlog.get_logger(__name__)


def carrier_blueprint(edge: Edge) -> Blueprint:
    """Every route that the carrier calls; none answers a request it did not sign."""
    blueprint = Blueprint("carrier", __name__)
    guard(blueprint, edge)
    record_before_each_request(blueprint, edge.unrecorded)
    add_voice_routes(blueprint, edge)
    add_whisper_routes(blueprint, edge)
    add_call_back_routes(blueprint, edge)
    add_waiting_routes(blueprint, edge)
    add_emergency_routes(blueprint, edge)
    add_trial_routes(blueprint, edge)
    add_desk_routes(blueprint, edge)
    add_message_routes(blueprint, edge)
    add_patient_call_routes(blueprint, edge)
    add_sms_routes(blueprint, edge)

    @blueprint.errorhandler(Exception)
    def broken(error: Exception) -> Response | HTTPException:
        if isinstance(error, HTTPException):
            return error
        # The caller is on the phone right now: a fault of ours must not become their silence.
        log.error("webhook_failed", route=str(request.url_rule), exc_info=error)
        g.webhook_failed = True
        if request.path == SMS:
            return text_not_received(edge)
        if request.path.startswith(REMINDER) and request.path.endswith("/status"):
            return nothing()
        if request.path == STATUS or request.path.startswith((SMS_STATUS, f"{MESSAGE}/")):
            return nothing()
        if request.path.startswith(WHISPER):
            return emergency_whisper(edge, edge.line_called())
        return emergency_answer(edge, edge.line_called())

    return blueprint
