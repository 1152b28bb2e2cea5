"""Registering somebody of whom a person at the desk says that they are not on file yet.

A caller who is asked for a birth date and a number is known by both (patients.register_patient);
the desk has seen who else has them, and twins are two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduling import agenda, checked_input, directory, patient_log, patient_records
from scheduling.errors import InvalidInput
from scheduling.patients import LANGUAGES, wait_for_other_newcomers
from scheduling.tables import Patient, PatientPhone

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from scheduling.requests import Request


def register(
    session: Session,
    *,
    clinic_id: str,
    name: str,
    date_of_birth: date,
    phone: str,
    language: str,
    request: Request,
) -> Patient:
    """A new record, whoever else shares the birth date and the phone (E.164).

    The same request again gives the same record. Raises UnknownClinic, UnsuitableText,
    UnsuitablePhone, InvalidInput, KeyReused.
    """
    checked_input.text(name, "the patient's name")
    today = directory.today(session, clinic_id, request.now)
    checked_input.date_of_birth(date_of_birth, today)
    checked_input.phone(phone, "the patient's phone")
    if language not in LANGUAGES:
        raise InvalidInput(f"language {language[:20]!r} is not spoken here: use en or es")
    wait_for_other_newcomers(session, clinic_id)
    earlier = patient_log.event_of(session, clinic_id, request, "registered")
    if earlier is not None:
        return patient_records.current(session, clinic_id, earlier.patient_id)
    patient = Patient(
        clinic_id=clinic_id,
        name=name,
        date_of_birth=date_of_birth,
        language=language,
        created_at=request.now,
    )
    session.add(patient)
    session.flush()
    session.add(PatientPhone(clinic_id=clinic_id, patient_id=patient.id, number=phone))
    fields = ["date_of_birth", "language", "name", "phone"]
    patient_log.record(session, clinic_id, patient.id, "registered", request, fields=fields)
    session.flush()
    agenda.record_change(session, clinic_id)
    return patient
