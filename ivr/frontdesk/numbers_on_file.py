"""Telephone numbers of the patients on a list, in one look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduling.tables import PatientPhone


def of_patients(
    session: Session, clinic_id: str, patients: Collection[UUID]
) -> Mapping[UUID, Sequence[str]]:
    """Patient -> their numbers, E.164, in order; patients without any are left out."""
    found: dict[UUID, list[str]] = defaultdict(list)
    if patients:
        rows = session.execute(
            select(PatientPhone.patient_id, PatientPhone.number)
            .where(PatientPhone.clinic_id == clinic_id, PatientPhone.patient_id.in_(patients))
            .order_by(PatientPhone.patient_id, PatientPhone.number)
        )
        for patient_id, number in rows:
            found[patient_id].append(number)
    return found
