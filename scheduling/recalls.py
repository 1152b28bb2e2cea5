"""What a visit does to the recalls it answers, in the same transaction, and what is overdue.

A refill's recall follows its pump and its visits by itself. Any other one is booked by hand; its
visit reopens or closes it all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scheduling import directory, patient_log, patient_records, recall_undoing
from scheduling.errors import InvalidInput, RefillOutcomeMissing
from scheduling.hours import local_day, zone_of
from scheduling.pumps import active_pumps, due_date
from scheduling.refill_recalls import close, close_live, follow, locked_pump
from scheduling.tables import Recall

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.pumps import RefillOutcome
    from scheduling.requests import Request
    from scheduling.tables import Pump, Visit


def visit_booked(session: Session, visit: Visit, request: Request) -> None:
    """The visit stands: newly booked, moved, or taking place after all.

    Raises UnknownPump, LostRace.
    """
    if visit.pump_id is None:
        return
    pump = locked_pump(session, visit.clinic_id, visit.pump_id)
    if pump.active:
        follow(session, pump, request.now, coming=visit)


def visit_released(session: Session, visit: Visit, request: Request) -> dict[str, Any]:
    """The visit is cancelled or missed: what it was booked for is on the desk's list at once.

    What recall_undoing needs to take that back, for the visit's log. Raises UnknownPump, LostRace.
    """
    by_hand = _booked_by_hand(session, visit)
    for recall in by_hand:
        recall.status = "open"
        recall.visit_id = None
        recall.snoozed_until = None
        recall.version += 1
    if visit.pump_id is not None:
        pump = locked_pump(session, visit.clinic_id, visit.pump_id)
        if pump.active:
            follow(session, pump, request.now, gone=visit)
    return _by_hand(by_hand)


def visit_completed(
    session: Session, visit: Visit, outcome: RefillOutcome | None, request: Request
) -> dict[str, Any]:
    """The visit took place: its recall is done, and a pump's next one opens.

    A retired pump that has been filled here is active again. What recall_undoing needs to take
    that back, for the visit's log: ids, and the pump's dates as they were.
    Raises RefillOutcomeMissing for a refill without `outcome`, InvalidInput for one that cannot
    be meant or for a visit that fills no pump, UnknownPump, LostRace.
    """
    by_hand = _booked_by_hand(session, visit)
    for recall in by_hand:
        close(recall, "done", request.now)
    if visit.pump_id is not None:
        before = _refilled(session, visit, visit.pump_id, outcome, request)
        return {**_by_hand(by_hand), recall_undoing.REFILLED: before}
    if outcome is not None:
        raise InvalidInput("this visit fills no pump: leave the alarm date out")
    return _by_hand(by_hand)


def overdue_refill(session: Session, clinic_id: str, patient_id: UUID, today: date) -> date | None:
    """Since when a refill of the patient is overdue: the earliest passed due date, or None.

    today: of the clinic's calendar. Urgent, whatever is booked: the caller goes to staff.
    Raises UnknownPatient.
    """
    patient = patient_records.current(session, clinic_id, patient_id)
    pumps = active_pumps(session, clinic_id, patient.id)
    return next((due_date(pump) for pump in pumps if due_date(pump) < today), None)


def _refilled(
    session: Session, visit: Visit, pump_id: UUID, outcome: RefillOutcome | None, request: Request
) -> dict[str, Any] | None:
    """The pump as it was before; None where a later filling is on file already."""
    if outcome is None:
        raise RefillOutcomeMissing(
            "a refill is completed with the pump's new low-reservoir alarm date: enter it from "
            "the programmer's printout"
        )
    pump = locked_pump(session, visit.clinic_id, pump_id)
    zone = zone_of(directory.clinic(session, visit.clinic_id).timezone)
    filled_on = local_day(visit.starts_at, zone)
    outcome.check(filled_on=filled_on, today=local_day(request.now, zone))
    before: dict[str, Any] | None = None
    # A visit that is completed long after its day says nothing of a later filling.
    if pump.filled_on is None or pump.filled_on <= filled_on:
        closed = close_live(session, pump, request.now, "done", visit)
        before = recall_undoing.as_it_was(pump, closed)
        _fill(session, pump, filled_on, outcome, request, visit)
    if pump.active:
        follow(session, pump, request.now, gone=visit)
    return before


def _fill(
    session: Session,
    pump: Pump,
    filled_on: date,
    outcome: RefillOutcome,
    request: Request,
    visit: Visit,
) -> None:
    pump.filled_on = filled_on
    pump.alarm_on = outcome.alarm_on
    pump.stable_until = outcome.stable_until
    pump.active = True
    pump.version += 1
    pump.updated_at = request.now
    patient_log.record_beside(
        session,
        pump.clinic_id,
        pump.patient_id,
        "pump_refilled",
        request,
        pump_id=str(pump.id),
        visit_id=str(visit.id),
        fields=["filled_on", "alarm_on", "stable_until"],
    )


def _by_hand(recalls: Sequence[Recall]) -> dict[str, Any]:
    return {recall_undoing.BY_HAND: [str(one.id) for one in recalls]} if recalls else {}


def _booked_by_hand(session: Session, visit: Visit) -> Sequence[Recall]:
    """The recalls that the desk has booked by this visit."""
    return session.scalars(
        select(Recall)
        .where(
            Recall.clinic_id == visit.clinic_id,
            Recall.visit_id == visit.id,
            Recall.pump_id.is_(None),
            Recall.status == "booked",
        )
        .order_by(Recall.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
