"""What the carrier reports of a message that a caller spoke: its recording, and its transcript.

Nobody is on the phone for it, and the carrier does not repeat it: where the database is away, it
is kept in this process until it can be stored.
"""

from __future__ import annotations

from functools import partial

import structlog
from flask import Blueprint, Response, request

from ivr.call import spoken_messages
from ivr.call.spoken_messages import Message
from ivr.call.turn import Line
from ivr.carrier.edge import LONGEST_SID, Edge, nothing
from ivr.carrier.unrecorded import Work
from ivr.carrier.urls import MESSAGE
from ivr.carrier.voice import whole_seconds
from ivr.messages import spoken
from scheduling.database import DatabaseUnavailable

log = structlog.get_logger(__name__)


def add_message_routes(blueprint: Blueprint, edge: Edge) -> None:
    """`/voice/message/<clinic>/recorded` and `/voice/message/<clinic>/transcribed`."""

    @blueprint.post(f"{MESSAGE}/<clinic_id>/recorded")
    def message_recorded(clinic_id: str) -> Response:
        line, message = _line(edge, clinic_id), _message()
        if line and message and message.seconds:
            _store(
                edge,
                message,
                partial(spoken_messages.recorded, line=line, message=message, now=edge.clock()),
            )
        return nothing()

    @blueprint.post(f"{MESSAGE}/<clinic_id>/transcribed")
    def message_transcribed(clinic_id: str) -> Response:
        line, message = _line(edge, clinic_id), _message()
        text = request.form.get("TranscriptionText", "").strip()
        if line and message:
            known = partial(spoken_messages.not_transcribed, line=line)
            if text and request.form.get("TranscriptionStatus") == "completed":
                known = partial(spoken_messages.transcribed, line=line, text=text)
            _store(edge, message, partial(known, message=message, now=edge.clock()))
        return nothing()


def _line(edge: Edge, clinic_id: str) -> Line | None:
    return next((line for line in edge.lines.values() if line.clinic.id == clinic_id), None)


def _message() -> Message | None:
    form = request.form
    call_sid, recording_sid = form.get("CallSid", ""), form.get("RecordingSid", "")
    if not 0 < len(call_sid) <= LONGEST_SID or not spoken.is_recording(recording_sid):
        return None
    if form.get("RecordingStatus", "completed") != "completed":
        return None
    return Message(
        call_sid, recording_sid, whole_seconds(form.get("RecordingDuration", "")) or None
    )


def _store(edge: Edge, message: Message, work: Work) -> None:
    try:
        edge.database.write(work)
    except DatabaseUnavailable as error:
        log.warning("message_not_stored", call_sid=message.call_sid, reason=type(error).__name__)
        edge.unrecorded.add(work)
