"""What stands in the book: the desk's board, a patient's visits ahead, and whether anyone is in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, bindparam, cast, func, select, update

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
    from collections.abc import Collection, Mapping
    from uuid import UUID

    from sqlalchemy import ColumnElement, Select
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
    room_id: UUID | None
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
    # The visits alone first, then what they name: joined in one statement, SQLite's planner goes
    # through every patient of a clinic with a long history to find the visits of one day.
    rows = session.execute(
        select(
            Visit.id,
            Visit.patient_id,
            Visit.callback_number,
            Visit.visit_type_id,
            Visit.pump_id,
            Visit.provider_id,
            Visit.room_id,
            Visit.starts_at,
            Visit.ends_at,
            Visit.status,
            Visit.version,
            Visit.booked_channel,
            Visit.created_at,
        )
        .where(Visit.clinic_id == clinic_id, *which)
        .order_by(Visit.starts_at, Visit.id)
        .limit(limit)
    ).all()
    if not rows:
        return []
    patients = {
        one.id: one
        for one in session.execute(
            select(Patient.id, Patient.name, Patient.date_of_birth).where(
                Patient.clinic_id == clinic_id, Patient.id.in_({row.patient_id for row in rows})
            )
        )
    }
    numbers = _numbers(
        session, clinic_id, {one.patient_id for one in rows if not one.callback_number}
    )
    types, providers, rooms = (
        {one.id: one for one in session.execute(_NAMED[table], {_OF_CLINIC: clinic_id})}
        for table in (VisitType, Provider, Room)
    )
    # Of visits at the same time, by provider; the sort keeps the rest as it is.
    in_order = sorted(rows, key=lambda row: (row.starts_at, providers[row.provider_id].key))
    return [
        AgendaVisit(
            id=row.id,
            patient_id=row.patient_id,
            patient_name=patients[row.patient_id].name,
            date_of_birth=patients[row.patient_id].date_of_birth,
            phone=row.callback_number or numbers.get(row.patient_id),
            visit_type_key=types[row.visit_type_id].key,
            pump_id=row.pump_id,
            provider_id=row.provider_id,
            provider_name=providers[row.provider_id].name,
            room_id=row.room_id,
            room_name=None if row.room_id is None else rooms[row.room_id].name,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            status=row.status,
            version=row.version,
            booked_channel=row.booked_channel,
            created_at=row.created_at,
        )
        for row in in_order
    ]


def _numbers(session: Session, clinic_id: str, patients: Collection[UUID]) -> dict[UUID, str]:
    """The first number on file of each patient who has one."""
    if not patients:
        return {}
    rows = session.execute(
        select(PatientPhone.patient_id, func.min(PatientPhone.number))
        .where(PatientPhone.clinic_id == clinic_id, PatientPhone.patient_id.in_(patients))
        .group_by(PatientPhone.patient_id)
    )
    return {row[0]: row[1] for row in rows}


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


MARK = select("visits " + cast(AgendaChange.version, String)).where(
    AgendaChange.clinic_id == bindparam("clinic_id")
)
"""A text that is another after each change of a clinic's visits; none before the first."""


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


_OF_CLINIC = "clinic_id"
_NAMED: Mapping[type[VisitType] | type[Provider] | type[Room], Select[*tuple[Any, ...]]] = {
    VisitType: select(VisitType.id, VisitType.key).where(
        VisitType.clinic_id == bindparam(_OF_CLINIC)
    ),
    Provider: select(Provider.id, Provider.key, Provider.name).where(
        Provider.clinic_id == bindparam(_OF_CLINIC)
    ),
    Room: select(Room.id, Room.name).where(Room.clinic_id == bindparam(_OF_CLINIC)),
}
