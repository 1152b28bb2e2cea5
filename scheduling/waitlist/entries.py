"""One entry of the waitlist and its offers, for a transaction that changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduling import patient_records
from scheduling.errors import UnknownWaitlistEntry
from scheduling.tables import WaitlistEntry, WaitlistOffer

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session


def locked_entry(session: Session, clinic_id: str, entry_id: UUID) -> WaitlistEntry:
    """The entry, which nobody else answers or settles until the transaction ends.

    It locks the patient's record too, and before: call it before any other lock.
    Raises UnknownWaitlistEntry.
    """
    known = session.get(WaitlistEntry, (clinic_id, entry_id))
    if known is None:
        raise UnknownWaitlistEntry(
            f"nobody waits in clinic {clinic_id[:80]!r} as {entry_id}: look at the waitlist again"
        )
    patient_records.locked(session, clinic_id, known.patient_id, to_change=True)
    return session.scalars(
        select(WaitlistEntry)
        .where(WaitlistEntry.clinic_id == clinic_id, WaitlistEntry.id == entry_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def open_offer(session: Session, entry: WaitlistEntry) -> WaitlistOffer | None:
    """The one offer that a (locked) entry may have to answer."""
    return session.scalar(
        select(WaitlistOffer)
        .where(
            WaitlistOffer.clinic_id == entry.clinic_id,
            WaitlistOffer.entry_id == entry.id,
            WaitlistOffer.status == "open",
        )
        .execution_options(populate_existing=True)
    )
