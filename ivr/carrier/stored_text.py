"""What becomes of a text in the database, in one transaction, and what it is answered with.

Urgent words come before everything, whatever else the text says and whoever sent it. What nobody
but a person can answer lands on the desk's list: nothing that a patient writes is lost. The same
text again changes nothing more and is answered the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session as Transaction

from ivr.call.hearing import Urgent
from ivr.call.turn import Line
from ivr.carrier.incoming_text import IncomingText
from ivr.messages import desk_tasks, late_answers, opting_out, received_texts, text_consent
from ivr.messages.patients import desk_promise, text_replies
from ivr.messages.patients.reply_wording import Answered, Reply, reply_text
from ivr.messages.patients.wording import in_words
from ivr.messages.received_texts import Cap
from ivr.oncall import texted
from scheduling.hours import zone_of

MISSED = "It changed nothing here, and they may believe that it did: look, and call them."
"""What the desk is told of a text that was found late."""


@dataclass(frozen=True)
class Storing:
    """A text to be stored. line: whom it was sent to. now: aware UTC.

    came_at: when it came, aware UTC; None for now, as of all texts but those that were missed.
    """

    line: Line
    text: IncomingText
    now: datetime
    came_at: datetime | None = None

    @property
    def clinic_id(self) -> str:
        """Whose line it is."""
        return self.line.clinic.id


def store(one: Storing, transaction: Transaction) -> str | None:
    """Do what the text asks for; what to text back, None for nothing. Raises LostRace."""
    text, urgent = one.text, one.text.urgent(one.line)
    row = received_texts.known(transaction, one.clinic_id, text.source)
    if row is not None:
        return row.answer
    if text.source:
        row = received_texts.add(transaction, one.clinic_id, text.source, text.number, one.now)
    answered = _answered(one, urgent, transaction)
    if answered is None:
        return None
    answer = said(one.line, answered)
    if row is not None:
        row.reply, row.answer, row.asked = answered.reply.value, answer, answered.asked
    return answer


def store_missed(one: Storing, transaction: Transaction) -> bool:
    """Do what a text asks for that was not stored when it came; whether it opened a ticket.

    Whoever wrote it was told to call, or was told nothing at all, or what was lost with a database
    that was restored since. So only urgent words are answered now, and nothing is confirmed, chosen
    or moved: they would not hear of it. A text that was stored meanwhile stays as it is.
    Raises LostRace.
    """
    text = one.text
    if received_texts.known(transaction, one.clinic_id, text.source) is not None:
        return False
    row = received_texts.add(transaction, one.clinic_id, text.source, text.number, one.now)
    _keep_consent(one, transaction)
    language = text_replies.language_of(transaction, one.clinic_id, text.number, text.body)
    urgent = text.urgent(one.line)
    if urgent is not None:
        answered = _urgent(one, urgent, transaction, language)
        row.reply, row.answer = answered.reply.value, said(one.line, answered)
        return True
    if text.opts_out and not _refuses(one, transaction):
        # They said START since.
        return False
    if not text.opts_in:
        if text.opts_out:
            _for_the_desk(one, transaction, language, _came(one), kind="opt_out")
        else:
            _for_the_desk(one, transaction, language, f"{_came(one)} {MISSED}")
    return False


def _came(one: Storing) -> str:
    zone = zone_of(one.line.clinic.timezone)
    return f"Came {in_words([one.came_at or one.now], 'en', zone, zone)}, and was found late."


def _refuses(one: Storing, transaction: Transaction) -> bool:
    """Whether the sender's latest word on texts is a no."""
    number = one.text.number
    return number is None or not text_consent.consents(transaction, one.clinic_id, number)


def said(line: Line, answered: Answered) -> str:
    """The words of an answer."""
    clinic = line.clinic
    return reply_text(answered, clinic=clinic.name, phone=clinic.numbers.line)


def _answered(one: Storing, urgent: Urgent | None, transaction: Transaction) -> Answered | None:
    _keep_consent(one, transaction)
    language = text_replies.language_of(transaction, one.clinic_id, one.text.number, one.text.body)
    if urgent is not None:
        return _urgent(one, urgent, transaction, language)
    if one.text.opts_out:
        _for_the_desk(one, transaction, language, kind="opt_out")
        return None if one.text.is_answered else Answered(Reply.NO_MORE_TEXTS, language)
    if one.text.is_answered and not one.text.also_chooses:
        return None
    if one.text.asks_who_we_are:
        return Answered(Reply.HELP, language)
    return _within_the_cap(one, transaction, language)


def _urgent(one: Storing, urgent: Urgent, transaction: Transaction, language: str) -> Answered:
    ticket = texted.open_ticket(
        transaction,
        clinic_id=one.clinic_id,
        message_sid=one.text.source,
        number=one.text.number,
        language=language,
        category=urgent.facts.get("category"),
        link_base=one.line.link_base,
        now=one.now,
        missed_at=one.came_at,
    )
    about = f"Urgent ticket {ticket.number}."
    answered = Answered(Reply.URGENT, language, ticket=ticket.number)
    if one.came_at is not None:
        about = f"{about} {_came(one)}"
        if one.text.number is not None:
            late_answers.send(
                transaction,
                clinic_id=one.clinic_id,
                number=one.text.number,
                body=said(one.line, answered),
                ticket_id=ticket.id,
                came_at=one.came_at,
                now=one.now,
            )
    _for_the_desk(one, transaction, language, about)
    return answered


def _within_the_cap(one: Storing, transaction: Transaction, language: str) -> Answered | None:
    number = one.text.number
    cap = received_texts.cap_of(transaction, one.clinic_id, number, one.now) if number else None
    if cap in (Cap.LAST, Cap.NOTHING):
        _for_the_desk(one, transaction, language)
        return Answered(Reply.ENOUGH, language) if cap is Cap.LAST else None
    answered = _chosen(one, transaction)
    if answered is None and one.text.also_chooses:
        # There was nothing to choose: it was for the carrier alone.
        return None
    if answered is None:
        answered = Answered(Reply.RECEIVED, language, for_desk="")
    if answered.reply in (Reply.PERSON, Reply.CHANGE):
        answered = desk_promise.promised(transaction, one.clinic_id, answered, one.now)
    if answered.for_desk is not None:
        _for_the_desk(one, transaction, answered.language, answered.for_desk)
    return answered


def _chosen(one: Storing, transaction: Transaction) -> Answered | None:
    """What the text chose of what we texted; None where somebody has to read it."""
    if not (one.text.number and one.text.source):
        return None
    return text_replies.answer(
        transaction,
        clinic_id=one.clinic_id,
        number=one.text.number,
        words=one.text.body,
        source=one.text.source,
        now=one.now,
    )


def _keep_consent(one: Storing, transaction: Transaction) -> None:
    # What they said since counts more.
    text, said_at = one.text, one.came_at or one.now
    if not (text.number and text.source):
        return
    if text.opts_out:
        opting_out.stop(
            transaction,
            clinic_id=one.clinic_id,
            number=text.number,
            source=text.source,
            now=said_at,
        )
    if text.opts_in:
        text_consent.record(
            transaction,
            clinic_id=one.clinic_id,
            number=text.number,
            granted=True,
            source=text.source,
            now=said_at,
        )


def _for_the_desk(
    one: Storing,
    transaction: Transaction,
    language: str,
    about: str = "",
    *,
    kind: str = "text_message",
) -> None:
    desk_tasks.open_task(
        transaction,
        clinic_id=one.clinic_id,
        kind=kind,
        callback_number=one.text.number,
        language=language,
        note=f"{about} “{one.text.body}”" if about else one.text.body,
        source=one.text.source,
        now=one.now,
    )
