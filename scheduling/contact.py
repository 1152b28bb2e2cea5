"""How a patient can be reached: their numbers, and what they agreed to be sent."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from scheduling import agenda, checked_input
from scheduling.errors import InvalidInput, LastPhone
from scheduling.patient_records import current, locked, store_change, was_done
from scheduling.tables import PatientConsent, PatientPhone

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.requests import Request
    from scheduling.tables import Patient


class ConsentKind(StrEnum):
    """What a patient can agree to."""

    SMS = "sms"
    CALL = "call"

    @classmethod
    def of(cls, stored: str) -> ConsentKind:
        """A plain string becomes the enumeration's member. Raises InvalidInput for any other."""
        try:
            return cls(stored)
        except ValueError as error:
            raise InvalidInput(
                f"{str(stored)[:20]!r} is no way to reach a patient: use one of {', '.join(cls)}"
            ) from error


def phones_of(session: Session, clinic_id: str, patient_id: UUID) -> list[str]:
    """The patient's numbers, E.164, in order. Raises UnknownPatient."""
    patient = current(session, clinic_id, patient_id)
    return _phones(session, patient)


def add_phone(
    session: Session, *, clinic_id: str, patient_id: UUID, number: str, request: Request
) -> Patient:
    """Put a number (E.164) on the patient's file; one that is there already changes nothing.

    Raises UnknownPatient, UnsuitablePhone, KeyReused.
    """
    checked_input.phone(number, "the number to add")
    patient = locked(session, clinic_id, patient_id, to_change=True)
    if was_done(session, patient, "phone_added", request):
        return patient
    if number not in _phones(session, patient):
        session.add(PatientPhone(clinic_id=clinic_id, patient_id=patient.id, number=number))
        store_change(session, patient, "phone_added", request, ["phone"])
    return patient


def remove_phone(
    session: Session,
    *,
    clinic_id: str,
    patient_id: UUID,
    number: str,
    request: Request,
    even_the_last: bool = False,
) -> Patient:
    """Take a number (E.164) off the patient's file; one that is not there changes nothing.

    even_the_last: also where a patient with a visit ahead can then no longer be reached.
    Raises LastPhone for that otherwise, UnknownPatient, UnsuitablePhone, KeyReused.
    """
    checked_input.phone(number, "the number to remove")
    patient = locked(session, clinic_id, patient_id, to_change=True)
    if was_done(session, patient, "phone_removed", request):
        return patient
    phones = _phones(session, patient)
    if number not in phones:
        return patient
    if (
        len(phones) == 1
        and not even_the_last
        and agenda.open_visits_of(session, clinic_id, patient.id, now=request.now)
    ):
        raise LastPhone(
            "the patient has a visit ahead and no other number: add another one first, or say "
            "that none is to be left"
        )
    session.delete(session.get_one(PatientPhone, (clinic_id, patient.id, number)))
    store_change(session, patient, "phone_removed", request, ["phone"])
    return patient


def record_consent(
    session: Session,
    *,
    clinic_id: str,
    patient_id: UUID,
    kind: ConsentKind,
    granted: bool,
    source: str,
    request: Request,
    number: str | None = None,
    wording: str | None = None,
) -> None:
    """Note that the patient agrees from now on, or no longer. source: a CallSid, "desk", ….

    number: the one (E.164) that was asked about; None for whichever they have. wording: which
    version of the question they answered; None where no fixed words were used.
    Raises UnknownPatient, UnsuitableText, UnsuitablePhone, KeyReused, InvalidInput.
    """
    kind = ConsentKind.of(kind)
    checked_input.text(source, "the consent's source", at_most=checked_input.HOLDER_LENGTH)
    if number is not None:
        checked_input.phone(number, "the number that was asked about")
    if wording is not None:
        checked_input.text(wording, "the wording", at_most=checked_input.HOLDER_LENGTH)
    patient = locked(session, clinic_id, patient_id, to_change=True)
    if was_done(session, patient, "consent_recorded", request):
        return
    session.add(
        PatientConsent(
            clinic_id=clinic_id,
            patient_id=patient.id,
            kind=kind.value,
            granted=granted,
            at=request.now,
            source=source,
            actor=request.actor,
            number=number,
            wording=wording,
        )
    )
    store_change(session, patient, "consent_recorded", request, [f"{kind.value}_consent"])


def consent_of(session: Session, clinic_id: str, patient_id: UUID, kind: ConsentKind) -> bool:
    """Whether the patient agrees: the latest word counts, and silence is a no.

    Raises UnknownPatient, InvalidInput.
    """
    patient = current(session, clinic_id, patient_id)
    latest = session.scalar(
        select(PatientConsent.granted)
        .where(
            PatientConsent.clinic_id == clinic_id,
            PatientConsent.patient_id == patient.id,
            PatientConsent.kind == ConsentKind.of(kind).value,
        )
        # Of two words at the same instant, as two merged records can hold, the no counts.
        .order_by(PatientConsent.at.desc(), PatientConsent.granted)
        .limit(1)
    )
    return bool(latest)


def is_consent_known(
    session: Session, clinic_id: str, patient_id: UUID, kind: ConsentKind, number: str
) -> bool:
    """Whether the patient has said yes or no, for this number (E.164) or for whichever they have.

    Raises UnknownPatient, UnsuitablePhone, InvalidInput.
    """
    checked_input.phone(number, "the number to ask about")
    patient = current(session, clinic_id, patient_id)
    said = select(PatientConsent.id).where(
        PatientConsent.clinic_id == clinic_id,
        PatientConsent.patient_id == patient.id,
        PatientConsent.kind == ConsentKind.of(kind).value,
        or_(PatientConsent.number.is_(None), PatientConsent.number == number),
    )
    return session.scalar(said.limit(1)) is not None


def _phones(session: Session, patient: Patient) -> list[str]:
    return list(
        session.scalars(
            select(PatientPhone.number)
            .where(
                PatientPhone.clinic_id == patient.clinic_id, PatientPhone.patient_id == patient.id
            )
            .order_by(PatientPhone.number)
        )
    )
