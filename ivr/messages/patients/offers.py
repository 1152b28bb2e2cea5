"""Tells whoever waits that a freed time is kept for them, and does what they text back.

A time is kept for one person at a time, and they have their time to answer from when they can have
read of it: from the morning for what is freed at night. Whom no text may reach the desk calls.
Every function takes the open transaction and never commits. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.messages import delivery, desk_tasks, given_up, outbox
from ivr.messages.patients import notices, reach
from ivr.messages.patients.offer_wording import offer_text
from ivr.messages.patients.reach import Reach, Unreached
from ivr.messages.patients.wording import in_words
from ivr.messages.tables import OutboxMessage
from ivr.messages.texting_hours import text_at
from scheduling import agenda, holds
from scheduling.contact import ConsentKind
from scheduling.hours import zone_of
from scheduling.intervals import Interval
from scheduling.tables import Clinic, Visit, WaitlistEntry, WaitlistOffer
from scheduling.waitlist.entries import locked_entry
from scheduling.waitlist.offering import OFFER_TTL, holder_of
from scheduling.waitlist.waiting import MOVABLE


class Telling(StrEnum):
    """How far it is that somebody knows of the time that is kept for them."""

    NOT_YET = "not_yet"
    TEXTED = "texted"
    NOT_ARRIVED = "not_arrived"
    NO_TEXT = "no_text"
    """No text may reach them: somebody has to call."""


KIND: outbox.Kind = "offer_sms"

AT_ONCE = 20
"""Offers told in one transaction."""

DESK_HAS = timedelta(hours=1)
"""How long an open desk has to call somebody about a time that is kept for them. [J]"""

DESK_WITHIN = timedelta(days=5)
"""How far ahead the desk's next hours are looked for: a long weekend."""


def tell(session: Session, clinic_id: str, *, now: datetime) -> int:
    """Tell of the offers that nobody was told of yet; how many those were. For the worker, often.

    Several workers may do this at once.
    """
    untold = session.execute(
        select(WaitlistOffer.id, WaitlistOffer.entry_id)
        .where(
            WaitlistOffer.clinic_id == clinic_id,
            WaitlistOffer.status == "open",
            # One that ran out while nothing worked, too: nobody has heard of it.
            WaitlistOffer.told_at.is_(None),
        )
        .order_by(WaitlistOffer.expires_at, WaitlistOffer.id)
        .limit(AT_ONCE)
    ).all()
    return sum(_tell(session, clinic_id, one.id, one.entry_id, now) for one in untold)


def is_true(session: Session, message: OutboxMessage, now: datetime) -> bool:
    """Whether what an offer's text says still holds, and may still be said to this number."""
    offer = session.get(WaitlistOffer, (message.clinic_id, offer_of(message)))
    if offer is None or offer.status != "open" or offer.expires_at <= now:
        return False
    entry = session.get_one(WaitlistEntry, (message.clinic_id, offer.entry_id))
    person = reach.on_file(session, message.clinic_id, [entry.patient_id])[entry.patient_id]
    return reach.may_use(person, None, ConsentKind.SMS, message.to_number)


def offer_of(message: OutboxMessage) -> UUID:
    """The offer that a message is about."""
    return UUID(message.subject.removeprefix("offer:"))


def standing_of(
    session: Session, clinic_id: str, offers: Sequence[WaitlistOffer]
) -> Mapping[UUID, Telling]:
    """How far telling of each of these offers is."""
    rows = session.execute(
        select(OutboxMessage.subject, OutboxMessage.state, OutboxMessage.delivery).where(
            OutboxMessage.clinic_id == clinic_id,
            OutboxMessage.subject.in_([f"offer:{one.id}" for one in offers]),
        )
    )
    texts = {row.subject: (row.state, row.delivery) for row in rows}
    return {one.id: _standing(one, texts.get(f"offer:{one.id}")) for one in offers}


def _standing(offer: WaitlistOffer, text: tuple[str, str | None] | None) -> Telling:
    if text is None:
        return Telling.NOT_YET if offer.told_at is None else Telling.NO_TEXT
    state, reported = text
    if state == "pending":
        return Telling.NOT_YET
    failed = state != "sent" or reported in delivery.NOT_DELIVERED
    return Telling.NOT_ARRIVED if failed else Telling.TEXTED


def desk_answers_by(now: datetime, hours: Sequence[Interval]) -> datetime | None:
    """Until when the desk has to call somebody; None where it does not open in time. Pure.

    hours: when the desk is open, in order, from `now` on.
    """
    return next((max(now, opens) + DESK_HAS for opens, closes in hours if closes > now), None)


def _tell(session: Session, clinic_id: str, offer_id: UUID, entry_id: UUID, now: datetime) -> bool:
    entry = locked_entry(session, clinic_id, entry_id)
    offer = session.get_one(WaitlistOffer, (clinic_id, offer_id), populate_existing=True)
    if offer.status != "open" or offer.told_at is not None:
        return False
    clinic = session.get_one(Clinic, clinic_id)
    zone = zone_of(clinic.timezone)
    person = reach.on_file(session, clinic_id, [entry.patient_id])[entry.patient_id]
    way = reach.choose(replace(person, calls=False), None, zone)
    if isinstance(way, Reach) and _had_enough(session, clinic_id, way.number, now):
        way = Unreached.ENOUGH
    offer.told_at = now
    sent_at = text_at(now, way.zone) if isinstance(way, Reach) else now
    if isinstance(way, Reach) and sent_at + OFFER_TTL < offer.starts_at:
        if _keep_until(session, offer, sent_at + OFFER_TTL, now):
            _text(session, clinic, entry, offer, way, zone, sent_at, now)
    else:
        _leave_to_desk(session, offer, person.numbers, zone, now)
    session.flush()
    return True


def _text(
    session: Session,
    clinic: Clinic,
    entry: WaitlistEntry,
    offer: WaitlistOffer,
    way: Reach,
    zone: ZoneInfo,
    sent_at: datetime,
    now: datetime,
) -> None:
    has = session.get(Visit, (clinic.id, entry.visit_id)) if entry.visit_id else None
    instead = None
    if has is not None and has.status in MOVABLE:
        instead = in_words([has.starts_at], way.language, zone, way.zone)
    outbox.enqueue(
        session,
        clinic_id=clinic.id,
        kind=KIND,
        lane="ordinary",
        subject=f"offer:{offer.id}",
        to_number=way.number,
        body=offer_text(
            way.language,
            clinic=clinic.name,
            when=in_words([offer.starts_at], way.language, zone, way.zone),
            until=in_words([offer.expires_at], way.language, zone, way.zone),
            instead=instead,
            phone=clinic.phone_number,
        ),
        due_at=sent_at,
        now=now,
    )


def _leave_to_desk(
    session: Session, offer: WaitlistOffer, numbers: Sequence[str], zone: ZoneInfo, now: datetime
) -> None:
    hours = agenda.desk_hours(session, offer.clinic_id, (now, now + DESK_WITHIN))
    until = desk_answers_by(now, hours)
    if until is None or until >= offer.starts_at:
        # Nobody could be called in time: it goes to the next in line when it runs out.
        return
    if not _keep_until(session, offer, until, now):
        return
    desk_tasks.open_task(
        session,
        clinic_id=offer.clinic_id,
        kind="callback",
        callback_number=numbers[0] if numbers else None,
        language=given_up.LANGUAGE,
        note="A time from the waitlist is kept for this patient, who cannot be texted: "
        f"{offer.starts_at.astimezone(zone):%Y-%m-%d at %H:%M}, until "
        f"{until.astimezone(zone):%Y-%m-%d at %H:%M}. Call them, and answer for them on the page "
        "of the waitlist.",
        source=f"offer:{offer.id}",
        now=now,
    )


def _keep_until(session: Session, offer: WaitlistOffer, until: datetime, now: datetime) -> bool:
    """False where its time ran out before anybody was told, and somebody else has taken it."""
    kept = holds.renew_hold(
        session,
        clinic_id=offer.clinic_id,
        holder=holder_of(offer.id),
        now=now,
        ttl=until - now,
    )
    if kept:
        offer.expires_at = until
    return kept


def _had_enough(session: Session, clinic_id: str, number: str, now: datetime) -> bool:
    sent = notices.sent_lately(session, clinic_id, [number], now)
    return sent.get(number, 0) >= notices.MOST_A_DAY
