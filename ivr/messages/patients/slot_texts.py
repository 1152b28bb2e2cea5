"""Another time for a visit, chosen by text: up to three are kept, and one number moves the visit.

Every function takes the open transaction and never commits. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ivr.messages.notice_tables import TextedSlots
from ivr.messages.patients import notices
from ivr.messages.patients.reply_wording import Answered, Reply
from ivr.messages.patients.wording import in_words
from scheduling import holds, visits
from scheduling import offers as slot_offers
from scheduling.database import flush_or_lose, new_id
from scheduling.errors import IllegalStep, NotBookable, SlotTaken, StaleVersion, TooLate
from scheduling.hours import local_day, midnight, zone_of
from scheduling.requests import Request
from scheduling.slots import Slot
from scheduling.states import VisitStatus
from scheduling.tables import Clinic, Visit, VisitType

OFFERED = 3
"""Times in one text. [caller-safety: of what is read out; a text is no longer]"""

KEPT = timedelta(minutes=15)
"""How long they are kept for whoever was texted them. [J] As long as a time from the waitlist."""

REMEMBERED = timedelta(days=7)
"""How long what was texted is known. A text is answered within as long."""

_AHEAD = (VisitStatus.BOOKED, VisitStatus.CONFIRMED)


def offer(
    session: Session, *, visit: Visit, number: str, language: str, source: str, now: datetime
) -> Answered | None:
    """Keep up to three other times for this visit; None where the patient may choose none alone.

    They lie on different days, from the visit's own on. source: the carrier's id of the text that
    asked.
    """
    zone = zone_of(session.get_one(Clinic, visit.clinic_id).timezone)
    after = max(now, midnight(local_day(visit.starts_at, zone), zone))
    kept = _keep(session, visit, source, after, now)
    if not kept:
        return None
    return _texted(session, visit, kept, (number, language), source, now)


def offer_later(
    session: Session, texted: TextedSlots, language: str, source: str, now: datetime
) -> Answered:
    """Keep up to three times after those that were texted, in their place.

    Where there are none, those that were texted stay as they are, and the answer says so.
    """
    visit = session.get_one(Visit, (texted.clinic_id, texted.visit_id))
    if not may_move(visit, now):
        give_up(session, texted)
        return Answered(Reply.OUTDATED, language, for_desk="Their visit can no longer be moved.")
    zone = zone_of(session.get_one(Clinic, texted.clinic_id).timezone)
    last = Slot.from_json(texted.slots[-1]).starts_at
    kept = _keep(session, visit, source, max(now, _day_after(last, zone)), now)
    if not kept:
        return read_out(session, texted, language, Reply.NO_LATER)
    give_up(session, texted)
    return _texted(session, visit, kept, (texted.number, language), source, now)


def may_move(visit: Visit, now: datetime) -> bool:
    """Whether a visit is still ahead at `now` (aware)."""
    return visit.status in _AHEAD and visit.starts_at > now


def _texted(
    session: Session,
    visit: Visit,
    kept: Sequence[tuple[Slot, UUID]],
    whom: tuple[str, str],
    source: str,
    now: datetime,
) -> Answered:
    """Store what is kept, and read it out. whom: their number and language."""
    number, language = whom
    texted = TextedSlots(
        clinic_id=visit.clinic_id,
        id=new_id(),
        visit_id=visit.id,
        number=number,
        source=source,
        slots=[
            {**slot.to_json(), "hold_id": str(hold_id), "version": str(visit.version)}
            for slot, hold_id in kept
        ],
        expires_at=now + KEPT,
        created_at=now,
    )
    session.add(texted)
    flush_or_lose(session)
    return read_out(session, texted, language)


def standing(session: Session, clinic_id: str, number: str, since: datetime) -> TextedSlots | None:
    """The times that this number was texted last, at `since` or later."""
    return session.scalar(
        select(TextedSlots)
        .where(
            TextedSlots.clinic_id == clinic_id,
            TextedSlots.number == number,
            TextedSlots.created_at >= since,
        )
        .order_by(TextedSlots.created_at.desc(), TextedSlots.id.desc())
        .limit(1)
    )


def choose(
    session: Session, texted: TextedSlots, position: int, language: str, request: Request
) -> Answered:
    """Move the visit to the time at `position`, 1 being the first.

    A time that is kept no more is had as long as nobody else has taken it. Where it cannot be had,
    three others are offered, or the desk is told.
    """
    clinic_id = texted.clinic_id
    visit = session.get_one(Visit, (clinic_id, texted.visit_id))
    if texted.answered_by is not None or position > len(texted.slots):
        return Answered(Reply.OUTDATED, language, for_desk="Chose a time that was not on offer.")
    chosen = texted.slots[position - 1]
    hold_id = UUID(chosen["hold_id"]) if texted.expires_at > request.now else None
    try:
        visit = visits.reschedule(
            session,
            clinic_id=clinic_id,
            visit_id=visit.id,
            slot=Slot.from_json(chosen),
            hold_id=hold_id,
            version=int(chosen["version"]),
            request=request,
        )
    except (SlotTaken, NotBookable):
        give_up(session, texted)
        again = offer(
            session,
            visit=visit,
            number=texted.number,
            language=language,
            source=request.key,
            now=request.now,
        )
        return again or _to_desk(session, visit, language)
    except (TooLate, IllegalStep, StaleVersion):
        give_up(session, texted)
        return Answered(Reply.OUTDATED, language, for_desk="Their visit can no longer be moved.")
    texted.answered_by = request.key
    give_up(session, texted)
    notices.withdraw(session, clinic_id, visit.id)
    return Answered(Reply.MOVED, language, when(session, visit, language))


def give_up(session: Session, texted: TextedSlots) -> None:
    """Keep none of these times any more."""
    for place in range(1, len(texted.slots) + 1):
        holds.release_holds(
            session, clinic_id=texted.clinic_id, holder=_holder(texted.source, place)
        )


def give_up_all(session: Session, clinic_id: str, number: str, now: datetime) -> None:
    """Keep nothing any more of what this number was texted."""
    kept = select(TextedSlots).where(
        TextedSlots.clinic_id == clinic_id,
        TextedSlots.number == number,
        TextedSlots.expires_at > now,
    )
    for texted in session.scalars(kept):
        give_up(session, texted)


def when(session: Session, visit: Visit, language: str) -> str:
    """When the visit is, in words."""
    zone = zone_of(session.get_one(Clinic, visit.clinic_id).timezone)
    return in_words([visit.starts_at], language, zone, zone)


def prune(session: Session, now: datetime) -> None:
    """Forget what was texted a week ago: nothing answers it any more."""
    session.execute(delete(TextedSlots).where(TextedSlots.created_at < now - REMEMBERED))


def _keep(
    session: Session, visit: Visit, source: str, after: datetime, now: datetime
) -> Sequence[tuple[Slot, UUID]]:
    """Keep up to three times at `after` or later, each on another day."""
    if visit.status not in _AHEAD:
        return []
    zone = zone_of(session.get_one(Clinic, visit.clinic_id).timezone)
    key = session.get_one(VisitType, (visit.clinic_id, visit.visit_type_id)).key
    kept: list[tuple[Slot, UUID]] = []
    for place in range(1, OFFERED + 1):
        found = slot_offers.find_slots(
            session,
            clinic_id=visit.clinic_id,
            visit_type_key=key,
            now=now,
            after=after,
            limit=2,
            patient_id=visit.patient_id,
            moving=visit.id,
            pump_id=visit.pump_id,
        )
        slot = next((one for one in found if one.starts_at != visit.starts_at), None)
        if slot is None:
            break
        try:
            hold = holds.hold(
                session,
                slot=slot,
                holder=_holder(source, place),
                now=now,
                ttl=KEPT,
                moving=visit.id,
            )
        except (SlotTaken, NotBookable):
            break
        kept.append((slot, hold.id))
        after = _day_after(slot.starts_at, zone)
    return kept


def _day_after(moment: datetime, zone: ZoneInfo) -> datetime:
    """The beginning of the day after it, at the clinic."""
    return midnight(local_day(moment, zone) + timedelta(days=1), zone)


def read_out(
    session: Session, texted: TextedSlots, language: str, reply: Reply = Reply.SLOTS
) -> Answered:
    """The times, numbered, and which visit they are for."""
    zone = zone_of(session.get_one(Clinic, texted.clinic_id).timezone)
    starts = [Slot.from_json(one).starts_at for one in texted.slots]
    choices = "; ".join(
        f"{place}: {in_words([start], language, zone, zone)}"
        for place, start in enumerate(starts, 1)
    )
    visit = session.get_one(Visit, (texted.clinic_id, texted.visit_id))
    return Answered(reply, language, choices, stands=when(session, visit, language))


def _to_desk(session: Session, visit: Visit, language: str) -> Answered:
    stands = when(session, visit, language)
    return Answered(Reply.CHANGE, language, stands, f"Wants another time: {stands}.")


def _holder(source: str, place: int) -> str:
    return f"text:{source}:{place}"
