"""Patients' records: registered, found, corrected.

Whoever has the id of a record that was merged into another means that other one. How a patient
can be reached stands in contact.py, how two records become one in merging.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

from sqlalchemy import and_, or_, select

from scheduling import checked_input, directory, patient_log
from scheduling.contact import ConsentKind
from scheduling.errors import InvalidInput, StaleVersion
from scheduling.hours import zone_of
from scheduling.patient_records import current, locked, store_change, was_done
from scheduling.tables import Clinic, Patient, PatientPhone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from scheduling.requests import Request

LANGUAGES = ("en", "es")
"""Spoken by the line and the desk; for any other a patient has an interpreter."""


class PatientChanges(TypedDict, total=False):
    """What update_patient() can change, as in scheduling.tables.Patient."""

    name: str
    preferred_name: str | None
    date_of_birth: date
    language: str
    interpreter_language: str | None
    deceased_on: date | None
    preferred_channel: str | None
    timezone: str | None


def register_patient(
    session: Session,
    *,
    clinic_id: str,
    name: str | None,
    date_of_birth: date,
    phone: str,
    language: str,
    request: Request,
) -> Patient:
    """The patient with this date of birth and phone (E.164); a new one where there is none.

    name: None leaves it to the desk. A name is added to a patient who has none; one on file is
    never overwritten. Where several patients share both (twins), the one of that name is meant,
    else the one registered first. The record cannot be merged until the transaction ends.
    Raises UnknownClinic, UnsuitableText, UnsuitablePhone, InvalidInput.
    """
    today = directory.today(session, clinic_id, request.now)
    checked_input.date_of_birth(date_of_birth, today)
    checked_input.phone(phone, "the patient's phone")
    _check_language(language)
    if name is not None:
        checked_input.text(name, "the patient's name")
    known = _known(session, clinic_id, date_of_birth, phone)
    if not known:
        wait_for_other_newcomers(session, clinic_id)
        known = _known(session, clinic_id, date_of_birth, phone)
    if not known:
        return _new_patient(session, clinic_id, name, date_of_birth, phone, language, request)
    meant = next((one for one in known if name is not None and one.name == name), known[0])
    if name is None or meant.name is not None:
        return locked(session, clinic_id, meant.id)
    patient = locked(session, clinic_id, meant.id, to_change=True)
    if patient.name is None:
        patient.name = name
        patient.version += 1
        _log(session, patient, "updated", request, fields=["name"])
    return patient


def update_patient(
    session: Session,
    *,
    clinic_id: str,
    patient_id: UUID,
    request: Request,
    version: int | None = None,
    **changes: Unpack[PatientChanges],
) -> Patient:
    """Correct what is on file. What is left out of `changes` stays; the same request is done once.

    version: what the caller of this saw; None where nobody looked.
    Raises UnknownPatient, StaleVersion, KeyReused, UnsuitableText, InvalidInput.
    """
    patient = locked(session, clinic_id, patient_id, to_change=True)
    if was_done(session, patient, "updated", request):
        return patient
    if version is not None and (patient.id, patient.version) != (patient_id, version):
        raise StaleVersion(
            "somebody changed this patient's record, or merged it into another one, meanwhile: "
            "look at it again, then decide again"
        )
    _check(changes, patient, directory.today(session, clinic_id, request.now))
    fields = sorted(name for name, value in changes.items() if getattr(patient, name) != value)
    if fields:
        for name in fields:
            setattr(patient, name, changes[name])  # type: ignore[literal-required]  # one of its keys
        store_change(session, patient, "updated", request, fields)
    return patient


def find_by_phone(session: Session, clinic_id: str, number: str) -> list[Patient]:
    """The patients with this number (E.164), by when they were registered; households share one.

    Raises UnsuitablePhone.
    """
    checked_input.phone(number, "the number looked for")
    return list(
        session.scalars(
            select(Patient)
            .join(PatientPhone, _is_phone_of_patient())
            .where(PatientPhone.clinic_id == clinic_id, PatientPhone.number == number)
            .order_by(Patient.id)
        )
    )


def find_by_birth_date(session: Session, clinic_id: str, date_of_birth: date) -> list[Patient]:
    """The patients born on this day, by when they were registered. Raises InvalidInput."""
    checked_input.day(date_of_birth, "the date of birth looked for")
    return list(
        session.scalars(
            select(Patient)
            .where(
                Patient.clinic_id == clinic_id,
                Patient.date_of_birth == date_of_birth,
                Patient.merged_into_id.is_(None),
            )
            .order_by(Patient.id)
        )
    )


def wait_for_other_newcomers(session: Session, clinic_id: str) -> None:
    """Let nobody else register a newcomer of this clinic until the transaction ends. First lock.

    No key can tell a newcomer registered twice from twins, and a row that is not there yet cannot
    be locked: so the clinic's row is. Callers already known do not come here. The lock leaves
    references to the clinic alone; on SQLite writers wait for each other anyway.
    """
    session.execute(select(Clinic.id).where(Clinic.id == clinic_id).with_for_update(key_share=True))


def _known(session: Session, clinic_id: str, date_of_birth: date, phone: str) -> list[Patient]:
    """By when they were registered."""
    has_phone = (
        select(PatientPhone.number)
        .where(_is_phone_of_patient(), PatientPhone.number == phone)
        .exists()
    )
    found = session.scalars(
        select(Patient).where(
            Patient.clinic_id == clinic_id,
            Patient.date_of_birth == date_of_birth,
            # A merged record has given its phones away, and may have had another birth date.
            or_(has_phone, Patient.merged_into_id.is_not(None)),
        )
    ).all()
    known = {one.id: one for one in found if one.merged_into_id is None}
    for merged in found:
        if merged.merged_into_id is not None:
            patient = current(session, clinic_id, merged.id)
            if session.get(PatientPhone, (clinic_id, patient.id, phone)) is not None:
                known[patient.id] = patient
    return [known[patient_id] for patient_id in sorted(known)]


def _new_patient(
    session: Session,
    clinic_id: str,
    name: str | None,
    date_of_birth: date,
    phone: str,
    language: str,
    request: Request,
) -> Patient:
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
    fields = ["date_of_birth", "language", *(["name"] if name is not None else []), "phone"]
    _log(session, patient, "registered", request, fields)
    return patient


def _log(
    session: Session, patient: Patient, kind: str, request: Request, fields: Sequence[str]
) -> None:
    """Birth date and phone tell a repeated registration: its key is free for what comes next."""
    patient_log.record_beside(
        session, patient.clinic_id, patient.id, kind, request, fields=list(fields)
    )
    session.flush()


def _check(changes: PatientChanges, patient: Patient, today: date) -> None:
    unknown = sorted(changes.keys() - PatientChanges.__annotations__.keys())
    if unknown:
        raise InvalidInput(
            f"a patient's {unknown[0][:20]} cannot be changed: change one of "
            f"{', '.join(PatientChanges.__annotations__)}"
        )
    if "name" in changes:
        checked_input.text(changes["name"], "the patient's name")
    if (preferred := changes.get("preferred_name")) is not None:
        checked_input.text(preferred, "the preferred name")
    if (interpreted := changes.get("interpreter_language")) is not None:
        checked_input.text(
            interpreted, "the interpreter's language", at_most=checked_input.KEY_LENGTH
        )
    _check_language(changes.get("language", patient.language))
    if (channel := changes.get("preferred_channel")) is not None:
        ConsentKind.of(channel)
    if (zone := changes.get("timezone")) is not None:
        zone_of(zone)
    born = checked_input.date_of_birth(changes.get("date_of_birth", patient.date_of_birth), today)
    died = changes.get("deceased_on", patient.deceased_on)
    if died is not None:
        checked_input.date_of_death(died, born=born, today=today)


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise InvalidInput(f"language {language[:20]!r} is not spoken here: use en or es")


def _is_phone_of_patient() -> ColumnElement[bool]:
    return and_(PatientPhone.clinic_id == Patient.clinic_id, PatientPhone.patient_id == Patient.id)
