"""What somebody texts back who was offered a time: they take it, or it goes to the next in line."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.messages.patients import offers, reach
from ivr.messages.patients.reply_wording import Answered, Reply
from ivr.messages.patients.wording import in_words
from ivr.messages.tables import OutboxMessage
from scheduling.errors import NotBookable, PatientBusy, WaitlistOfferGone
from scheduling.hours import zone_of
from scheduling.requests import Request
from scheduling.states import VisitStatus
from scheduling.tables import Clinic, Visit, WaitlistEntry, WaitlistOffer
from scheduling.waitlist import answering


def answer(
    session: Session, message: OutboxMessage, *, takes: bool, passes: bool, request: Request
) -> Answered:
    """Do what they chose about the time that `message` offered; neither: they want a person.

    Whoever has the telephone takes the time that it was texted: nothing else is shown or moved.
    The same request again answers the same.
    """
    clinic_id, offer_id = message.clinic_id, offers.offer_of(message)
    offer = session.get_one(WaitlistOffer, (clinic_id, offer_id))
    entry = session.get_one(WaitlistEntry, (clinic_id, offer.entry_id))
    person = reach.on_file(session, clinic_id, [entry.patient_id])[entry.patient_id]
    zone = zone_of(session.get_one(Clinic, clinic_id).timezone)
    when = in_words([offer.starts_at], person.language, zone, zone)
    if offer.status == "accepted":
        return _after_taking(session, offer, entry, person.language, takes=takes)
    if not takes and not passes:
        about = f"Wants to speak with somebody about a time that is kept for them: {when}."
        return Answered(Reply.PERSON, person.language, when, about)
    try:
        if passes:
            answering.decline(session, clinic_id=clinic_id, offer_id=offer_id, request=request)
            return Answered(Reply.OFFER_PASSED, person.language, when)
        answering.accept(
            session,
            clinic_id=clinic_id,
            offer_id=offer_id,
            callback_number=message.to_number,
            request=request,
        )
    except WaitlistOfferGone:
        return Answered(Reply.OFFER_GONE, person.language, when)
    except (NotBookable, PatientBusy):
        about = f"Wants the time that is kept for them, which only the desk may book: {when}."
        return Answered(Reply.PERSON, person.language, when, about)
    return Answered(Reply.OFFER_TAKEN, person.language, when)


def when_of(session: Session, message: OutboxMessage) -> str:
    """The time that a message offered, in words of their language."""
    offer = session.get_one(WaitlistOffer, (message.clinic_id, offers.offer_of(message)))
    entry = session.get_one(WaitlistEntry, (message.clinic_id, offer.entry_id))
    person = reach.on_file(session, message.clinic_id, [entry.patient_id])[entry.patient_id]
    zone = zone_of(session.get_one(Clinic, message.clinic_id).timezone)
    return in_words([offer.starts_at], person.language, zone, zone)


def _after_taking(
    session: Session, offer: WaitlistOffer, entry: WaitlistEntry, language: str, *, takes: bool
) -> Answered:
    """They have the time already: it is said again, and anything else is for the desk."""
    zone = zone_of(session.get_one(Clinic, offer.clinic_id).timezone)
    when = in_words([offer.starts_at], language, zone, zone)
    has = session.scalar(
        select(Visit.id)
        .where(
            Visit.clinic_id == offer.clinic_id,
            Visit.patient_id == entry.patient_id,
            Visit.starts_at == offer.starts_at,
            Visit.status.in_((VisitStatus.BOOKED, VisitStatus.CONFIRMED)),
        )
        .limit(1)
    )
    if takes and has is not None:
        return Answered(Reply.OFFER_TAKEN, language, when)
    stands = "" if has is not None else " It is not theirs any more."
    about = f"Took {when} from the waitlist, and wants something else now.{stands}"
    return Answered(Reply.PERSON, language, when, about)
