"""Notes on a patient, by whoever works with them. A note is never changed: a later one corrects it.

The text is for people who have signed in, and stands nowhere but in its row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduling import agenda, checked_input, patient_log, patient_records
from scheduling.tables import Patient, PatientNote

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.requests import Request

NOTE_LENGTH = 2000
"""Characters of one note."""


def add_note(
    session: Session, *, clinic_id: str, patient_id: UUID, text: str, request: Request
) -> PatientNote:
    """Add a note to the patient's record. The same request again gives the same note.

    text: up to 2000 characters, on as many lines as are wanted.
    Raises UnknownPatient, UnsuitableText, KeyReused.
    """
    text = checked_input.lines(text, "the note", at_most=NOTE_LENGTH)
    patient = patient_records.locked(session, clinic_id, patient_id)
    note_id = patient_log.id_of(clinic_id, request)
    if patient_records.was_done(session, patient, "note_added", request):
        return session.get_one(PatientNote, (clinic_id, note_id))
    note = PatientNote(
        clinic_id=clinic_id,
        id=note_id,
        patient_id=patient.id,
        at=request.now,
        actor=request.actor,
        text=text,
    )
    session.add(note)
    patient_log.record(session, clinic_id, patient.id, "note_added", request, note=str(note_id))
    session.flush()
    agenda.record_change(session, clinic_id)
    return note


def notes_of(session: Session, clinic_id: str, patient_id: UUID) -> list[PatientNote]:
    """The notes on a record and on those that were merged into it, the latest first."""
    records = [patient_id]
    while merged := session.scalars(
        select(Patient.id).where(
            Patient.clinic_id == clinic_id,
            Patient.merged_into_id.in_(records),
            Patient.id.not_in(records),
        )
    ).all():
        records += merged
    return list(
        session.scalars(
            select(PatientNote)
            .where(PatientNote.clinic_id == clinic_id, PatientNote.patient_id.in_(records))
            .order_by(PatientNote.at.desc(), PatientNote.id.desc())
        )
    )
