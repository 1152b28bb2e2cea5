"""Ends the entries that no time can meet any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from scheduling import directory
from scheduling.tables import Visit, WaitlistEntry
from scheduling.waitlist.waiting import MOVABLE

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


def lapse_outdated(session: Session, clinic_id: str, now: datetime) -> int:
    """Let those wait no more whose last day has passed, or whose visit cannot come earlier.

    How many that were. One whose patient is answering at this moment is left for the next time.
    """
    outdated = session.scalars(
        select(WaitlistEntry)
        .outerjoin(
            Visit,
            and_(
                Visit.clinic_id == WaitlistEntry.clinic_id,
                Visit.id == WaitlistEntry.visit_id,
            ),
        )
        .where(
            WaitlistEntry.clinic_id == clinic_id,
            WaitlistEntry.status == "waiting",
            or_(
                WaitlistEntry.until_on < directory.today(session, clinic_id, now),
                Visit.status.not_in(MOVABLE),
                Visit.starts_at <= now,
            ),
        )
        .with_for_update(skip_locked=True, of=WaitlistEntry)
        .execution_options(populate_existing=True)
    ).all()
    for entry in outdated:
        entry.status = "lapsed"
    session.flush()
    return len(outdated)
