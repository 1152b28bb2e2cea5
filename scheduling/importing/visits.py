"""Stores the visits of the old book, past and ahead."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, inspect, select
from sqlalchemy.exc import IntegrityError

from scheduling import agenda, pumps, recalls
from scheduling.database import LostRace, is_duplicate_key, new_id
from scheduling.errors import ImportRefused
from scheduling.importing.book import (
    outside_hours,
    overlaps_in_file,
    overlaps_with_book,
    take_time,
)
from scheduling.importing.planned import Planned, Planner
from scheduling.importing.records import Records, portions
from scheduling.importing.rows import Remark, Report, VisitRow
from scheduling.importing.statistics import describe
from scheduling.importing.whose import whose
from scheduling.states import OPEN_STATUSES, VisitStatus
from scheduling.tables import Patient, Pump, Visit, VisitEvent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.requests import Request

_SAME = "is the same visit as line {line}: remove one of the two, of a cancelled one that"


def import_visits(
    session: Session, *, clinic_id: str, rows: Sequence[VisitRow], request: Request
) -> Report:
    """Store the visits of `rows`; those that are in the book already stay as they are there.

    Visits ahead keep the time of their provider, room and patient, buffers included, and refills
    ahead answer their pump's recall. Hours, notice and horizon do not bind an old book: what is
    outside the provider's hours is stored and reported.
    Raises UnknownClinic, and ImportRefused with every fault of the rows; nothing is stored then.
    """
    planner = Planner(session, clinic_id, request)
    planned = _planned(session, clinic_id, rows, planner)
    report = Report()
    new = list(_not_in_the_book(session, clinic_id, planned, report))
    faults = [*planner.faults, *_doubled(planned), *_fill_pumps(session, clinic_id, new)]
    ahead = [one for one in new if one.keeps_time]
    faults += overlaps_in_file(ahead)
    faults += overlaps_with_book(session, clinic_id, ahead, request.now)
    if faults:
        raise ImportRefused(sorted(set(faults)))
    told = {one.line for one in new}
    report.warnings += [one for one in planner.remarks if one.line in told]
    report.warnings += outside_hours(session, clinic_id, ahead)
    report.warnings.sort()
    _lock_patients(session, clinic_id, {one.visit.patient_id for one in new})
    _store(session, new, request)
    take_time(session, clinic_id, ahead, request.now)
    _answer_recalls(session, ahead, request)
    for one in new:
        report.count(f"{one.visit.status} visits added")
    if new:
        agenda.record_change(session, clinic_id)
    return report


def _planned(
    session: Session, clinic_id: str, rows: Sequence[VisitRow], planner: Planner
) -> list[Planned]:
    """The rows that are not at fault; the faults are the planner's."""
    records = Records(session, clinic_id)
    by_phone = records.of_phones({row.phone for row in rows if row.phone is not None})
    by_birth = records.of_births(
        {
            row.date_of_birth
            for row in rows
            if row.phone is None or not by_phone.get((row.date_of_birth, row.phone))
        }
    )
    planned = []
    for row in rows:
        patient = whose(row, by_phone, by_birth)
        if isinstance(patient, Remark):
            planner.faults.append(patient)
        one = planner.plan(row, None if isinstance(patient, Remark) else patient.id)
        if one is not None:
            planned.append(one)
    return planned


def _doubled(planned: Sequence[Planned]) -> Iterator[Remark]:
    lines: dict[tuple[Any, ...], int] = {}
    for one in planned:
        first = lines.setdefault(_identity(one.visit), one.line)
        if first != one.line:
            yield Remark(one.line, "", _SAME.format(line=first))


def _identity(visit: Visit) -> tuple[UUID, datetime, UUID]:
    return visit.patient_id, visit.starts_at, visit.visit_type_id


def _not_in_the_book(
    session: Session, clinic_id: str, planned: Sequence[Planned], report: Report
) -> Iterator[Planned]:
    """The visits that are new; of the others it is reported where the book says otherwise."""
    for some in portions(planned):
        by_key, by_identity = _stored(session, clinic_id, some)
        for one in some:
            stored = by_key.get(one.visit.idempotency_key) or by_identity.get(_identity(one.visit))
            if stored is None:
                yield one
                continue
            report.unchanged += 1
            if not _agree(one.row.status, stored):
                report.warnings.append(
                    Remark(
                        one.line,
                        "status",
                        f"is {stored} in the book: the book stands; change it at the desk if the "
                        "file is right",
                    )
                )


def _stored(
    session: Session, clinic_id: str, planned: Sequence[Planned]
) -> tuple[dict[str, str], dict[tuple[UUID, datetime, UUID], str]]:
    """Status of what is stored, by idempotency key, and by patient, start and type."""
    columns = (
        Visit.idempotency_key,
        Visit.patient_id,
        Visit.starts_at,
        Visit.visit_type_id,
        Visit.status,
    )
    of_clinic = select(*columns).where(Visit.clinic_id == clinic_id)
    keys = session.execute(
        of_clinic.where(Visit.idempotency_key.in_([one.visit.idempotency_key for one in planned]))
    )
    identities = session.execute(
        of_clinic.where(
            Visit.patient_id.in_({one.visit.patient_id for one in planned}),
            Visit.starts_at.in_({one.visit.starts_at for one in planned}),
        )
    )
    return (
        {key: status for key, _, _, _, status in keys},
        {(who, when, what): status for _, who, when, what, status in identities},
    )


def _agree(told: VisitStatus, stored: str) -> bool:
    # A file that says "booked" is older than whatever has become of the visit since.
    return told is VisitStatus.BOOKED or told == stored


def _fill_pumps(session: Session, clinic_id: str, planned: Sequence[Planned]) -> Iterator[Remark]:
    """Say of each refill which pump it fills. A fault for one ahead that would fill none."""
    for one in planned:
        if one.row.pump_label is not None and not one.visit_type.refills_pump:
            yield Remark(one.line, "pump_label", "only a refill fills a pump: leave it empty")
    refills = [one for one in planned if one.visit_type.refills_pump]
    active = _active_pumps(session, clinic_id, {one.visit.patient_id for one in refills})
    for one in refills:
        label = one.row.pump_label
        meant = [pump for pump in active[one.visit.patient_id] if label in (None, pump.label)]
        if meant:
            one.visit.pump_id = min(meant, key=lambda pump: (pumps.due_date(pump), pump.id)).id
        elif one.keeps_time:
            yield Remark(
                one.line,
                "visit_type" if label is None else "pump_label",
                "the patient has no such active pump on file: import it with the patients first, "
                "or correct the row",
            )


def _active_pumps(
    session: Session, clinic_id: str, patient_ids: set[UUID]
) -> dict[UUID, list[Pump]]:
    found: dict[UUID, list[Pump]] = defaultdict(list)
    for some in portions(patient_ids):
        for pump in session.scalars(
            select(Pump).where(
                Pump.clinic_id == clinic_id, Pump.patient_id.in_(some), Pump.active.is_(True)
            )
        ):
            found[pump.patient_id].append(pump)
    return found


def _lock_patients(session: Session, clinic_id: str, patient_ids: set[UUID]) -> None:
    """Nobody merges or deletes them until the transaction ends."""
    for some in portions(sorted(patient_ids)):
        unmerged = session.scalars(
            select(Patient.id)
            .where(
                Patient.clinic_id == clinic_id,
                Patient.id.in_(some),
                Patient.merged_into_id.is_(None),
            )
            .order_by(Patient.id)
            .with_for_update(read=True)
        ).all()
        if len(unmerged) < len(some):
            raise LostRace("a patient's record has just been merged or deleted")


def _store(session: Session, planned: Sequence[Planned], request: Request) -> None:
    for number, some in enumerate(portions(planned)):
        try:
            session.execute(insert(Visit), [_columns(one.visit) for one in some])
        except IntegrityError as error:
            if is_duplicate_key(error):
                raise LostRace("the same row is being imported elsewhere") from error
            raise
        if number == 0:
            describe(session, Visit)
        session.execute(insert(VisitEvent), [_event(one, request) for one in some])


def _columns(visit: Visit) -> dict[str, Any]:
    return {column.key: getattr(visit, column.key) for column in inspect(Visit).column_attrs}


def _event(planned: Planned, request: Request) -> dict[str, Any]:
    visit = planned.visit
    return {
        "clinic_id": visit.clinic_id,
        "id": new_id(),
        "visit_id": visit.id,
        "at": request.now,
        "kind": "imported",
        "actor": request.actor,
        "channel": request.channel.value,
        "detail": {"starts_at": visit.starts_at.isoformat(), "status": visit.status},
        "idempotency_key": visit.idempotency_key,
    }


def _answer_recalls(session: Session, ahead: Sequence[Planned], request: Request) -> None:
    """Each pump's recall is booked by the first refill ahead; telling of one of them suffices."""
    of_pump = {
        one.visit.pump_id: one.visit
        for one in ahead
        if one.visit.pump_id is not None and one.visit.status in OPEN_STATUSES
    }
    for _, visit in sorted(of_pump.items(), key=lambda each: str(each[0])):
        recalls.visit_booked(session, visit, request)
