"""Visits ahead that stand in closed time, because somebody closed it after they were booked.

Nothing moves or cancels them by itself: each is to be planned again with its patient. They are
worked out from the book and the hours as they are, so none can be forgotten by a list.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, select

from scheduling import checked_input
from scheduling.clinic_rules import clinic_rules
from scheduling.intervals import covers
from scheduling.pumps import due_date
from scheduling.states import VisitStatus
from scheduling.tables import Patient, PatientPhone, Provider, Pump, Room, Visit, VisitType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.intervals import Interval

_AHEAD = (VisitStatus.BOOKED, VisitStatus.CONFIRMED)


@dataclass(frozen=True, slots=True)
class StrandedVisit:
    """One visit in closed time. Times are UTC.

    patient_name: None where the caller left it to the desk. phone: the number given for this
    visit, else one on file; E.164. refill_due_on: the last day, of the clinic's calendar, on which
    the refill is in time; None for any other visit.
    """

    id: UUID
    version: int
    patient_id: UUID
    patient_name: str | None
    language: str
    phone: str | None
    visit_type_key: str
    provider_name: str
    starts_at: datetime
    ends_at: datetime
    refill_due_on: date | None


def stranded_visits(session: Session, clinic_id: str, now: datetime) -> list[StrandedVisit]:
    """Refills first, the one due first first; then the others as they come.

    A visit's own time counts, not its buffers. So do providers and rooms that are no longer there.
    Raises UnknownClinic, NaiveTime.
    """
    now = checked_input.aware(now, "now")
    rows = session.execute(_ahead(clinic_id, now)).all()
    if not rows:
        return []
    opening = _opening(session, clinic_id, rows)
    stranded = [_stranded(row) for row in rows if not _is_open_for(row, opening)]
    return sorted(
        stranded,
        key=lambda one: (
            one.refill_due_on is None,
            one.refill_due_on or date.max,
            one.starts_at,
            one.id,
        ),
    )


def stands_in_closed_time(session: Session, visit: Visit) -> bool:
    """Whether its provider or room is not there, or not any more, at the visit's own time."""
    rooms = set() if visit.room_id is None else {visit.room_id}
    owners: list[Provider | Room] = [
        session.get_one(Provider, (visit.clinic_id, visit.provider_id))
    ]
    owners += [session.get_one(Room, (visit.clinic_id, one)) for one in rooms]
    taken = (visit.starts_at, visit.ends_at)
    opening = clinic_rules(session, visit.clinic_id).hours.of(
        session, {visit.provider_id}, rooms, taken
    )
    return not all(one.active and covers(opening[one.id], taken) for one in owners)


def _ahead(clinic_id: str, now: datetime) -> Any:
    on_file = (
        select(PatientPhone.number)
        .where(
            PatientPhone.clinic_id == Visit.clinic_id,
            PatientPhone.patient_id == Visit.patient_id,
        )
        .order_by(PatientPhone.number)
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            Visit,
            Patient,
            VisitType.key.label("visit_type_key"),
            Provider.name.label("provider_name"),
            Provider.active.label("provider_active"),
            Room.active.label("room_active"),
            Pump,
            on_file.label("on_file"),
        )
        .join(Patient, and_(Patient.clinic_id == Visit.clinic_id, Patient.id == Visit.patient_id))
        .join(
            VisitType,
            and_(VisitType.clinic_id == Visit.clinic_id, VisitType.id == Visit.visit_type_id),
        )
        .join(
            Provider,
            and_(Provider.clinic_id == Visit.clinic_id, Provider.id == Visit.provider_id),
        )
        .outerjoin(Room, and_(Room.clinic_id == Visit.clinic_id, Room.id == Visit.room_id))
        .outerjoin(Pump, and_(Pump.clinic_id == Visit.clinic_id, Pump.id == Visit.pump_id))
        .where(
            Visit.clinic_id == clinic_id,
            Visit.starts_at > now,
            Visit.status.in_(_AHEAD),
        )
    )


def _opening(
    session: Session, clinic_id: str, rows: Sequence[Any]
) -> Mapping[UUID, Sequence[Interval]]:
    """When every provider and room of these visits is there."""
    visits = [row.Visit for row in rows]
    within = (min(one.starts_at for one in visits), max(one.ends_at for one in visits))
    return clinic_rules(session, clinic_id).hours.of(
        session,
        {one.provider_id for one in visits},
        {one.room_id for one in visits if one.room_id is not None},
        within,
    )


def _is_open_for(row: Any, opening: Mapping[UUID, Sequence[Interval]]) -> bool:
    visit: Visit = row.Visit
    taken = (visit.starts_at, visit.ends_at)
    if not row.provider_active or not covers(opening[visit.provider_id], taken):
        return False
    return visit.room_id is None or (row.room_active and covers(opening[visit.room_id], taken))


def _stranded(row: Any) -> StrandedVisit:
    visit: Visit = row.Visit
    return StrandedVisit(
        id=visit.id,
        version=visit.version,
        patient_id=visit.patient_id,
        patient_name=row.Patient.name,
        language=row.Patient.language,
        phone=visit.callback_number or row.on_file,
        visit_type_key=row.visit_type_key,
        provider_name=row.provider_name,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        refill_due_on=None if row.Pump is None else due_date(row.Pump),
    )
