"""Brings records that are on file into line with their rows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from scheduling import pumps
from scheduling.database import LostRace, new_id
from scheduling.importing.corrections import Correction, Known, OnFile, correction
from scheduling.importing.rows import SOURCE, Report
from scheduling.states import Channel
from scheduling.tables import Patient, PatientConsent, PatientEvent, PatientPhone, Pump

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.requests import Request


def follow_file(
    session: Session, clinic_id: str, known: Sequence[Known], request: Request, report: Report
) -> None:
    """Store what the rows add and correct. Raises LostRace where somebody changes a record now."""
    on_file = _read(session, clinic_id, [one.record.id for one in known])
    corrections = []
    for one in known:
        planned, remarks = correction(one, on_file[one.record.id])
        corrections.append(planned)
        report.warnings += remarks
    # By patient, as everybody locks them.
    for planned in sorted(corrections, key=lambda one: one.known.record.id):
        if planned.changed:
            _store(session, clinic_id, planned, request)
        _count(planned, report)
    events = [event for one in corrections for event in _events(clinic_id, one, request)]
    if events:
        session.execute(insert(PatientEvent), events)


def _read(session: Session, clinic_id: str, ids: Sequence[UUID]) -> dict[UUID, OnFile]:
    changed_here = set(
        session.scalars(
            select(PatientEvent.patient_id)
            .where(
                PatientEvent.clinic_id == clinic_id,
                PatientEvent.patient_id.in_(ids),
                PatientEvent.channel != Channel.IMPORT.value,
            )
            .distinct()
        )
    )
    consents: dict[UUID, dict[str, tuple[bool, str]]] = defaultdict(dict)
    for one in session.scalars(
        select(PatientConsent)
        .where(PatientConsent.clinic_id == clinic_id, PatientConsent.patient_id.in_(ids))
        # The latest word comes last, and of two at the same instant the no, as in contact.py.
        .order_by(PatientConsent.at, PatientConsent.granted.desc())
    ):
        consents[one.patient_id][one.kind] = (one.granted, one.source)
    of_patient: dict[UUID, list[Pump]] = defaultdict(list)
    for pump in session.scalars(
        select(Pump).where(Pump.clinic_id == clinic_id, Pump.patient_id.in_(ids))
    ):
        of_patient[pump.patient_id].append(pump)
    return {one: OnFile(one in changed_here, consents[one], of_patient[one]) for one in ids}


def _store(session: Session, clinic_id: str, planned: Correction, request: Request) -> None:
    patient_id = planned.known.record.id
    _change_record(session, clinic_id, planned)
    for number in planned.phones:
        session.add(PatientPhone(clinic_id=clinic_id, patient_id=patient_id, number=number))
    for kind, granted in planned.consents.items():
        session.add(
            PatientConsent(
                clinic_id=clinic_id,
                patient_id=patient_id,
                kind=kind,
                granted=granted,
                at=request.now,
                source=SOURCE,
                actor=request.actor,
            )
        )
    if planned.new_pump is not None:
        pumps.register_pump(
            session,
            clinic_id=clinic_id,
            patient_id=patient_id,
            alarm_on=planned.new_pump.alarm_on,
            stable_until=planned.new_pump.stable_until,
            filled_on=planned.new_pump.filled_on,
            label=planned.new_pump.label,
            request=replace(request, key=f"{planned.known.row.key}:pump"),
        )
    if planned.pump_to_correct is not None:
        _correct_pump(session, planned, planned.pump_to_correct, request)


def _change_record(session: Session, clinic_id: str, planned: Correction) -> None:
    record = planned.known.record
    stored = session.scalars(
        update(Patient)
        .where(
            Patient.clinic_id == clinic_id,
            Patient.id == record.id,
            # Whoever has changed or merged it since it was read has counted its version up.
            Patient.version == record.version,
        )
        .values(**planned.fields, version=record.version + 1)
        .returning(Patient.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not stored:
        raise LostRace("somebody is changing a record that is being imported")


def _correct_pump(session: Session, planned: Correction, pump: Pump, request: Request) -> None:
    told = planned.known.row.pump
    if told is None:
        return
    if told.filled_on is not None:
        pump.filled_on = told.filled_on
    pumps.correct_pump(
        session,
        clinic_id=pump.clinic_id,
        pump_id=pump.id,
        request=replace(request, key=f"{planned.known.row.key}:pump:{pump.version}"),
        alarm_on=told.alarm_on,
        stable_until=told.stable_until,
        version=pump.version,
    )


def _events(clinic_id: str, planned: Correction, request: Request) -> list[dict[str, Any]]:
    """That the row was imported for the first time, or else what it changes."""
    event_id = planned.known.event_id
    if event_id is None and not planned.changed:
        return []
    return [
        {
            "clinic_id": clinic_id,
            "id": event_id or new_id(),
            "patient_id": planned.known.record.id,
            "at": request.now,
            "kind": "imported" if event_id else "updated",
            "actor": request.actor,
            "channel": request.channel.value,
            "detail": {"fields": planned.changed},
        }
    ]


def _count(planned: Correction, report: Report) -> None:
    if not planned.changed:
        report.unchanged += 1
        return
    report.count("patients changed")
    report.count("phones added", len(planned.phones))
    report.count("consents recorded", len(planned.consents))
    report.count("pumps added", planned.new_pump is not None)
    report.count("pumps corrected", planned.pump_to_correct is not None)
