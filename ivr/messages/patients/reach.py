"""By which way a patient may be told something, if at all: consent first, then what they prefer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.messages import text_consent
from scheduling.contact import ConsentKind
from scheduling.hours import zone_of
from scheduling.tables import Patient, PatientConsent, PatientPhone


class Unreached(StrEnum):
    """Why nobody may be told, or was told in time. Each asks something else of the desk."""

    DECEASED = "deceased"
    NO_NUMBER = "no_number"
    OPTED_OUT = "opted_out"
    NO_CONSENT = "no_consent"
    TOO_LATE = "too_late"
    """It fell due while nothing could be sent, and the visit is too near by now."""
    ENOUGH = "enough"
    """That number has had as many messages as anybody gets in a day."""


@dataclass(frozen=True, slots=True)
class OnFile:
    """What is on file of a patient that decides how to reach them.

    numbers: E.164, in order. zone: theirs, where it is not the clinic's.
    opted_out: those of their numbers, or numbers given for a visit, whose owner said no.
    texts_to, calls_to: the one number that the consent names; None where it names none.
    """

    patient_id: UUID
    language: str
    deceased: bool
    numbers: Sequence[str]
    opted_out: Collection[str]
    texts: bool
    calls: bool
    preferred: ConsentKind | None
    zone: ZoneInfo | None
    texts_to: str | None = None
    calls_to: str | None = None

    def may_be(self, channel: ConsentKind, number: str) -> bool:
        """Whether they agreed to be reached so at this number."""
        if channel is ConsentKind.SMS:
            return self.texts and self.texts_to in (None, number)
        return self.calls and self.calls_to in (None, number)


@dataclass(frozen=True, slots=True)
class Reach:
    """One way to one person. number: E.164. zone: whose clock says when; see texting_hours."""

    channel: ConsentKind
    number: str
    language: str
    zone: ZoneInfo


def choose(person: OnFile, given: str | None, clinic_zone: ZoneInfo) -> Reach | Unreached:
    """How to tell this patient of a visit, or why not. Pure.

    given: the number given for the visit, which comes before those on file; E.164.
    A number whose owner said STOP is neither texted nor called by a machine [FCC 2025].
    """
    if person.deceased:
        return Unreached.DECEASED
    numbers = list(dict.fromkeys([*([given] if given else []), *person.numbers]))
    if not numbers:
        return Unreached.NO_NUMBER
    agreed = [
        (channel, number)
        for channel in sorted(ConsentKind, key=_order(person.preferred))
        for number in numbers
        if person.may_be(channel, number)
    ]
    if not agreed:
        return Unreached.NO_CONSENT
    open_to_us = [way for way in agreed if way[1] not in person.opted_out]
    if not open_to_us:
        return Unreached.OPTED_OUT
    return Reach(*open_to_us[0], person.language, person.zone or clinic_zone)


def _order(preferred: ConsentKind | None) -> Callable[[ConsentKind], int]:
    """What they prefer, then texts."""
    first = [preferred, ConsentKind.SMS, ConsentKind.CALL]
    return first.index


def may_use(person: OnFile, given: str | None, channel: ConsentKind, number: str) -> bool:
    """Whether what was to go to `number` by `channel` may still go there. Pure."""
    return (
        person.may_be(channel, number)
        and not person.deceased
        and number not in person.opted_out
        and number in (given, *person.numbers)
    )


def on_file(
    session: Session,
    clinic_id: str,
    patients: Collection[UUID],
    also_numbers: Collection[str] = (),
) -> Mapping[UUID, OnFile]:
    """What is on file of these patients, by id, in four statements however many they are.

    also_numbers: given for visits, perhaps on nobody's file.
    """
    rows = session.execute(
        select(
            Patient.id,
            Patient.language,
            Patient.deceased_on,
            Patient.preferred_channel,
            Patient.timezone,
        ).where(Patient.clinic_id == clinic_id, Patient.id.in_(patients))
    ).all()
    numbers = _numbers(session, clinic_id, patients)
    granted = _consents(session, clinic_id, patients)
    every = {one for some in numbers.values() for one in some}.union(also_numbers)
    opted_out = text_consent.refusing(session, clinic_id, every)
    return {
        row.id: OnFile(
            patient_id=row.id,
            language=row.language,
            deceased=row.deceased_on is not None,
            numbers=tuple(numbers.get(row.id, ())),
            opted_out=opted_out,
            texts=granted.get((row.id, ConsentKind.SMS), (False, None))[0],
            calls=granted.get((row.id, ConsentKind.CALL), (False, None))[0],
            texts_to=granted.get((row.id, ConsentKind.SMS), (False, None))[1],
            calls_to=granted.get((row.id, ConsentKind.CALL), (False, None))[1],
            preferred=ConsentKind(row.preferred_channel) if row.preferred_channel else None,
            zone=zone_of(row.timezone) if row.timezone else None,
        )
        for row in rows
    }


def _numbers(
    session: Session, clinic_id: str, patients: Collection[UUID]
) -> Mapping[UUID, list[str]]:
    rows = session.execute(
        select(PatientPhone.patient_id, PatientPhone.number)
        .where(PatientPhone.clinic_id == clinic_id, PatientPhone.patient_id.in_(patients))
        .order_by(PatientPhone.patient_id, PatientPhone.number)
    )
    found: dict[UUID, list[str]] = {}
    for patient_id, number in rows:
        found.setdefault(patient_id, []).append(number)
    return found


def _consents(
    session: Session, clinic_id: str, patients: Collection[UUID]
) -> Mapping[tuple[UUID, ConsentKind], tuple[bool, str | None]]:
    """The latest word of each patient on each way, and the number it names, if any."""
    rows = session.execute(
        select(
            PatientConsent.patient_id,
            PatientConsent.kind,
            PatientConsent.granted,
            PatientConsent.number,
        )
        .where(PatientConsent.clinic_id == clinic_id, PatientConsent.patient_id.in_(patients))
        # Of two words at the same instant the no counts, and comes last.
        .order_by(PatientConsent.at, PatientConsent.granted.desc())
    )
    return {
        (patient_id, ConsentKind(kind)): (granted, number)
        for patient_id, kind, granted, number in rows
    }
