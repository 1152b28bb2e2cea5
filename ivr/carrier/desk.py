"""What whoever picks up at the front desk hears before a caller who needs another language."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from ivr.call.session import INTERPRETER_FACT
from ivr.call.understanding import languages
from ivr.carrier.edge import Edge, document
from ivr.carrier.urls import DESK
from ivr.carrier.whisper import STAFF_LANGUAGE


def add_desk_routes(blueprint: Blueprint, edge: Edge) -> None:
    """`/voice/desk/<language>`: a sentence, then the two are connected."""

    @blueprint.post(f"{DESK}/<language>")
    def desk_whisper(language: str) -> Response:
        if language != languages.UNKNOWN and not languages.is_code(language):
            abort(404)
        documents = edge.documents(edge.line_called() or edge.any_line())
        facts = {INTERPRETER_FACT: language}
        return document(documents.connect((_says(language),), facts, language=STAFF_LANGUAGE))


def _says(language: str) -> str:
    if language == "es":
        return "whisper_spanish"
    known = languages.name_of(language, STAFF_LANGUAGE)
    return "desk_whisper" if known else "desk_whisper_unknown"
