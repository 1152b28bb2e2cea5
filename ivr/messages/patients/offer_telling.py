"""Tells whoever waits that a freed time is kept for them, by text or call as they prefer.

A time is kept for one person at a time, and they have their time to answer from when they can have
read of it: from the morning for what is freed at night. Whom we may not reach the desk calls.
Every function takes the open transaction and never commits. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.messages import desk_tasks, given_up, outbox
from ivr.messages.patients import notices, reach
from ivr.messages.patients.offer_wording import offer_text
from ivr.messages.patients.offers import CALL, KIND, OFFER_PATH, instead_of, subject_of
from ivr.messages.patients.reach import Reach, Unreached
from ivr.messages.patients.wording import in_words
from ivr.messages.texting_hours import text_at
from scheduling import agenda, holds
from scheduling.contact import ConsentKind
from scheduling.database import new_id
from scheduling.hours import zone_of
from scheduling.intervals import Interval
from scheduling.tables import Clinic, WaitlistEntry, WaitlistOffer
from scheduling.waitlist.entries import locked_entry
from scheduling.waitlist.offering import OFFER_TTL, holder_of

AT_ONCE = 20
"""Offers told in one transaction."""

DESK_HAS = timedelta(hours=1)
"""How long an open desk has to call somebody about a time that is kept for them. [J]"""

DESK_WITHIN = timedelta(days=5)
"""How far ahead the desk's next hours are looked for: a long weekend."""


def tell(session: Session, clinic_id: str, *, base: str | None, now: datetime) -> int:
    """Tell of the offers that nobody was told of yet; how many those were. For the worker, often.

    Several workers may do this at once. base: PUBLIC_BASE_URL; without it nobody is called.
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
    return sum(_tell(session, clinic_id, one.id, one.entry_id, base, now) for one in untold)


def desk_answers_by(now: datetime, hours: Sequence[Interval]) -> datetime | None:
    """Until when the desk has to call somebody; None where it does not open in time. Pure.

    hours: when the desk is open, in order, from `now` on.
    """
    return next((max(now, opens) + DESK_HAS for opens, closes in hours if closes > now), None)


def _tell(
    session: Session,
    clinic_id: str,
    offer_id: UUID,
    entry_id: UUID,
    base: str | None,
    now: datetime,
) -> bool:
    entry = locked_entry(session, clinic_id, entry_id)
    offer = session.get_one(WaitlistOffer, (clinic_id, offer_id), populate_existing=True)
    if offer.status != "open" or offer.told_at is not None:
        return False
    clinic = session.get_one(Clinic, clinic_id)
    zone = zone_of(clinic.timezone)
    person = reach.on_file(session, clinic_id, [entry.patient_id])[entry.patient_id]
    way = reach.choose(replace(person, calls=person.calls and base is not None), None, zone)
    if isinstance(way, Reach) and _had_enough(session, clinic_id, way.number, now):
        way = Unreached.ENOUGH
    offer.told_at = now
    sent_at = text_at(now, way.zone) if isinstance(way, Reach) else now
    if isinstance(way, Reach) and sent_at + OFFER_TTL < offer.starts_at:
        if _keep_until(session, offer, sent_at + OFFER_TTL, now):
            _enqueue(session, clinic, entry, offer, way, base, sent_at, now)
    else:
        _leave_to_desk(session, offer, person.numbers, zone, now)
    session.flush()
    return True


def _enqueue(
    session: Session,
    clinic: Clinic,
    entry: WaitlistEntry,
    offer: WaitlistOffer,
    way: Reach,
    base: str | None,
    due_at: datetime,
    now: datetime,
) -> None:
    message_id = new_id()
    kind, body = CALL, f"{(base or '').rstrip('/')}{OFFER_PATH}/{message_id}"
    if way.channel is ConsentKind.SMS:
        kind, body = KIND, _text(session, clinic, entry, offer, way)
    outbox.enqueue(
        session,
        id=message_id,
        clinic_id=clinic.id,
        kind=kind,
        lane="ordinary",
        subject=subject_of(offer.id),
        to_number=way.number,
        body=body,
        due_at=due_at,
        now=now,
    )


def _text(
    session: Session, clinic: Clinic, entry: WaitlistEntry, offer: WaitlistOffer, way: Reach
) -> str:
    def words(moment: datetime) -> str:
        return in_words([moment], way.language, zone_of(clinic.timezone), way.zone)

    has = instead_of(session, entry)
    return offer_text(
        way.language,
        clinic=clinic.name,
        when=words(offer.starts_at),
        until=words(offer.expires_at),
        instead=words(has) if has else None,
        phone=clinic.phone_number,
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
        note="A time from the waitlist is kept for this patient, whom we may not text or call: "
        f"{offer.starts_at.astimezone(zone):%Y-%m-%d at %H:%M}, until "
        f"{until.astimezone(zone):%Y-%m-%d at %H:%M}. Call them, and answer for them on the page "
        "of the waitlist.",
        source=subject_of(offer.id),
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
