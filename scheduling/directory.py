"""Who there is: clinics by id and number, and patients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduling import checked_input
from scheduling.clinic_loading import load_clinic
from scheduling.errors import InvalidInput, UnknownClinic
from scheduling.hours import local_day, zone_of
from scheduling.tables import Clinic, Patient, PatientPhone

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

__all__ = ["LANGUAGES", "clinic", "find_clinic_by_number", "load_clinic", "register_patient"]

LANGUAGES = ("en", "es")


def clinic(session: Session, clinic_id: str) -> Clinic:
    """The clinic of this id. Raises UnknownClinic."""
    found = session.get(Clinic, clinic_id)
    if found is None:
        raise UnknownClinic(f"there is no clinic {clinic_id[:80]!r}: load its definition first")
    return found


def find_clinic_by_number(session: Session, number: str) -> Clinic | None:
    """The clinic whose line has this number (E.164), or None."""
    return session.scalar(select(Clinic).where(Clinic.phone_number == number))


def register_patient(
    session: Session,
    *,
    clinic_id: str,
    name: str | None,
    date_of_birth: date,
    phone: str,
    language: str,
    now: datetime,
) -> Patient:
    """The patient with this date of birth and phone (E.164); a new one where there is none.

    name: None leaves it to the desk. A name is added to a patient who has none; one on file is
    never overwritten. Where several patients share both (twins), the one of that name is meant,
    else the one registered first.
    Raises UnknownClinic, UnsuitableText, UnsuitablePhone, NaiveTime, InvalidInput.
    """
    now = checked_input.aware(now, "now")
    today = local_day(now, zone_of(clinic(session, clinic_id).timezone))
    checked_input.date_of_birth(date_of_birth, today)
    checked_input.phone(phone, "the patient's phone")
    if name is not None:
        checked_input.text(name, "the patient's name")
    if language not in LANGUAGES:
        raise InvalidInput(f"language {language[:20]!r} is not spoken here: use en or es")
    known = _patients(session, clinic_id, date_of_birth, phone)
    if not known:
        return _new_patient(session, clinic_id, name, date_of_birth, phone, language, now)
    patient = next((one for one in known if name is not None and one.name == name), known[0])
    if patient.name is None:
        patient.name = name
        session.flush()
    return patient


def _patients(session: Session, clinic_id: str, date_of_birth: date, phone: str) -> list[Patient]:
    return list(
        session.scalars(
            select(Patient)
            .join(
                PatientPhone,
                (PatientPhone.clinic_id == Patient.clinic_id)
                & (PatientPhone.patient_id == Patient.id),
            )
            .where(
                PatientPhone.clinic_id == clinic_id,
                PatientPhone.number == phone,
                Patient.date_of_birth == date_of_birth,
            )
            .order_by(Patient.id)
        )
    )


def _new_patient(
    session: Session,
    clinic_id: str,
    name: str | None,
    date_of_birth: date,
    phone: str,
    language: str,
    now: datetime,
) -> Patient:
    patient = Patient(
        clinic_id=clinic_id,
        name=name,
        date_of_birth=date_of_birth,
        language=language,
        created_at=now,
    )
    session.add(patient)
    session.flush()
    session.add(PatientPhone(clinic_id=clinic_id, patient_id=patient.id, number=phone))
    session.flush()
    return patient
