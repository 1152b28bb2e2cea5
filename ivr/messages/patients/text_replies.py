"""What a patient's text means for the visit that they were last texted about.

A text proves no more than that somebody has the telephone: it confirms what our message to this
telephone told, and leaves the rest to a call or to the desk. Every function takes the open
transaction and never commits. Times are aware UTC.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from ivr.messages.patients import answers, offer_replies, offers
from ivr.messages.patients.answers import Answer
from ivr.messages.patients.reply_wording import Answered, Reply
from ivr.messages.patients.wording import in_words
from ivr.messages.tables import DeskTask, OutboxMessage
from scheduling.errors import IllegalStep, StaleVersion, TooLate
from scheduling.hours import zone_of
from scheduling.requests import Request
from scheduling.states import Channel
from scheduling.tables import Clinic, Patient, PatientPhone

ANSWERED_WITHIN = timedelta(days=7)
"""What was texted before that is not what a "1" is about. [J]"""

MOST_REPLIES = 6
"""Answers to one number in an hour: a machine that answers our answers ends there. [J]"""

ACTOR = "patient, by text"

_ANSWERED = ("reminder_sms", "visit_sms", offers.KIND)


class Choice(StrEnum):
    """What somebody chose, by key or in a word."""

    CONFIRM = "confirm"
    CHANGE = "change"
    PERSON = "person"
    NO = "no"
    HELP = "help"


WORDS: Final[dict[str, Choice]] = {
    **dict.fromkeys(
        ("1", "yes", "y", "ok", "okay", "confirm", "confirmed", "si", "confirmo", "confirmar"),
        Choice.CONFIRM,
    ),
    **dict.fromkeys(("2", "change", "reschedule", "cambiar", "cambio"), Choice.CHANGE),
    **dict.fromkeys(("0", "person", "persona"), Choice.PERSON),
    "no": Choice.NO,
    **dict.fromkeys(("help", "info", "ayuda"), Choice.HELP),
}
"""A whole text, folded, and what it chooses. "Yes, but I am late" is no choice: somebody reads it.

"No" passes on a time that is offered. Of a visit it says too little to give it up.
"""

_SPANISH: Final = frozenset(
    {"si", "confirmo", "confirmar", "cambiar", "cambio", "persona", "ayuda"}
)


def choice_of(words: str) -> Choice | None:
    """What a whole text chooses; None where it is something else. Pure."""
    return WORDS.get(_folded(words))


def language_of(session: Session, clinic_id: str, number: str | None, words: str) -> str:
    """In which language to answer: that of whoever is on file with the number, else the words'."""
    spoken = session.scalars(
        select(Patient.language)
        .join(
            PatientPhone,
            and_(
                PatientPhone.clinic_id == Patient.clinic_id, PatientPhone.patient_id == Patient.id
            ),
        )
        .where(Patient.clinic_id == clinic_id, PatientPhone.number == number)
        .distinct()
    ).all()
    if len(spoken) == 1:
        return str(spoken[0])
    return language_of_words(words)


def language_of_words(words: str) -> str:
    """The language of a choice in a word; English where it could be either. Pure."""
    return "es" if _folded(words) in _SPANISH else "en"


def answer(
    session: Session,
    *,
    clinic_id: str,
    number: str,
    choice: Choice,
    source: str,
    now: datetime,
) -> Answered | None:
    """Do what they chose about the visits of the last text to this number (E.164).

    None where there is no such text: then it is for somebody to read. source: the carrier's id of
    their text; the same again does nothing more and answers the same.
    """
    message = _last_told(session, clinic_id, number, now)
    if message is None:
        return None
    if message.kind == offers.KIND:
        return offer_replies.answer(
            session,
            message,
            takes=choice is Choice.CONFIRM,
            passes=choice in (Choice.CHANGE, Choice.NO),
            request=Request(ACTOR, Channel.PHONE, now, f"{source}:offer"),
        )
    if choice is Choice.NO:
        return None
    message_id = message.id
    told = answers.told_by(session, clinic_id, message_id, now)
    if told is None:
        language = language_of(session, clinic_id, number, "")
        return Answered(Reply.OUTDATED, language, for_desk="Their visit is not as they were told.")
    zone = zone_of(session.get_one(Clinic, clinic_id).timezone)
    when = in_words(told.starts, told.language, zone, zone)
    if choice is Choice.CONFIRM:
        request = Request(ACTOR, Channel.PHONE, now, f"{source}:confirm")
        try:
            answers.confirm(session, clinic_id=clinic_id, message_id=message_id, request=request)
        except (TooLate, IllegalStep, StaleVersion):
            return Answered(
                Reply.OUTDATED, told.language, for_desk="Their visit changed while they confirmed."
            )
        return Answered(Reply.CONFIRMED, told.language, when)
    wants = Answer.CHANGE if choice is Choice.CHANGE else Answer.PERSON
    answers.note(session, clinic_id=clinic_id, message_id=message_id, answer=wants, now=now)
    if choice is Choice.CHANGE:
        return Answered(Reply.CHANGE, told.language, when, f"Wants another time: {when}.")
    return Answered(Reply.PERSON, told.language, when, "Wants to speak with somebody.")


def answered_enough(session: Session, clinic_id: str, number: str, now: datetime) -> bool:
    """Whether so much of this number waits at the desk that one more answer would help nobody."""
    lately = session.scalar(
        select(func.count())
        .select_from(DeskTask)
        .where(
            DeskTask.clinic_id == clinic_id,
            DeskTask.done_at.is_(None),
            DeskTask.callback_number == number,
            DeskTask.kind == "text_message",
            DeskTask.created_at > now - timedelta(hours=1),
        )
    )
    return (lately or 0) > MOST_REPLIES


def _last_told(
    session: Session, clinic_id: str, number: str, now: datetime
) -> OutboxMessage | None:
    return session.scalar(
        select(OutboxMessage)
        .where(
            OutboxMessage.clinic_id == clinic_id,
            OutboxMessage.to_number == number,
            OutboxMessage.created_at > now - ANSWERED_WITHIN,
            OutboxMessage.kind.in_(_ANSWERED),
            OutboxMessage.handed_at.is_not(None),
            OutboxMessage.state != "failed",
        )
        .order_by(OutboxMessage.handed_at.desc(), OutboxMessage.id.desc())
        .limit(1)
    )


def _folded(words: str) -> str:
    plain = unicodedata.normalize("NFKD", words.casefold())
    return " ".join(re.sub(r"[^a-z0-9 ]", "", plain).split())
