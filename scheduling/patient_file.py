"""All that is on file about one patient, read at once: what the desk looks at before it decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from scheduling import agenda, contact, notes, patient_records, pumps, refill_rules
from scheduling.contact import ConsentKind
from scheduling.tables import (
    Patient,
    PatientEvent,
    Pump,
    Recall,
    Visit,
    VisitEvent,
    VisitType,
    WaitlistEntry,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.agenda import AgendaVisit
    from scheduling.refill_rules import Standing
    from scheduling.tables import PatientNote

LATEST_CHANGES = 200
"""Of a long history so many are read, the latest first."""


@dataclass(frozen=True, slots=True)
class PumpOnFile:
    """A pump as the desk reads it. Days are of the clinic's calendar.

    standing: None for a pump that is no longer filled here.
    """

    id: UUID
    label: str | None
    filled_on: date | None
    alarm_on: date
    stable_until: date | None
    due_on: date
    standing: Standing | None
    active: bool
    version: int


@dataclass(frozen=True, slots=True)
class RecallOnFile:
    """One recall that is still to be done."""

    id: UUID
    visit_type_key: str
    due_on: date
    status: str
    snoozed_until: date | None


@dataclass(frozen=True, slots=True)
class Change:
    """Who changed what. kind: of patient_event or visit_event. detail: names of fields and ids.

    visit_at: the start, as it is now, of the visit that it is about; None for the record itself.
    """

    at: datetime
    kind: str
    actor: str
    channel: str
    detail: dict[str, object]
    visit_id: UUID | None = None
    visit_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PatientFile:
    """The record that counts, and all that belongs to it. Changes and notes come latest first."""

    patient: Patient
    phones: Sequence[str]
    texts: bool
    calls: bool
    pumps: Sequence[PumpOnFile]
    visits: Sequence[AgendaVisit]
    recalls: Sequence[RecallOnFile]
    waiting: Sequence[tuple[WaitlistEntry, str]]
    """Entries of the waitlist that are still open, with the key of the visit type waited for."""
    changes: Sequence[Change]
    notes: Sequence[PatientNote]


def patient_file(session: Session, clinic_id: str, patient_id: UUID, today: date) -> PatientFile:
    """What is on file; of a merged record, what is on the file that it was merged into.

    today: of the clinic's calendar. Raises UnknownPatient.
    """
    patient = patient_records.current(session, clinic_id, patient_id)
    return PatientFile(
        patient=patient,
        phones=contact.phones_of(session, clinic_id, patient.id),
        texts=contact.consent_of(session, clinic_id, patient.id, ConsentKind.SMS),
        calls=contact.consent_of(session, clinic_id, patient.id, ConsentKind.CALL),
        pumps=_pumps(session, clinic_id, patient.id, today),
        visits=agenda.visits_of(session, clinic_id, patient.id),
        recalls=_recalls(session, clinic_id, patient.id),
        waiting=_waiting(session, clinic_id, patient.id),
        changes=_changes(session, clinic_id, patient.id),
        notes=notes.notes_of(session, clinic_id, patient.id),
    )


def visit_history(session: Session, clinic_id: str, visit_id: UUID) -> list[Change]:
    """What happened to a visit, the first first: one event for each of its versions."""
    events = session.scalars(
        select(VisitEvent)
        .where(VisitEvent.clinic_id == clinic_id, VisitEvent.visit_id == visit_id)
        .order_by(VisitEvent.at, VisitEvent.id)
    )
    return [
        Change(one.at, one.kind, one.actor, one.channel, one.detail, visit_id) for one in events
    ]


def _pumps(session: Session, clinic_id: str, patient_id: UUID, today: date) -> list[PumpOnFile]:
    found = session.scalars(
        select(Pump).where(Pump.clinic_id == clinic_id, Pump.patient_id == patient_id)
    ).all()
    opens_days = session.scalar(
        select(VisitType.refill_opens_days).where(
            VisitType.clinic_id == clinic_id, VisitType.refills_pump, VisitType.active
        )
    )
    on_file = [
        PumpOnFile(
            id=pump.id,
            label=pump.label,
            filled_on=pump.filled_on,
            alarm_on=pump.alarm_on,
            stable_until=pump.stable_until,
            due_on=pumps.due_date(pump),
            standing=refill_rules.standing(pumps.due_date(pump), today, opens_days or 0)
            if pump.active
            else None,
            active=pump.active,
            version=pump.version,
        )
        for pump in found
    ]
    return sorted(on_file, key=lambda pump: (not pump.active, pump.due_on, pump.id))


def _recalls(session: Session, clinic_id: str, patient_id: UUID) -> list[RecallOnFile]:
    rows = session.execute(
        select(Recall, VisitType.key)
        .join(
            VisitType,
            and_(VisitType.clinic_id == Recall.clinic_id, VisitType.id == Recall.visit_type_id),
        )
        .where(
            Recall.clinic_id == clinic_id,
            Recall.patient_id == patient_id,
            Recall.status.in_(("open", "booked")),
        )
        .order_by(Recall.due_on, Recall.id)
    )
    return [
        RecallOnFile(recall.id, key, recall.due_on, recall.status, recall.snoozed_until)
        for recall, key in rows
    ]


def _waiting(session: Session, clinic_id: str, patient_id: UUID) -> list[tuple[WaitlistEntry, str]]:
    rows = session.execute(
        select(WaitlistEntry, VisitType.key)
        .join(
            VisitType,
            and_(
                VisitType.clinic_id == WaitlistEntry.clinic_id,
                VisitType.id == WaitlistEntry.visit_type_id,
            ),
        )
        .where(
            WaitlistEntry.clinic_id == clinic_id,
            WaitlistEntry.patient_id == patient_id,
            WaitlistEntry.status.in_(("waiting", "offered")),
        )
        .order_by(WaitlistEntry.joined_at, WaitlistEntry.id)
    )
    return [(entry, key) for entry, key in rows]


def _changes(session: Session, clinic_id: str, patient_id: UUID) -> list[Change]:
    """Of the record and of its visits; also of records that were merged into it."""
    merged = select(Patient.id).where(
        Patient.clinic_id == clinic_id, Patient.merged_into_id == patient_id
    )
    of_record = session.scalars(
        select(PatientEvent)
        .where(
            PatientEvent.clinic_id == clinic_id,
            or_(PatientEvent.patient_id == patient_id, PatientEvent.patient_id.in_(merged)),
            # The kept record's own event says the same.
            PatientEvent.kind != "merged_away",
        )
        .order_by(PatientEvent.at.desc(), PatientEvent.id.desc())
        .limit(LATEST_CHANGES)
    )
    of_visits = session.execute(
        select(VisitEvent, Visit.starts_at)
        .join(Visit, and_(Visit.clinic_id == VisitEvent.clinic_id, Visit.id == VisitEvent.visit_id))
        .where(Visit.clinic_id == clinic_id, Visit.patient_id == patient_id)
        .order_by(VisitEvent.at.desc(), VisitEvent.id.desc())
        .limit(LATEST_CHANGES)
    )
    changes = [
        *(Change(one.at, one.kind, one.actor, one.channel, one.detail) for one in of_record),
        *(
            Change(one.at, one.kind, one.actor, one.channel, one.detail, one.visit_id, starts_at)
            for one, starts_at in of_visits
        ),
    ]
    return sorted(changes, key=lambda change: change.at, reverse=True)[:LATEST_CHANGES]
