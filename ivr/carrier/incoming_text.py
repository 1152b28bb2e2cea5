"""A text that somebody sends to the line: what becomes of it, and what it is answered with.

Urgent words come before everything, whatever else the text says and whoever sent it. What nobody
but a person can answer lands on the desk's list: nothing that a patient writes is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy.orm import Session as Transaction

from ivr.call.hearing import Urgent, asks_for_urgent_help
from ivr.call.turn import Line
from ivr.call.understanding import caller_number
from ivr.carrier.edge import Edge
from ivr.carrier.opt_out_words import is_opt_out_key, opted_in, opted_out
from ivr.messages import desk_tasks, opting_out, text_consent
from ivr.messages.patients import text_replies
from ivr.messages.patients.reply_wording import Reply, reply_text
from ivr.messages.patients.text_choices import Choice, choice_of, language_of_words
from ivr.oncall import texted
from scheduling.database import DatabaseUnavailable

log = structlog.get_logger(__name__)

KEPT_CHARACTERS = 1600
"""The longest text the carrier delivers."""

ANSWERED_BY_THE_CARRIER = "HELP"
"""As the carrier marks a call for help that it has answered itself."""


@dataclass(frozen=True)
class IncomingText:
    """What the carrier says of a text. number: E.164, None where it hides it. source: its id."""

    number: str | None
    body: str
    source: str
    opt_out_type: str

    @classmethod
    def of(cls, form: Mapping[str, str]) -> IncomingText:
        """Read from the webhook's form."""
        return cls(
            caller_number(form.get("From", "")),
            form.get("Body", "")[:KEPT_CHARACTERS],
            form.get("MessageSid") or form.get("SmsSid", ""),
            form.get("OptOutType", ""),
        )

    @property
    def opts_out(self) -> bool:
        """Whether they want no more texts."""
        return opted_out(self.body, self.opt_out_type)

    @property
    def opts_in(self) -> bool:
        """Whether they want texts again."""
        return opted_in(self.body, self.opt_out_type)

    @property
    def is_answered(self) -> bool:
        """Whether the carrier has answered it, so that nothing more is to be said."""
        stopped = self.opts_out and not is_opt_out_key(self.body)
        return stopped or self.opts_in or self.opt_out_type == ANSWERED_BY_THE_CARRIER


def take(edge: Edge, line: Line, text: IncomingText) -> str | None:
    """Store what the text asks for; what to text back, None for nothing."""
    urgent = _asks_for_urgent_help(line, text)
    work = partial(_taken, edge, line, text, urgent)
    try:
        return edge.database.write(work)
    except DatabaseUnavailable:
        log.error("text_not_stored", message_sid=text.source)  # noqa: TRY400  # the trace says nothing more
        if urgent is not None or text.opts_out or text.opts_in:
            edge.unrecorded.add(work)
        return not_received(line, text)


def not_received(line: Line, text: IncomingText) -> str | None:
    """What is answered where the text could not be stored."""
    language = language_of_words(text.body)
    if _asks_for_urgent_help(line, text) is not None:
        return _said(line, Reply.URGENT_NO_RECORDS, language)
    return None if text.is_answered else _said(line, Reply.NOT_RECEIVED, language)


def _asks_for_urgent_help(line: Line, text: IncomingText) -> Urgent | None:
    # HELP alone is the carriers' own word for "who are you?", and AYUDA its Spanish one. What they
    # are answered says how to get urgent help.
    if choice_of(text.body) is Choice.HELP:
        return None
    return asks_for_urgent_help(text.body, line.flow, line.prompts)


def _taken(
    edge: Edge, line: Line, text: IncomingText, urgent: Urgent | None, transaction: Transaction
) -> str | None:
    if urgent is not None:
        return _urgent(edge, line, text, urgent, transaction)
    return _stored(edge, line, text, transaction)


def _urgent(
    edge: Edge, line: Line, text: IncomingText, urgent: Urgent, transaction: Transaction
) -> str:
    clinic_id, now = line.clinic.id, edge.clock()
    _keep_consent(edge, line, text, transaction)
    language = text_replies.language_of(transaction, clinic_id, text.number, text.body)
    ticket = texted.open_ticket(
        transaction,
        clinic_id=clinic_id,
        message_sid=text.source,
        number=text.number,
        language=language,
        category=urgent.facts.get("category"),
        link_base=line.link_base,
        now=now,
    )
    _for_the_desk(edge, line, text, transaction, language, f"Urgent ticket {ticket.number}.")
    return _said(line, Reply.URGENT, language, ticket=ticket.number)


def _stored(edge: Edge, line: Line, text: IncomingText, transaction: Transaction) -> str | None:
    clinic_id, now = line.clinic.id, edge.clock()
    _keep_consent(edge, line, text, transaction)
    language = text_replies.language_of(transaction, clinic_id, text.number, text.body)
    if text.opts_out:
        _for_the_desk(edge, line, text, transaction, language, kind="opt_out")
        return None if text.is_answered else _said(line, Reply.NO_MORE_TEXTS, language)
    if text.is_answered:
        return None
    if choice_of(text.body) is Choice.HELP:
        return _said(line, Reply.HELP, language)
    if text.number is not None:
        answered = text_replies.answer(
            transaction,
            clinic_id=clinic_id,
            number=text.number,
            words=text.body,
            source=text.source,
            now=now,
        )
        if answered is not None:
            if answered.for_desk is not None:
                _for_the_desk(edge, line, text, transaction, answered.language, answered.for_desk)
            return _said(line, answered.reply, answered.language, when=answered.when)
    _for_the_desk(edge, line, text, transaction, language)
    if text.number and text_replies.answered_enough(transaction, clinic_id, text.number, now):
        return None
    return _said(line, Reply.RECEIVED, language)


def _keep_consent(edge: Edge, line: Line, text: IncomingText, transaction: Transaction) -> None:
    if not (text.number and text.source):
        return
    clinic_id, now = line.clinic.id, edge.clock()
    if text.opts_out:
        opting_out.stop(
            transaction, clinic_id=clinic_id, number=text.number, source=text.source, now=now
        )
    if text.opts_in:
        text_consent.record(
            transaction,
            clinic_id=clinic_id,
            number=text.number,
            granted=True,
            source=text.source,
            now=now,
        )


def _for_the_desk(
    edge: Edge,
    line: Line,
    text: IncomingText,
    transaction: Transaction,
    language: str,
    about: str = "",
    *,
    kind: str = "text_message",
) -> None:
    desk_tasks.open_task(
        transaction,
        clinic_id=line.clinic.id,
        kind=kind,
        callback_number=text.number,
        language=language,
        note=f"{about} “{text.body}”" if about else text.body,
        source=text.source,
        now=edge.clock(),
    )


def _said(
    line: Line, reply: Reply, language: str, *, when: str = "", ticket: int | None = None
) -> str:
    clinic = line.clinic
    return reply_text(
        reply,
        language,
        clinic=clinic.name,
        phone=clinic.numbers.line,
        when=when,
        ticket=ticket,
    )
