"""What a patient's text means for what they were last texted about: who answers it.

A text proves no more than that somebody has the telephone: it confirms what our message to this
telephone told, and leaves the rest to a call or to the desk. Every function takes the open
transaction and never commits. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

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
from ivr.messages.patients.visit_replies import Texted
from ivr.messages.patients.which_visit import ANSWERED_WITHIN
from ivr.messages.tables import OutboxMessage
from scheduling.tables import Patient, PatientPhone

_LOOKED_AT = 20
"""Texts to one telephone, the latest first: more than a week brings."""

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
        return _named(session, texted, letter)
    message = _last_told(session, clinic_id, number, now)
    if message is None and choice is Choice.PERSON:
        language = language_of(session, clinic_id, number, words)
        return Answered(Reply.PERSON, language, for_desk="Wants to be called.")
    if choice is None or message is None:
        return None
    if message.kind == offers.KIND:
        return _about_offer(session, message, choice, texted)
    if message.kind == recall_texts.KIND:
        return _about_recall(session, message, choice)
    return _about_visits(session, message, choice, texted)


def _named(session: Session, texted: Texted, letter: int | None) -> Answered | None:
    """What a letter, or ALL (None), names of what was asked last."""
    asked = which_visit.asked_last(session, texted.clinic_id, texted.number, texted.now)
    if asked is not None and (offered := _offer_among(session, texted, asked.messages)):
        if letter != asked.messages.index(offered.id):
            # All of them cannot be meant where one is a time that they do not have.
            return None if letter is None else visit_replies.named(session, texted, letter)
        return _of_offer(session, offered, asked.choice, texted)
    return visit_replies.named(session, texted, letter)


def _offer_among(
    session: Session, texted: Texted, messages: Sequence[UUID]
) -> OutboxMessage | None:
    return session.scalar(
        select(OutboxMessage).where(
            OutboxMessage.clinic_id == texted.clinic_id,
            OutboxMessage.id.in_(messages),
            OutboxMessage.kind == offers.KIND,
        )
    )


def _about_offer(
    session: Session, message: OutboxMessage, choice: Choice, texted: Texted
) -> Answered:
    if choice in (Choice.CONFIRM, Choice.CHANGE) and offers.is_kept(session, message, texted.now):
        when = offer_replies.when_of(session, message)
        asked = which_visit.ask_beside_offer(session, message, when, choice, texted.now)
        if asked is not None:
            return asked
    return _of_offer(session, message, choice, texted)


def _of_offer(session: Session, message: OutboxMessage, choice: Choice, texted: Texted) -> Answered:
    return offer_replies.answer(
        session,
        message,
        takes=choice is Choice.CONFIRM,
        passes=choice in (Choice.CHANGE, Choice.NO),
        request=texted.request("offer"),
    )


def _about_visits(
    session: Session, message: OutboxMessage, choice: Choice, texted: Texted
) -> Answered | None:
    now, since = texted.now, message.handed_at or texted.now
    if choice is Choice.CHANGE:
        # Our answer told them what is expected, and that 2 changes it.
        expected = which_visit.confirmed_last(session, texted.clinic_id, texted.number, since)
        asked = which_visit.ask_among(session, texted.clinic_id, expected, choice, now)
        if asked is not None:
            return asked
        if expected:
            return visit_replies.about(session, expected[0], choice, texted)
    times = slot_texts.standing(session, texted.clinic_id, texted.number, since)
    if times is not None and not (
        # Long after, it may be the answer to somebody else's reminder.
        times.expires_at <= now and which_visit.waits_besides(session, message, times.visit_id, now)
    ):
        return time_replies.answer(session, times, texted)
    if visit_replies.is_of_cancelled(session, message):
        asked = (
            which_visit.ask_among_others(session, message, choice, now)
            if choice in (Choice.CONFIRM, Choice.CHANGE)
            else None
        )
        return asked or visit_replies.about_cancelled(session, message, choice)
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
    """The latest; an offer that has lapsed hides no reminder that still waits."""
    told = session.scalars(
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
        .limit(_LOOKED_AT)
    ).all()
    newest = next(iter(told), None)
    living = next(
        (one for one in told if one.kind != offers.KIND or offers.is_answerable(session, one, now)),
        newest,
    )
    if living is None or living.kind == offers.KIND or which_visit.waits(session, living, now):
        return living
    return newest
