"""What somebody texts back about visits that they were told of: they come, or want another time.

Every function takes the open transaction and never commits. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.messages.notice_tables import VisitNotice
from ivr.messages.patients import answers, slot_texts, which_visit
from ivr.messages.patients.answers import Answer, Reminded
from ivr.messages.patients.reply_wording import Answered, Reply
from ivr.messages.patients.text_choices import Choice
from ivr.messages.patients.wording import Occasion, in_words
from ivr.messages.tables import OutboxMessage
from scheduling.errors import IllegalStep, StaleVersion, TooLate
from scheduling.hours import zone_of
from scheduling.requests import Request
from scheduling.states import Channel
from scheduling.tables import Clinic, Visit

ACTOR = "patient, by text"


@dataclass(frozen=True, slots=True)
class Texted:
    """A text that came in. number: whose, E.164. source: the carrier's id. now: aware UTC."""

    clinic_id: str
    number: str
    words: str
    source: str
    now: datetime

    def request(self, what: str) -> Request:
        """What it asks of the book."""
        return Request(ACTOR, Channel.PHONE, self.now, f"{self.source}:{what}")


def named(session: Session, texted: Texted, letter: int | None) -> Answered | None:
    """Do what was chosen before about the visit that a letter names, 0 being the first.

    letter: None for all of them, which can be confirmed and not moved. None where nothing was
    asked, or no visit has this letter: then it is for somebody to read.
    """
    asked = which_visit.asked_last(session, texted.clinic_id, texted.number, texted.now)
    if asked is None:
        return None
    if letter is not None:
        if letter >= len(asked.messages):
            return None
        slot_texts.give_up_all(session, texted.clinic_id, texted.number, texted.now)
        return about(session, asked.messages[letter], asked.choice, texted)
    if asked.choice is not Choice.CONFIRM:
        return None
    return _confirm(session, asked.messages, texted)


def about(session: Session, message_id: UUID, choice: Choice, texted: Texted) -> Answered | None:
    """Do what they chose about the visits that this message told of."""
    if choice is Choice.CONFIRM:
        return _confirm(session, [message_id], texted)
    if choice not in (Choice.CHANGE, Choice.PERSON):
        return None
    told = answers.told_by(session, texted.clinic_id, message_id, texted.now)
    if told is None:
        return _outdated(session, message_id, texted)
    wants = Answer.CHANGE if choice is Choice.CHANGE else Answer.PERSON
    answers.note(
        session,
        clinic_id=texted.clinic_id,
        message_id=message_id,
        answer=wants,
        now=texted.now,
    )
    when = _when(session, texted.clinic_id, told)
    if choice is Choice.PERSON:
        return Answered(Reply.PERSON, told.language, when, "Wants to speak with somebody.")
    if len(told.visits) == 1 and (offered := _offer(session, told, texted)) is not None:
        return offered
    return Answered(Reply.CHANGE, told.language, when, f"Wants another time: {when}.")


def is_of_cancelled(session: Session, message: OutboxMessage) -> bool:
    """Whether a message told that visits are cancelled, and of nothing else."""
    occasions = session.scalars(
        select(VisitNotice.occasion).where(
            VisitNotice.clinic_id == message.clinic_id, VisitNotice.message_id == message.id
        )
    ).all()
    return bool(occasions) and set(occasions) == {Occasion.CANCELLED}


def about_cancelled(session: Session, message: OutboxMessage, choice: Choice) -> Answered | None:
    """What somebody texts back who was told that their visit is cancelled."""
    zone = zone_of(session.get_one(Clinic, message.clinic_id).timezone)
    language = answers.language_of(session, message.clinic_id, message.id)
    starts = session.scalars(
        select(VisitNotice.starts_at)
        .where(VisitNotice.clinic_id == message.clinic_id, VisitNotice.message_id == message.id)
        .order_by(VisitNotice.starts_at)
    ).all()
    when = in_words(starts, language, zone, zone)
    if choice is Choice.CONFIRM:
        return Answered(Reply.IS_CANCELLED, language, when)
    if choice in (Choice.CHANGE, Choice.PERSON):
        about = f"Their appointment of {when} was cancelled, and they want to be called about it."
        return Answered(Reply.PERSON, language, when, about)
    return None


def _offer(session: Session, told: Reminded, texted: Texted) -> Answered | None:
    return slot_texts.offer(
        session,
        visit=session.get_one(Visit, (texted.clinic_id, told.visits[0])),
        number=texted.number,
        language=told.language,
        source=texted.source,
        now=texted.now,
    )


def _confirm(session: Session, messages: Sequence[UUID], texted: Texted) -> Answered:
    """They come to what each of these messages told and what still stands so."""
    said, language = [], ""
    for message_id in messages:
        told = answers.told_by(session, texted.clinic_id, message_id, texted.now)
        if told is None:
            # Of several, too: whoever answers all of them must not think that all still stand.
            return _outdated(session, message_id, texted)
        language = language or told.language
        said.append(_when(session, texted.clinic_id, told, language))
    try:
        with session.begin_nested():
            for message_id in messages:
                answers.confirm(
                    session,
                    clinic_id=texted.clinic_id,
                    message_id=message_id,
                    request=texted.request("confirm"),
                )
    except (TooLate, IllegalStep, StaleVersion):
        return Answered(
            Reply.OUTDATED, language, for_desk="Their visit changed while they confirmed."
        )
    about = which_visit.confirming(messages)
    return Answered(Reply.CONFIRMED, language, "; ".join(said), asked=about)


def _when(session: Session, clinic_id: str, told: Reminded, language: str | None = None) -> str:
    zone = zone_of(session.get_one(Clinic, clinic_id).timezone)
    return in_words(told.starts, language or told.language, zone, zone)


def _outdated(session: Session, message_id: UUID, texted: Texted) -> Answered:
    language = answers.language_of(session, texted.clinic_id, message_id)
    return Answered(Reply.OUTDATED, language, for_desk="Their visit is not as they were told.")
