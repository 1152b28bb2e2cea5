"""What somebody texts back who was texted times: a number is one of them, until one was taken.

Every function takes the open transaction and never commits. Times are aware UTC.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from ivr.messages.notice_tables import TextedSlots
from ivr.messages.patients import slot_texts
from ivr.messages.patients.reply_wording import Answered, Reply
from ivr.messages.patients.text_choices import Choice, choice_of, place_of
from ivr.messages.patients.visit_replies import Texted
from scheduling import visits
from scheduling.errors import IllegalStep, StaleVersion, TooLate
from scheduling.states import VisitStatus
from scheduling.tables import Patient, Visit

TWICE = 2
"""The key that asks for times, and also chooses the second of them."""

UNREAD_FOR = timedelta(seconds=20)
"""Within so long of the times a "2" is taken for the one before, sent twice: to be delivered, and
read, they take as long. [J]"""


def answer(session: Session, times: TextedSlots, texted: Texted) -> Answered | None:
    """Do what they chose of the times that they were texted; None where somebody has to read it."""
    visit = session.get_one(Visit, (times.clinic_id, times.visit_id))
    language = str(session.get_one(Patient, (times.clinic_id, visit.patient_id)).language)
    choice, place = choice_of(texted.words), place_of(texted.words)
    taken = times.answered_by is not None
    if place == TWICE and not taken and texted.now - times.created_at < UNREAD_FOR:
        # Sent twice by who asked for times: nobody has read these yet.
        return slot_texts.read_out(session, times, language)
    if place is not None and not taken:
        return slot_texts.choose(session, times, place, language, texted.request("move"))
    if choice is Choice.CONFIRM and taken and visit.status == VisitStatus.BOOKED:
        return _confirm(session, visit, language, texted)
    if choice is Choice.MORE and not taken:
        return slot_texts.offer_later(session, times, language, texted.source, texted.now)
    if choice is Choice.CHANGE:
        slot_texts.give_up(session, times)
        if not slot_texts.may_move(visit, texted.now):
            return Answered(
                Reply.OUTDATED, language, for_desk="Their visit can no longer be moved."
            )
        return slot_texts.offer(
            session,
            visit=visit,
            number=times.number,
            language=language,
            source=texted.source,
            now=texted.now,
        )
    if choice is Choice.PERSON:
        slot_texts.give_up(session, times)
        return Answered(Reply.PERSON, language, for_desk="Wants another time than those texted.")
    return None


def _confirm(session: Session, visit: Visit, language: str, texted: Texted) -> Answered:
    try:
        visits.confirm(
            session,
            clinic_id=texted.clinic_id,
            visit_id=visit.id,
            version=visit.version,
            request=texted.request(f"confirm:{visit.id}"),
        )
    except (TooLate, IllegalStep, StaleVersion):
        return Answered(
            Reply.OUTDATED, language, for_desk="Their visit changed while they confirmed."
        )
    return Answered(Reply.CONFIRMED, language, slot_texts.when(session, visit, language))
