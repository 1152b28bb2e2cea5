"""What a patient's text means for what they were last texted about: who answers it.

A text proves no more than that somebody has the telephone: it confirms what our message to this
telephone told, and leaves the rest to a call or to the desk. Every function takes the open
transaction and never commits. Times are aware UTC.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from ivr.messages.patients import (
    offer_replies,
    offers,
    recall_texts,
    slot_texts,
    time_replies,
    visit_replies,
    which_visit,
)
from ivr.messages.patients.reply_wording import Answered, Reply
from ivr.messages.patients.text_choices import Choice, choice_of, language_of_words, letter_of
from ivr.messages.patients.visit_replies import ACTOR, Texted
from ivr.messages.patients.which_visit import ANSWERED_WITHIN
from ivr.messages.tables import OutboxMessage
from scheduling.requests import Request
from scheduling.states import Channel
from scheduling.tables import Patient, PatientPhone

_ANSWERED = ("reminder_sms", "visit_sms", offers.KIND, recall_texts.KIND)


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


def answer(
    session: Session,
    *,
    clinic_id: str,
    number: str,
    words: str,
    source: str,
    now: datetime,
) -> Answered | None:
    """Do what they chose about the visits of the last text to this number (E.164).

    words: a whole text. None where they choose nothing, or where there is no such text and they do
    not ask for a person: then it is for somebody to read. source: the carrier's id of their text,
    which has not come before.
    """
    texted = Texted(clinic_id, number, words, source, now)
    choice, letter = choice_of(words), letter_of(words)
    if letter is not None or choice is Choice.ALL:
        return visit_replies.named(session, texted, letter)
    message = _last_told(session, clinic_id, number, now)
    if message is None and choice is Choice.PERSON:
        language = language_of(session, clinic_id, number, words)
        return Answered(Reply.PERSON, language, for_desk="Wants to be called.")
    if choice is None or message is None:
        return None
    if message.kind == offers.KIND:
        return offer_replies.answer(
            session,
            message,
            takes=choice is Choice.CONFIRM,
            passes=choice in (Choice.CHANGE, Choice.NO),
            request=Request(ACTOR, Channel.PHONE, now, f"{source}:offer"),
        )
    if message.kind == recall_texts.KIND:
        return _about_recall(session, message, choice)
    times = slot_texts.standing(session, clinic_id, number, message.handed_at or now)
    if times is not None:
        return time_replies.answer(session, times, texted)
    if choice in (Choice.CONFIRM, Choice.CHANGE):
        asked = which_visit.ask(session, message, choice, now)
        if asked is not None:
            return asked
    return visit_replies.about(session, message.id, choice, texted)


def _about_recall(session: Session, message: OutboxMessage, choice: Choice) -> Answered | None:
    if choice not in (Choice.CONFIRM, Choice.PERSON):
        return None
    language = language_of(session, message.clinic_id, message.to_number, "")
    about = "Was texted that it is time for the next appointment, and wants to be called."
    return Answered(Reply.PERSON, language, for_desk=about)


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
