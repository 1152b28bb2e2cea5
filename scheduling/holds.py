"""Keeping a slot for whoever is still deciding. Every time kept here passes occupancy.py."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, update

from scheduling import checked_input
from scheduling.database import flush_or_lose, new_id
from scheduling.errors import InvalidInput, NotBookable, SlotTaken
from scheduling.occupancy import Occupied, clear_holds, granules_of_visit, occupy
from scheduling.offers import rule_for
from scheduling.tables import Hold

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.slots import Slot


def hold(
    session: Session,
    *,
    slot: Slot,
    holder: str,
    now: datetime,
    ttl: timedelta,
    moving: UUID | None = None,
) -> Hold:
    """Keep `slot` for `holder` until `now + ttl`, and give up what the holder kept before.

    moving: the visit for which the slot is meant; what overlaps its own time it has already.
    Raises NotBookable where the slot breaks a rule, SlotTaken where somebody else has it (what
    the holder kept before is then still theirs), UnknownClinic, InvalidInput.
    """
    now = checked_input.aware(now, "now")
    checked_input.text(holder, "the holder", at_most=checked_input.HOLDER_LENGTH)
    expires_at = _expiry(now, ttl)
    rule = rule_for(session, slot)
    refused = rule.refusal(session, slot, now)
    if refused is not None:
        raise NotBookable(refused)
    wanted = rule.wanted(slot)
    kept = Hold(
        clinic_id=slot.clinic_id,
        id=new_id(),
        holder=holder,
        visit_type_id=rule.visit_type.id,
        provider_id=slot.provider_id,
        room_id=slot.room_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        expires_at=expires_at,
        created_at=now,
    )
    try:
        with session.begin_nested():
            clear_holds(session, slot.clinic_id, wanted, expired_at=now, of_holder=holder)
            session.add(kept)
            flush_or_lose(session)
            theirs = granules_of_visit(session, slot.clinic_id, moving) if moving else ()
            occupy(session, slot.clinic_id, wanted, hold_id=kept.id, besides=theirs)
    except Occupied as error:
        raise SlotTaken(
            "this time has just been taken: choose one of the others",
            rule.alternatives(session, slot, now),
        ) from error
    return kept


def renew_hold(
    session: Session, *, clinic_id: str, holder: str, now: datetime, ttl: timedelta
) -> bool:
    """Let the holder's hold last until `now + ttl`. False where there is none any more.

    One that had run out, but that nobody has displaced, lives again. Raises InvalidInput.
    """
    renewed = session.scalars(
        update(Hold)
        .where(Hold.clinic_id == clinic_id, Hold.holder == holder)
        .values(expires_at=_expiry(checked_input.aware(now, "now"), ttl))
        .returning(Hold.id)
    ).all()
    return bool(renewed)


def release_holds(session: Session, *, clinic_id: str, holder: str) -> int:
    """Free what the holder keeps; how many holds that were."""
    released = session.scalars(
        delete(Hold).where(Hold.clinic_id == clinic_id, Hold.holder == holder).returning(Hold.id)
    ).all()
    return len(released)


def release_expired_holds(session: Session, *, clinic_id: str, before: datetime) -> int:
    """Housekeeping: remove the holds that ran out before `before`; how many that were.

    Nothing depends on it: a hold that has run out stands in nobody's way.
    """
    released = session.scalars(
        delete(Hold)
        .where(Hold.clinic_id == clinic_id, Hold.expires_at < checked_input.aware(before, "before"))
        .returning(Hold.id)
    ).all()
    return len(released)


def _expiry(now: datetime, ttl: timedelta) -> datetime:
    if ttl <= timedelta(0):
        raise InvalidInput(f"a hold of {ttl} would have expired before it began: give it longer")
    return now + ttl
