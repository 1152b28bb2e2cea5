"""What nobody asks for and everybody needs: forget what must be forgotten, free what has lapsed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ivr.call import attempts
from ivr.call.tables import CallRow
from ivr.call.turn import purge_finished_calls
from ivr.messages import received_texts
from ivr.messages.patients import calendar_links, slot_texts
from scheduling import booking, pruning
from scheduling.tables import Clinic

LONGEST_CALL = timedelta(hours=6)
"""A call whose end was never reported is taken for ended. The carrier's own limit is 4 hours."""

NOT_REPORTED = "not reported"
"""How such a call ended, in its row."""


def tidy(session: Session, now: datetime) -> None:
    """One round. Safe to run again, and by several workers at once. now: aware UTC."""
    session.execute(
        update(CallRow)
        .where(CallRow.ended_at.is_(None), CallRow.started_at < now - LONGEST_CALL)
        .values(ended_at=now, ended_as=NOT_REPORTED)
    )
    purge_finished_calls(session, now=now)
    attempts.prune(session, now=now)
    calendar_links.prune(session, now)
    slot_texts.prune(session, now)
    received_texts.prune(session, now)
    to_prune = pruning.VISITS_AT_ONCE
    for clinic_id in session.scalars(select(Clinic.id).order_by(Clinic.id)).all():
        booking.release_expired_holds(session, clinic_id=clinic_id, before=now)
        # One go for all clinics together: it is one transaction.
        to_prune -= pruning.prune_past_time(session, clinic_id=clinic_id, now=now, at_most=to_prune)
