"""The recordings of prompts, for the carrier to fetch and to keep.

Not signed: hosts fetch what they play through caches that sign nothing. A recording says what every
caller hears, its address names the clinic and a hash of its bytes, and nothing about a call.
"""

from __future__ import annotations

import re
from typing import Final

from flask import Blueprint, Response, request

from ivr.call.wording.kept import Wordings, read_recording
from ivr.carrier.urls import RECORDED
from scheduling.database import Database, DatabaseUnavailable

_NAME: Final = re.compile(r"([0-9a-f]{64})\.(?:wav|mp3)")

_KEEP: Final = "public, max-age=31536000, immutable"
"""The name is a hash of the content: what is kept never gets stale."""


def recorded_blueprint(wordings: Wordings, database: Database) -> Blueprint:
    """`GET /voice/recorded/<clinic>/<hash>.wav`, out of this process's memory where it has it."""
    blueprint = Blueprint("recorded", __name__)

    @blueprint.get(f"{RECORDED}/<clinic_id>/<name>")
    def recorded(clinic_id: str, name: str) -> Response:
        found = wordings.recording(clinic_id, name)
        asked = _NAME.fullmatch(name)
        if found is None and asked is not None:
            # Another process has just put it into force, or a call is about to hear the last of it.
            try:
                stored = database.read(lambda s: read_recording(s, clinic_id, asked[1]))
            except DatabaseUnavailable:
                return _nothing(503)
            found = stored[1] if stored and stored[0] == name else None
        if found is None:
            return _nothing(404)
        answer = Response(found.data, content_type=found.content_type)
        answer.headers["Cache-Control"] = _KEEP
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.set_etag(found.digest)
        answer.make_conditional(request)
        return answer

    return blueprint


def _nothing(status: int) -> Response:
    return Response("no such recording\n", status=status, mimetype="text/plain")
