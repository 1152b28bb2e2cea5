"""What stands of the times that are kept for whoever waits: who was told, and is it still so.

Every function takes the open transaction and never commits. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from ivr.messages import outbox
from ivr.messages.patients import reach, telling
from ivr.messages.patients.reach import OnFile
from ivr.messages.patients.telling import Telling
from ivr.messages.tables import OutboxMessage
from scheduling.contact import ConsentKind
from scheduling.tables import Visit, WaitlistEntry, WaitlistOffer
from scheduling.waitlist.waiting import MOVABLE

KIND: outbox.Kind = "offer_sms"
CALL: outbox.Kind = "offer_call"

OF_AN_OFFER = "offer:"
"""How the subject of each message about an offer begins; its id follows."""

OFFER_PATH = "/voice/offer"
"""Below PUBLIC_BASE_URL: what somebody hears whom we call with a time that is kept for them."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a call tells of an offer that stands. Instants are aware UTC.

    number: whom we called, E.164. instead_of: the appointment that would move there, if any.
    """

    number: str
    language: str
    offer_id: UUID
    starts_at: datetime
    expires_at: datetime
    instead_of: datetime | None


def still_for(session: Session, message: OutboxMessage, now: datetime) -> OnFile | None:
    """Whom it is for, while what it says holds and may be said to this number; else None."""
    found = _standing_offer(session, message, now)
    if found is None:
        return None
    _, entry = found
    person = reach.on_file(session, message.clinic_id, [entry.patient_id])[entry.patient_id]
    channel = ConsentKind.CALL if message.kind == CALL else ConsentKind.SMS
    return person if reach.may_use(person, None, channel, message.to_number) else None


def told_by(session: Session, clinic_id: str, message_id: UUID, now: datetime) -> Told | None:
    """What such a call tells at `now` (aware UTC); None where that time is kept no more."""
    message = session.get(OutboxMessage, (clinic_id, message_id))
    if message is None or message.kind != CALL:
        return None
    found = _standing_offer(session, message, now)
    if found is None:
        return None
    offer, entry = found
    person = reach.on_file(session, clinic_id, [entry.patient_id])[entry.patient_id]
    return Told(
        message.to_number,
        person.language,
        offer.id,
        offer.starts_at,
        offer.expires_at,
        instead_of(session, entry),
    )


def _standing_offer(
    session: Session, message: OutboxMessage, now: datetime
) -> tuple[WaitlistOffer, WaitlistEntry] | None:
    offer = session.get(WaitlistOffer, (message.clinic_id, offer_of(message)))
    if offer is None or offer.status != "open" or offer.expires_at <= now:
        return None
    return offer, session.get_one(WaitlistEntry, (message.clinic_id, offer.entry_id))


def is_answerable(session: Session, message: OutboxMessage, now: datetime) -> bool:
    """Whether an answer to this message still has a meaning: it is kept, or was taken by them."""
    offer = session.get(WaitlistOffer, (message.clinic_id, offer_of(message)))
    was_taken = offer is not None and offer.status == "accepted"
    return was_taken or is_kept(session, message, now)


def is_kept(session: Session, message: OutboxMessage, now: datetime) -> bool:
    """Whether the time that this message offers is still kept for them."""
    return _standing_offer(session, message, now) is not None


def instead_of(session: Session, entry: WaitlistEntry) -> datetime | None:
    """The start of the appointment that would move to an offered time; None for none."""
    has = session.get(Visit, (entry.clinic_id, entry.visit_id)) if entry.visit_id else None
    return has.starts_at if has is not None and has.status in MOVABLE else None


def offer_of(message: OutboxMessage) -> UUID:
    """The offer that a message is about."""
    return offer_id_of(message.subject)


def subject_of(offer_id: UUID) -> str:
    """What everything about one offer stands under: messages, and things to do."""
    return f"{OF_AN_OFFER}{offer_id}"


def offer_id_of(subject: str) -> UUID:
    """The offer that such a subject names."""
    return UUID(subject.removeprefix(OF_AN_OFFER))


def standing_of(
    session: Session, clinic_id: str, offers: Sequence[WaitlistOffer]
) -> Mapping[UUID, Telling]:
    """How far telling of each of these offers is."""
    told = telling.told_of(session, clinic_id, [subject_of(one.id) for one in offers])
    unsent = {one.id: Telling.NOT_YET if one.told_at is None else Telling.NOBODY for one in offers}
    return unsent | {offer_id_of(subject): one.telling for subject, one in told.items()}
