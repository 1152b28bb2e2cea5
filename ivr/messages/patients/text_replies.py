"""What a patient's text means for the visit that they were last texted about.

A text proves no more than that somebody has the telephone: it confirms what our message to this
telephone told, and leaves the rest to a call or to the desk. Every function takes the open
transaction and never commits. Times are aware UTC.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from ivr.messages.notice_tables import TextedSlots
from ivr.messages.patients import answers, offer_replies, offers, recall_texts, slot_texts
from ivr.messages.patients.answers import Answer
from ivr.messages.patients.reply_wording import Answered, Reply
from ivr.messages.patients.text_choices import Choice, choice_of, language_of_words, place_of
from ivr.messages.patients.wording import in_words
from ivr.messages.tables import DeskTask, OutboxMessage
from scheduling import visits
from scheduling.errors import IllegalStep, StaleVersion, TooLate
from scheduling.hours import zone_of
from scheduling.requests import Request
from scheduling.states import Channel, VisitStatus
from scheduling.tables import Clinic, Patient, PatientPhone, Visit, VisitEvent

ANSWERED_WITHIN = timedelta(days=7)
"""What was texted before that is not what a "1" is about. [J]"""

MOST_REPLIES = 6
"""Answers to one number in an hour: a machine that answers our answers ends there. [J]"""

ACTOR = "patient, by text"

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

    words: a whole text. None where they choose nothing, or where there is no such text: then it is
    for somebody to read. source: the carrier's id of their text; the same again does nothing more
    and answers the same.
    """
    choice, message = choice_of(words), _last_told(session, clinic_id, number, now)
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
    texted = slot_texts.standing(session, clinic_id, number, message.handed_at or now)
    if texted is not None:
        return _about_times(session, texted, words, source, now)
    if choice in (Choice.NO, Choice.THIRD):
        return None
    return _about_visits(session, message, choice, source, now)


def _about_visits(
    session: Session, message: OutboxMessage, choice: Choice, source: str, now: datetime
) -> Answered:
    clinic_id, number = message.clinic_id, message.to_number
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
    if choice is Choice.CHANGE and len(told.visits) == 1:
        answers.note(
            session, clinic_id=clinic_id, message_id=message_id, answer=Answer.CHANGE, now=now
        )
        offered = slot_texts.offer(
            session,
            visit=session.get_one(Visit, (clinic_id, told.visits[0])),
            number=number,
            language=told.language,
            source=source,
            now=now,
        )
        if offered is not None:
            return offered
    wants = Answer.CHANGE if choice is Choice.CHANGE else Answer.PERSON
    answers.note(session, clinic_id=clinic_id, message_id=message_id, answer=wants, now=now)
    if choice is Choice.CHANGE:
        return Answered(Reply.CHANGE, told.language, when, f"Wants another time: {when}.")
    return Answered(Reply.PERSON, told.language, when, "Wants to speak with somebody.")


def _about_recall(session: Session, message: OutboxMessage, choice: Choice) -> Answered | None:
    if choice not in (Choice.CONFIRM, Choice.PERSON):
        return None
    language = language_of(session, message.clinic_id, message.to_number, "")
    about = "Was texted that it is time for the next appointment, and wants to be called."
    return Answered(Reply.PERSON, language, for_desk=about)


def _about_times(
    session: Session, texted: TextedSlots, words: str, source: str, now: datetime
) -> Answered | None:
    """What is answered once times were texted: a number is one of them, until one was taken."""
    clinic_id = texted.clinic_id
    language = language_of(session, clinic_id, texted.number, "")
    visit = session.get_one(Visit, (clinic_id, texted.visit_id))
    key = f"{source}:move"
    choice, place = choice_of(words), place_of(words)
    # A text from before these times, delivered again: its number names none of them.
    earlier = slot_texts.asked_for_by(session, clinic_id, source)
    if earlier is not None:
        return slot_texts.read_out(session, earlier, language)
    if _confirmed_by(session, visit, source):
        return Answered(Reply.CONFIRMED, language, slot_texts.when(session, visit, language))
    if _waits_at_the_desk(session, clinic_id, source):
        return None
    taken = texted.answered_by not in (None, key)
    if place is not None and not taken:
        request = Request(ACTOR, Channel.PHONE, now, key)
        return slot_texts.choose(session, texted, place, language, request)
    if choice is Choice.CONFIRM and taken and visit.status == VisitStatus.BOOKED:
        try:
            visits.confirm(
                session,
                clinic_id=clinic_id,
                visit_id=visit.id,
                version=visit.version,
                request=Request(ACTOR, Channel.PHONE, now, f"{source}:confirm:{visit.id}"),
            )
        except (TooLate, IllegalStep, StaleVersion):
            return Answered(
                Reply.OUTDATED, language, for_desk="Their visit changed while they confirmed."
            )
        return Answered(Reply.CONFIRMED, language, slot_texts.when(session, visit, language))
    if choice is Choice.CHANGE:
        slot_texts.give_up(session, texted)
        return slot_texts.offer(
            session, visit=visit, number=texted.number, language=language, source=source, now=now
        )
    if choice is Choice.PERSON:
        slot_texts.give_up(session, texted)
        return Answered(Reply.PERSON, language, for_desk="Wants another time than those texted.")
    return None


def _confirmed_by(session: Session, visit: Visit, source: str) -> bool:
    """Whether this very text has confirmed the visit before."""
    key = f"{source}:confirm:{visit.id}"
    events = select(VisitEvent.id).where(
        VisitEvent.clinic_id == visit.clinic_id, VisitEvent.idempotency_key == key
    )
    return session.scalar(events) is not None


def _waits_at_the_desk(session: Session, clinic_id: str, source: str) -> bool:
    """Whether this very text was left to the desk before."""
    tasks = select(DeskTask.id).where(DeskTask.clinic_id == clinic_id, DeskTask.source == source)
    return session.scalar(tasks) is not None


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
