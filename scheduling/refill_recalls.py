"""Keeps a pump's one live recall in step with the pump and with the visits booked for it.

The recall says nothing of its own: when it is due follows from the pump, and whether it is booked
from the visits. So a second visit, a late check-in or a corrected alarm date leaves it right, in
whatever order they come.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduling import refill_rules
from scheduling.database import flush_or_lose
from scheduling.errors import UnknownPump, UnknownVisitType
from scheduling.states import OPEN_STATUSES
from scheduling.tables import Pump, Recall, Visit, VisitType

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

LIVE = ("open", "booked")
"""Recalls that are still to be done."""


def due_date(pump: Pump) -> date:
    """The last day of the clinic's calendar on which the pump's refill is in time."""
    return refill_rules.due_on(pump.alarm_on, pump.stable_until, pump.margin_days)


def refill_type(session: Session, clinic_id: str) -> VisitType:
    """What the clinic's pumps are refilled by; its definition has one such type at most.

    Raises UnknownVisitType where the clinic refills no pumps.
    """
    found = session.scalar(
        select(VisitType).where(
            VisitType.clinic_id == clinic_id,
            VisitType.refills_pump.is_(True),
            VisitType.active.is_(True),
        )
    )
    if found is None:
        raise UnknownVisitType(
            f"clinic {clinic_id} has no visit type that refills pumps: add one with its refill "
            "days to its definition"
        )
    return found


def locked_pump(session: Session, clinic_id: str, pump_id: UUID) -> Pump:
    """The pump, and with it its recall, for this transaction alone. Raises UnknownPump."""
    pump = session.scalar(
        select(Pump)
        .where(Pump.clinic_id == clinic_id, Pump.id == pump_id)
        # A visit that is being booked refers to the pump, and may go on doing so.
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if pump is None:
        raise UnknownPump(f"clinic {clinic_id} has no pump {pump_id}: look at the patient's pumps")
    return pump


def follow(
    session: Session,
    pump: Pump,
    now: datetime,
    *,
    coming: Visit | None = None,
    gone: Visit | None = None,
) -> Recall:
    """Make the live recall of a locked pump say what is so; open one where there is none.

    coming, gone: a visit of the pump that this very transaction makes stand, or not stand any
    more, whatever its row says yet.
    Raises LostRace where another transaction has opened one.
    """
    visit = _next_visit(session, pump, now, coming, gone)
    visit_id = None if visit is None else visit.id
    due = due_date(pump)
    recall = _live_recall(session, pump)
    if recall is None:
        by = coming or gone
        recall = Recall(
            clinic_id=pump.clinic_id,
            pump_id=pump.id,
            visit_type_id=by.visit_type_id if by else refill_type(session, pump.clinic_id).id,
            opened_at=now,
            version=0,
        )
        session.add(recall)
    elif (recall.due_on, recall.visit_id) == (due, visit_id):
        return recall
    # Whoever put off the call did so knowing another date, or another booking.
    if recall.visit_id != visit_id or (recall.snoozed_until or date.min) > due:
        recall.snoozed_until = None
    recall.patient_id = pump.patient_id
    recall.due_on = due
    recall.visit_id = visit_id
    recall.status = "open" if visit is None else "booked"
    recall.version += 1
    flush_or_lose(session)
    return recall


def close_live(
    session: Session, pump: Pump, now: datetime, status: str, visit: Visit | None = None
) -> Recall | None:
    """Close the live recall of a locked pump, and return it. visit: the one that filled it."""
    recall = _live_recall(session, pump)
    if recall is not None:
        recall.visit_id = recall.visit_id if visit is None else visit.id
        close(recall, status, now)
        # Stored before the next one opens: a pump has one live recall at a time.
        session.flush()
    return recall


def close(recall: Recall, status: str, now: datetime) -> None:
    """Take a locked recall off the list as `status`: "done" or "dropped"."""
    recall.status = status
    recall.closed_at = now
    recall.version += 1


def _live_recall(session: Session, pump: Pump) -> Recall | None:
    return session.scalar(
        select(Recall)
        .where(
            Recall.clinic_id == pump.clinic_id,
            Recall.pump_id == pump.id,
            Recall.status.in_(LIVE),
        )
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def _next_visit(
    session: Session, pump: Pump, now: datetime, coming: Visit | None, gone: Visit | None
) -> Visit | None:
    """The first visit to fill the pump; one that nobody has closed since its day comes last."""
    visits = {
        visit.id: visit
        for visit in session.scalars(
            select(Visit).where(
                Visit.clinic_id == pump.clinic_id,
                # Every visit of a pump is its patient's, and to those an index leads.
                Visit.patient_id == pump.patient_id,
                Visit.pump_id == pump.id,
                Visit.status.in_(OPEN_STATUSES),
            )
        )
    }
    if coming is not None:
        visits[coming.id] = coming
    if gone is not None:
        visits.pop(gone.id, None)
    yesterday = now - timedelta(days=1)
    return min(
        visits.values(), key=lambda one: (one.starts_at < yesterday, one.starts_at), default=None
    )
