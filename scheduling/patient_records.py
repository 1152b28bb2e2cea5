"""Which record counts for a patient, and how a change to it is stored.

Whoever has the id of a record that was merged into another means that other one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduling import agenda, patient_log
from scheduling.errors import KeyReused, UnknownPatient
from scheduling.tables import Patient

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from scheduling.requests import Request


def current(session: Session, clinic_id: str, patient_id: UUID) -> Patient:
    """The patient's record, or the one it was merged into, by however many steps.

    Raises UnknownPatient.
    """
    return _follow(session, select(Patient), clinic_id, patient_id)


def locked(
    session: Session, clinic_id: str, patient_id: UUID, *, to_change: bool = False
) -> Patient:
    """The same, which nobody merges until the transaction ends. Before any other lock.

    to_change: nobody changes it either. Raises UnknownPatient.
    """
    statement = select(Patient).with_for_update(read=not to_change, key_share=to_change)
    return _follow(
        session, statement.execution_options(populate_existing=True), clinic_id, patient_id
    )


def was_done(session: Session, patient: Patient, kind: str, request: Request) -> bool:
    """Whether this very request has changed the (locked) record before. Raises KeyReused."""
    earlier = patient_log.event_of(session, patient.clinic_id, request, kind)
    if earlier is None:
        return False
    if current(session, patient.clinic_id, earlier.patient_id).id != patient.id:
        raise KeyReused(
            "this idempotency key belongs to a request about another patient: give each request "
            "a key of its own"
        )
    return True


def store_change(
    session: Session, patient: Patient, kind: str, request: Request, fields: Sequence[str]
) -> None:
    """A new version of a record, its event, and a sign to every open board: it shows patients.

    Last in a unit of work, as agenda.record_change() is.
    """
    patient.version += 1
    patient_log.record(session, patient.clinic_id, patient.id, kind, request, fields=list(fields))
    session.flush()
    agenda.record_change(session, patient.clinic_id)


def _follow(
    session: Session, statement: Select[Patient], clinic_id: str, patient_id: UUID
) -> Patient:
    followed = patient_id
    while True:
        patient = session.scalar(
            statement.where(Patient.clinic_id == clinic_id, Patient.id == followed)
        )
        if patient is None:
            raise UnknownPatient(
                f"clinic {clinic_id[:80]!r} has no patient {patient_id}: register them first"
            )
        if patient.merged_into_id is None:
            return patient
        followed = patient.merged_into_id
