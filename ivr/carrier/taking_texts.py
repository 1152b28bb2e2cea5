"""A text comes in: what it is answered with, also while the database is away."""

from __future__ import annotations

from functools import partial

import structlog

from ivr.call.turn import Line
from ivr.carrier.edge import Edge
from ivr.carrier.incoming_text import IncomingText
from ivr.carrier.stored_text import Storing, said, store
from ivr.messages.patients.reply_wording import Answered, Reply
from ivr.messages.patients.text_choices import language_of_words
from scheduling.database import DatabaseUnavailable

log = structlog.get_logger(__name__)


def take(edge: Edge, line: Line, text: IncomingText) -> str | None:
    """Store what the text asks for; what to text back, None for nothing."""
    storing = Storing(line, text, edge.clock())
    work = partial(store, storing)
    try:
        return edge.database.write(work)
    except DatabaseUnavailable:
        log.error("text_not_stored", message_sid=text.source)  # noqa: TRY400  # the trace says nothing more
        if text.urgent(line) is not None or text.opts_out or text.opts_in:
            edge.unrecorded.add(work)
        return not_received(line, text)


def not_received(line: Line, text: IncomingText) -> str | None:
    """What is answered where the text could not be stored."""
    language = language_of_words(text.body)
    if text.urgent(line) is not None:
        return said(line, Answered(Reply.URGENT_NO_RECORDS, language))
    return None if text.is_answered else said(line, Answered(Reply.NOT_RECEIVED, language))
