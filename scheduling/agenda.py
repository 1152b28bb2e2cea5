"""What stands in the book: the desk's board, a patient's visits ahead, and whether anyone is in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, select, update

from scheduling import checked_input
from scheduling.clinic_rules import clinic_rules
from scheduling.errors import UnknownClinic, UnknownVisit
from scheduling.intervals import clipped, covers
from scheduling.states import OPEN_STATUSES
from scheduling.tables import (
    AgendaChange,
    Patient,
    PatientPhone,
    Provider,
    Room,
    Visit,
    VisitType,
)

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import ColumnElement, Result
    from sqlalchemy.orm import Session

    from scheduling.intervals import Interval


@dataclass(frozen=True, slots=True)
class AgendaVisit:
    """One visit as the desk reads it. Times are aware UTC, without buffers.

    patient_name: None where the caller left it to the desk. phone: the number given for this
    visit, else one on the patient's file; E.164.
    """

    id: UUID
    patient_id: UUID
    patient_name: str | None
    date_of_birth: date
    phone: str | None
    visit_type_key: str
    pump_id: UUID | None
    provider_id: UUID
    provider_name: str
    room_name: str | None
    starts_at: datetime
    ends_at: datetime
    status: str
    version: int
    booked_channel: str
    created_at: datetime


def visits_between(
    session: Session,
    clinic_id: str,
    start: datetime,
    end: datetime,
    *,
    provider_id: UUID | None = None,
    limit: int | None = None,
) -> list[AgendaVisit]:
    """The visits that start in [start, end), of every status, by start, then provider.

    provider_id: with this one alone. limit: the first so many; None is all.
    Raises NaiveTime, EndBeforeStart.
    """
    start, end = checked_input.span(start, end, "the asked span")
    which = [Visit.starts_at >= start, Visit.starts_at < end]
    if provider_id is not None:
        which.append(Visit.provider_id == provider_id)
    return _visits(session, clinic_id, *which, limit=limit)


def visit(session: Session, clinic_id: str, visit_id: UUID) -> AgendaVisit:
    """The visit of this id. Raises UnknownVisit."""
    found = _visits(session, clinic_id, Visit.id == visit_id)
    if not found:
        raise UnknownVisit(f"clinic {clinic_id[:80]!r} has no visit {visit_id}: search again")
    return found[0]


def visits_of(session: Session, clinic_id: str, patient_id: UUID) -> list[AgendaVisit]:
    """Every visit on the patient's own record, of every status, by start."""
    return _visits(session, clinic_id, Visit.patient_id == patient_id)


def _visits(
    session: Session, clinic_id: str, *which: ColumnElement[bool], limit: int | None = None
) -> list[AgendaVisit]:
    number_on_file = (
        select(PatientPhone.number)
        .where(
            PatientPhone.clinic_id == Visit.clinic_id,
            PatientPhone.patient_id == Visit.patient_id,
        )
        .order_by(PatientPhone.number)
        .limit(1)
        .scalar_subquery()
    )
    # Columns, in the order of AgendaVisit's, rather than rows of tables: a board reads hundreds.
    rows: Result[*tuple[Any, ...]] = session.execute(
        select(
            Visit.id,
            Visit.patient_id,
            Patient.name,
            Patient.date_of_birth,
            func.coalesce(Visit.callback_number, number_on_file),
            VisitType.key,
            Visit.pump_id,
            Visit.provider_id,
            Provider.name,
            Room.name,
            Visit.starts_at,
            Visit.ends_at,
            Visit.status,
            Visit.version,
            Visit.booked_channel,
            Visit.created_at,
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
        .where(Visit.clinic_id == clinic_id, *which)
        .order_by(Visit.starts_at, Provider.key, Visit.id)
        .limit(limit)
    )
    return [AgendaVisit(*row) for row in rows]


def open_visits_of(
    session: Session, clinic_id: str, patient_id: UUID, *, now: datetime
) -> list[Visit]:
    """The patient's visits that have not ended and are neither cancelled nor missed, by start."""
    now = checked_input.aware(now, "now")
    return list(
        session.scalars(
            select(Visit)
            .where(
                Visit.clinic_id == clinic_id,
                Visit.patient_id == patient_id,
                # No visit lasts longer than a day: the index leads past the history.
                Visit.starts_at > now - timedelta(days=1),
                Visit.ends_at > now,
                Visit.status.in_(OPEN_STATUSES),
            )
            .order_by(Visit.starts_at)
        )
    )


def version(session: Session, clinic_id: str) -> int:
    """A number that grows with every change of the clinic's visits; 0 before the first."""
    return (
        session.scalar(select(AgendaChange.version).where(AgendaChange.clinic_id == clinic_id)) or 0
    )


def record_change(session: Session, clinic_id: str) -> None:
    """Count a change. Last in a unit of work: other changes of the clinic wait for its commit.

    Raises UnknownClinic where load_clinic() has never stored this one.
    """
    counted = session.scalars(
        update(AgendaChange)
        .where(AgendaChange.clinic_id == clinic_id)
        .values(version=AgendaChange.version + 1)
        .returning(AgendaChange.version)
    ).all()
    if not counted:
        raise UnknownClinic(f"there is no clinic {clinic_id[:80]!r}: load its definition first")


def desk_hours(session: Session, clinic_id: str, within: Interval) -> list[Interval]:
    """When the front desk is there in `within` (aware), ascending. Raises UnknownClinic."""
    return clipped(clinic_rules(session, clinic_id).hours.of_desk(session, within), within)


def is_clinic_open(session: Session, clinic_id: str, at: datetime) -> bool:
    """Whether the front desk is there at `at` (aware): its hours, less closures and holidays.

    Raises UnknownClinic, NaiveTime.
    """
    at = checked_input.aware(at, "at")
    moment = (at, at + timedelta(microseconds=1))
    return covers(clinic_rules(session, clinic_id).hours.of_desk(session, moment), moment)
