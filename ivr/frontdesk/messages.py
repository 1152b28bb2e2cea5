"""Listening to a message that a caller spoke. It is fetched from the carrier for who is signed in:
its address there is never shown to anybody.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import audit, errors
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.wording import say
from ivr.messages import spoken
from ivr.messages.telephony import CarrierError, Recordings


def add_routes(blueprint: Blueprint, desk: Desk, recordings: Recordings) -> None:
    """Add the recordings of the desk's own clinic."""

    @blueprint.get("/tasks/<uuid:task_id>/recording")
    def recording(task_id: UUID) -> ResponseReturnValue:
        user, now = signed_in(), desk.clock()

        def work(session: Session) -> str | None:
            sid = spoken.recording_of(session, user.clinic_id, task_id)
            if sid is not None:
                audit.record(
                    session,
                    clinic_id=user.clinic_id,
                    staff_id=user.staff_id,
                    action="message.heard",
                    detail={"task": str(task_id)},
                    now=now,
                )
            return sid

        sid = desk.database.write(work)
        if sid is None:
            return errors.problem(
                404,
                say("There is no such message"),
                say("The board shows the messages that wait."),
            )
        try:
            found = recordings.recording(sid)
        except CarrierError as error:
            return errors.problem(
                502,
                say("The recording cannot be fetched"),
                say(
                    "The telephone company answered: {trouble}. Try again in a minute; the number"
                    " to call back stands on the board.",
                    trouble=error.kind,
                ),
            )
        return Response(found.content, content_type=found.content_type)
