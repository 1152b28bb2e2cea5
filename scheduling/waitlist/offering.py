"""Gives time that has become free to one person in line, as an exclusive hold, then to the next.

Whoever frees time calls this in the same transaction, so that no freed time is forgotten: when a
visit is cancelled, missed or moved away, and when an offer is declined or lapses.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduling import checked_input, holds
from scheduling.database import new_id
from scheduling.errors import NotBookable, SlotTaken
from scheduling.tables import WaitlistEntry, WaitlistOffer
from scheduling.waitlist.freed_time import FreedTime
from scheduling.waitlist.outdated import lapse_outdated
from scheduling.waitlist.waiting import candidates

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.intervals import Interval
    from scheduling.slots import Slot

OFFER_TTL = timedelta(minutes=15)
"""How long somebody has to answer. [J] Long enough to call back, short enough for the next."""


def offer_freed_time(
    session: Session,
    clinic_id: str,
    freed: Interval,
    *,
    now: datetime,
    ttl: timedelta = OFFER_TTL,
) -> WaitlistOffer | None:
    """Hold a slot in `freed` until `now + ttl` for the first in line whom one suits.

    freed: aware; all that became free, buffers included. The slot lies whole in it, with its own
    buffers, and starts no sooner than the hold ends. Nobody is offered time that they have
    declined, let lapse or given back, nor what is after the visit that they would have earlier.

    For a refill that its patient may not book alone, such as an overdue one, the time is held all
    the same: the desk calls them, and answers for it.

    None where nobody wants the time, or it has just been taken: freeing it never fails for that.
    Raises NaiveTime, EndBeforeStart, UnknownClinic, InvalidInput.
    """
    now = checked_input.aware(now, "now")
    freed = checked_input.span(*freed, "the freed time")
    lapse_outdated(session, clinic_id, now)
    if freed[1] <= now + ttl:
        return None
    line = candidates(session, clinic_id, freed, now)
    if not line:
        return None
    time = FreedTime(session, clinic_id, freed, now=now, earliest=now + ttl, line=line)
    for person in line:
        slot = time.slot_for(person)
        entry = None if slot is None else _if_still_waiting(session, clinic_id, person.entry_id)
        if slot is None or entry is None:
            continue
        offer = _hold_for(session, entry, slot, freed, now, ttl)
        if offer is not None:
            return offer
    return None


def pass_on(
    session: Session, entry: WaitlistEntry, offer: WaitlistOffer, *, status: str, now: datetime
) -> WaitlistOffer | None:
    """Close an open offer as `status`, and offer its time to the next in line.

    entry: locked; it waits again, where it has not left. now: UTC. The next offer, if any.
    """
    holds.release_holds(session, clinic_id=offer.clinic_id, holder=holder_of(offer.id))
    offer.status = status
    if entry.status == "offered":
        entry.status = "waiting"
    session.flush()
    freed = (offer.freed_from, offer.freed_until)
    return offer_freed_time(session, offer.clinic_id, freed, now=now)


def holder_of(offer_id: UUID) -> str:
    """The name under which an offer's time is held."""
    return f"waitlist:{offer_id}"


def _if_still_waiting(session: Session, clinic_id: str, entry_id: UUID) -> WaitlistEntry | None:
    """The entry, locked; None where somebody else offers it time or changes it right now.

    Never waits: whoever has it may be waiting for what our transaction holds.
    """
    return session.scalar(
        select(WaitlistEntry)
        .where(
            WaitlistEntry.clinic_id == clinic_id,
            WaitlistEntry.id == entry_id,
            WaitlistEntry.status == "waiting",
        )
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )


def _hold_for(
    session: Session,
    entry: WaitlistEntry,
    slot: Slot,
    freed: Interval,
    now: datetime,
    ttl: timedelta,
) -> WaitlistOffer | None:
    """The offer of `slot`, held; None where somebody else has it by now."""
    offer_id = new_id()
    try:
        kept = holds.hold(session, slot=slot, holder=holder_of(offer_id), now=now, ttl=ttl)
    except (SlotTaken, NotBookable):
        return None
    entry.status = "offered"
    offer = WaitlistOffer(
        clinic_id=entry.clinic_id,
        id=offer_id,
        entry_id=entry.id,
        hold_id=kept.id,
        provider_id=slot.provider_id,
        room_id=slot.room_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        freed_from=freed[0],
        freed_until=freed[1],
        status="open",
        offered_at=now,
        expires_at=kept.expires_at,
    )
    session.add(offer)
    session.flush()
    return offer
