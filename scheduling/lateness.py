"""A patient says that they will be late today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduling import agenda, checked_input, directory
from scheduling.errors import IllegalStep, InvalidInput, NotYet, UnknownVisit
from scheduling.hours import local_day, zone_of
from scheduling.states import OPEN_STATUSES
from scheduling.tables import Visit
from scheduling.visit_log import record, visit_of

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.requests import Request

RUNNING_LATE = "running_late"
"""The event of it: the visit itself stays as it is."""

LATEST = 240
"""Minutes. Who comes later than that comes to another visit. [J]"""


def announce(
    session: Session, *, clinic_id: str, visit_id: UUID, minutes: int, request: Request
) -> Visit:
    """Note it in the visit's history, with a sign to every open board. Once for each request.

    minutes: roughly how late.
    Raises UnknownVisit, IllegalStep for a visit that nobody waits for, NotYet before its day,
    InvalidInput, KeyReused.
    """
    if not 0 < minutes <= LATEST:
        raise InvalidInput(f"{minutes} minutes late: give 1 to {LATEST}, or move the visit")
    visit = session.get(Visit, (clinic_id, visit_id))
    if visit is None:
        raise UnknownVisit(f"clinic {clinic_id} has no visit {visit_id}: search for it again")
    if visit_of(session, clinic_id, request, RUNNING_LATE) is not None:
        return visit
    if visit.status not in OPEN_STATUSES:
        raise IllegalStep("running late", visit.status)
    zone = zone_of(directory.clinic(session, clinic_id).timezone)
    today = local_day(checked_input.aware(request.now, "now"), zone)
    if local_day(visit.starts_at, zone) != today:
        raise NotYet("the visit is on another day: whoever cannot come then moves it")
    record(session, visit, RUNNING_LATE, request, minutes=str(minutes))
    session.flush()
    agenda.record_change(session, clinic_id)
    return visit
