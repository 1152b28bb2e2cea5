"""Deletes a patient with all that is theirs, in one transaction; nothing is half deleted.

The database itself refuses to delete any row of a patient whose deletion nobody has requested
(revision 0010), so the request is stored first and the rows go in the order of their references.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, cast

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import aliased

from scheduling import agenda
from scheduling.errors import PatientInCare, UnknownPatient
from scheduling.refill_recalls import LIVE
from scheduling.tables import (
    Hold,
    Occupancy,
    Patient,
    PatientConsent,
    PatientEvent,
    PatientNote,
    PatientPhone,
    Pump,
    Recall,
    RecallAttempt,
    Visit,
    VisitEvent,
    WaitlistEntry,
    WaitlistOffer,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Delete
    from sqlalchemy.orm import Session


def delete_patient(
    session: Session, *, clinic_id: str, patient_id: UUID, now: datetime
) -> Counter[str]:
    """Delete the patient, and every record that was merged into theirs; table → rows deleted.

    Raises PatientInCare while a visit is ahead, a pump is active or a recall is to be done, and
    UnknownPatient, also for a record that was merged into another. Nothing is deleted then.
    """
    records = _locked(session, clinic_id, patient_id)
    _refuse_in_care(session, clinic_id, patient_id, now)
    session.execute(
        select(Visit.id)
        .where(Visit.clinic_id == clinic_id, Visit.patient_id.in_(records))
        .order_by(Visit.id)
        .with_for_update()
    )
    session.execute(
        update(Patient)
        .where(Patient.clinic_id == clinic_id, Patient.id.in_(records))
        .values(deletion_requested_at=now)
        .execution_options(synchronize_session=False)
    )
    deleted: Counter[str] = Counter()
    for table, statement in _in_order(clinic_id, records):
        result = session.execute(statement.execution_options(synchronize_session=False))
        deleted[table] += cast("CursorResult[object]", result).rowcount
    session.expunge_all()
    agenda.record_change(session, clinic_id)
    return +deleted


def numbers_of_theirs_alone(session: Session, clinic_id: str, patient_id: UUID) -> list[str]:
    """The patient's numbers (E.164) that are on no other patient's file."""
    other = aliased(PatientPhone)
    shared = select(other.number).where(
        other.clinic_id == PatientPhone.clinic_id,
        other.number == PatientPhone.number,
        other.patient_id != PatientPhone.patient_id,
    )
    return list(
        session.scalars(
            select(PatientPhone.number)
            .where(
                PatientPhone.clinic_id == clinic_id,
                PatientPhone.patient_id == patient_id,
                ~shared.exists(),
            )
            .order_by(PatientPhone.number)
        )
    )


def _locked(session: Session, clinic_id: str, patient_id: UUID) -> list[UUID]:
    """The patient's record and those merged into it, for this transaction alone."""
    of_clinic = select(Patient.id).where(Patient.clinic_id == clinic_id).with_for_update()
    found = session.execute(
        of_clinic.add_columns(Patient.merged_into_id).where(Patient.id == patient_id)
    ).first()
    if found is None:
        raise UnknownPatient(
            f"clinic {clinic_id[:80]!r} has no patient {patient_id}: look the id up again"
        )
    if found.merged_into_id is not None:
        raise UnknownPatient(
            f"this record was merged into {found.merged_into_id}: delete that one, which takes "
            "this one along"
        )
    records = [patient_id]
    while True:
        merged = session.scalars(
            of_clinic.where(Patient.merged_into_id.in_(records), Patient.id.not_in(records))
        ).all()
        if not merged:
            return records
        records += merged


def _refuse_in_care(session: Session, clinic_id: str, patient_id: UUID, now: datetime) -> None:
    ahead = len(agenda.open_visits_of(session, clinic_id, patient_id, now=now))
    in_the_way = {
        "a visit ahead (cancel it)": ahead,
        "an active pump (retire it)": session.scalar(
            select(func.count()).where(
                Pump.clinic_id == clinic_id, Pump.patient_id == patient_id, Pump.active.is_(True)
            )
        ),
        "a recall to be done (finish or drop it)": session.scalar(
            select(func.count()).where(
                Recall.clinic_id == clinic_id,
                Recall.patient_id == patient_id,
                Recall.status.in_(LIVE),
            )
        ),
    }
    found = [what for what, number in in_the_way.items() if number]
    if found:
        raise PatientInCare(
            f"the patient is in the clinic's care and has {', '.join(found)}: end that first, then "
            "delete the patient"
        )


def _in_order(clinic_id: str, records: Collection[UUID]) -> Iterator[tuple[str, Delete]]:
    """Table and statement: what refers to a row goes before the row."""
    visits = select(Visit.id).where(Visit.clinic_id == clinic_id, Visit.patient_id.in_(records))
    recalls = select(Recall.id).where(Recall.clinic_id == clinic_id, Recall.patient_id.in_(records))
    entries = select(WaitlistEntry.id).where(
        WaitlistEntry.clinic_id == clinic_id, WaitlistEntry.patient_id.in_(records)
    )
    offered = select(WaitlistOffer.hold_id).where(
        WaitlistOffer.clinic_id == clinic_id, WaitlistOffer.entry_id.in_(entries)
    )
    yield "hold", delete(Hold).where(Hold.clinic_id == clinic_id, Hold.id.in_(offered))
    for table, column, theirs in (
        (Occupancy, Occupancy.visit_id, visits),
        (VisitEvent, VisitEvent.visit_id, visits),
        (WaitlistOffer, WaitlistOffer.entry_id, entries),
        (RecallAttempt, RecallAttempt.recall_id, recalls),
    ):
        gone = delete(table).where(table.clinic_id == clinic_id, column.in_(theirs))
        yield table.__tablename__, gone
    for owned in (
        WaitlistEntry,
        Recall,
        Visit,
        Pump,
        PatientConsent,
        PatientEvent,
        PatientNote,
        PatientPhone,
    ):
        gone = delete(owned).where(owned.clinic_id == clinic_id, owned.patient_id.in_(records))
        yield owned.__tablename__, gone
    # In one statement: records that refer to each other go together.
    gone = delete(Patient).where(Patient.clinic_id == clinic_id, Patient.id.in_(records))
    yield "patient", gone
