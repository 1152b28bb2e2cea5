"""Takes back what a visit's last step did to recalls and to its pump, in the same transaction.

The step left in the visit's log what it changed; see scheduling.recalls.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from scheduling import patient_log
from scheduling.errors import PumpChangedSince
from scheduling.refill_recalls import close_live, follow, locked_pump
from scheduling.tables import Recall

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from scheduling.requests import Request
    from scheduling.tables import Pump, Visit

BY_HAND = "recalls"
"""In a visit's log: ids of the recalls that the desk had booked by the visit."""
REFILLED = "refilled"
"""The same: the pump as it was before its refill was completed; None where nothing changed."""


def as_it_was(pump: Pump, closed: Recall | None) -> dict[str, Any]:
    """A pump that is about to be filled. closed: its recall, which the filling has answered."""
    return {
        # By its next version it is known whether anybody has corrected it since.
        "version": pump.version + 1,
        "filled_on": None if pump.filled_on is None else pump.filled_on.isoformat(),
        "alarm_on": pump.alarm_on.isoformat(),
        "stable_until": None if pump.stable_until is None else pump.stable_until.isoformat(),
        "active": pump.active,
        "recall": None if closed is None else str(closed.id),
    }


def visit_stands_again(
    session: Session, visit: Visit, detail: Mapping[str, Any], request: Request
) -> None:
    """The visit is neither cancelled nor missed any more, and books what it was booked for.

    detail: of the event that is undone. Raises UnknownPump, LostRace.
    """
    for recall in _recalls(session, visit, detail, "open"):
        recall.status = "booked"
        recall.visit_id = visit.id
        recall.version += 1
    if visit.pump_id is not None:
        pump = locked_pump(session, visit.clinic_id, visit.pump_id)
        if pump.active:
            follow(session, pump, request.now, coming=visit)


def visit_not_completed(
    session: Session, visit: Visit, detail: Mapping[str, Any], request: Request
) -> None:
    """The visit has not taken place yet: its recalls are still to be done, its pump is as it was.

    detail: of the event that is undone.
    Raises PumpChangedSince where the pump's dates were corrected since, or are not known as they
    were; UnknownPump, LostRace.
    """
    for recall in _recalls(session, visit, detail, "done"):
        _reopen(recall)
        recall.status, recall.visit_id = "booked", visit.id
    if visit.pump_id is None:
        return
    pump = locked_pump(session, visit.clinic_id, visit.pump_id)
    before = detail.get(REFILLED, {})
    if before is not None:
        if before.get("version") != pump.version:
            raise PumpChangedSince(
                "the pump's dates were changed after this refill: correct them on the patient's "
                "record; the visit stays completed"
            )
        _empty(session, pump, before, visit, request)
    if pump.active:
        follow(session, pump, request.now, coming=visit)


def _empty(
    session: Session, pump: Pump, before: Mapping[str, Any], visit: Visit, request: Request
) -> None:
    """Give a pump the dates that it had, and its recall back in place of the next one."""
    close_live(session, pump, request.now, "dropped")
    pump.filled_on = _day(before["filled_on"])
    pump.alarm_on = date.fromisoformat(before["alarm_on"])
    pump.stable_until = _day(before["stable_until"])
    pump.active = before["active"]
    pump.version += 1
    pump.updated_at = request.now
    if before["recall"] is not None:
        recall = session.get_one(
            Recall, (pump.clinic_id, UUID(before["recall"])), with_for_update={"key_share": True}
        )
        _reopen(recall)
    session.flush()
    patient_log.record_beside(
        session,
        pump.clinic_id,
        pump.patient_id,
        "pump_refill_undone",
        request,
        pump_id=str(pump.id),
        visit_id=str(visit.id),
        fields=["filled_on", "alarm_on", "stable_until"],
    )


def _reopen(recall: Recall) -> None:
    recall.status = "open"
    recall.visit_id = None
    recall.closed_at = None
    recall.version += 1


def _recalls(
    session: Session, visit: Visit, detail: Mapping[str, Any], status: str
) -> list[Recall]:
    """Those of the event that stand as it left them; whatever somebody did since counts."""
    ids = [UUID(one) for one in detail.get(BY_HAND, ())]
    if not ids:
        return []
    return list(
        session.scalars(
            select(Recall)
            .where(Recall.clinic_id == visit.clinic_id, Recall.id.in_(ids), Recall.status == status)
            .order_by(Recall.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
    )


def _day(stored: str | None) -> date | None:
    return None if stored is None else date.fromisoformat(stored)
