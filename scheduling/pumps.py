"""Patients' pumps: put on file, corrected, retired, and which one is to be refilled next.

An active pump always has one live recall, so that none can run dry unseen. All days are of the
clinic's calendar.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scheduling import checked_input, directory, patient_log, patient_records, refill_rules
from scheduling.database import flush_or_lose
from scheduling.errors import StaleVersion, UnknownPump
from scheduling.refill_recalls import close_live, due_date, follow, locked_pump, refill_type
from scheduling.tables import Pump

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.requests import Request

__all__ = [
    "RefillOutcome",
    "active_pumps",
    "correct_pump",
    "due_date",
    "pump_to_refill",
    "register_pump",
    "retire_pump",
]


@dataclass(frozen=True, slots=True)
class RefillOutcome:
    """What the programmer printed after a refill.

    alarm_on: the new low-reservoir alarm date. stable_until: the last day on which the new drug
    is stable; None where the clinic sets none. Raises InvalidInput for a day with a time.
    """

    alarm_on: date
    stable_until: date | None

    def __post_init__(self) -> None:
        checked_input.day(self.alarm_on, "the low-reservoir alarm date")
        if self.stable_until is not None:
            checked_input.day(self.stable_until, "the end of the drug's stability")

    def check(self, *, filled_on: date | None, today: date) -> None:
        """Raise InvalidInput where this cannot be meant; filled_on: None where nobody knows."""
        refill_rules.check_alarm_date(self.alarm_on, filled_on=filled_on, today=today)
        refill_rules.check_stability(self.stable_until, filled_on=filled_on, today=today)


def active_pumps(session: Session, clinic_id: str, patient_id: UUID) -> list[Pump]:
    """The patient's active pumps; the one that is due first comes first."""
    pumps = session.scalars(
        select(Pump).where(
            Pump.clinic_id == clinic_id, Pump.patient_id == patient_id, Pump.active.is_(True)
        )
    )
    return sorted(pumps, key=lambda pump: (due_date(pump), pump.id))


def pump_to_refill(
    session: Session, clinic_id: str, patient_id: UUID, pump_id: UUID | None = None
) -> Pump | None:
    """The patient's active pump of this id; without one, the pump that is due first.

    None where there is no such pump.
    """
    pumps = active_pumps(session, clinic_id, patient_id)
    return next((pump for pump in pumps if pump_id in (None, pump.id)), None)


def register_pump(
    session: Session,
    *,
    clinic_id: str,
    patient_id: UUID,
    alarm_on: date,
    stable_until: date | None,
    filled_on: date | None,
    label: str | None,
    request: Request,
) -> Pump:
    """Put a pump on file and open its recall. The same request again gives the same pump.

    alarm_on, stable_until: as printed at the last refill, on `filled_on`; that is None where
    nobody knows. label: what tells a patient's pumps apart. The margin before the alarm and the
    drug's preparation are the clinic's, from its visit type for refills.
    Raises UnknownPatient, UnknownClinic, UnknownVisitType where the clinic refills no pumps,
    InvalidInput, UnsuitableText, KeyReused.
    """
    patient = patient_records.locked(session, clinic_id, patient_id)
    pump_id = patient_log.id_of(clinic_id, request)
    if patient_records.was_done(session, patient, "pump_registered", request):
        return session.get_one(Pump, (clinic_id, pump_id))
    if label is not None:
        checked_input.text(label, "the pump's label")
    today = directory.today(session, clinic_id, request.now)
    if filled_on is not None:
        checked_input.day(filled_on, "the day of the last refill")
        refill_rules.check_filled_on(filled_on, today=today)
    RefillOutcome(alarm_on, stable_until).check(filled_on=filled_on, today=today)
    by = refill_type(session, clinic_id)
    pump = Pump(
        clinic_id=clinic_id,
        id=pump_id,
        patient_id=patient.id,
        label=label,
        filled_on=filled_on,
        alarm_on=alarm_on,
        stable_until=stable_until,
        margin_days=by.refill_margin_days,
        preparation_days=by.refill_preparation_days,
        active=True,
        version=1,
        updated_at=request.now,
    )
    session.add(pump)
    flush_or_lose(session)
    recall = follow(session, pump, request.now)
    _record(session, pump, "pump_registered", request, recall_id=str(recall.id))
    return pump


def correct_pump(
    session: Session,
    *,
    clinic_id: str,
    pump_id: UUID,
    request: Request,
    alarm_on: date,
    stable_until: date | None,
    version: int,
) -> Pump:
    """Correct what was printed at the last refill; the recall's due date moves along.

    version: of the pump, as whoever corrects it saw it.
    Raises UnknownPump (a retired one too), StaleVersion, InvalidInput, KeyReused.
    """
    pump = _locked(session, clinic_id, pump_id)
    if patient_log.event_of(session, clinic_id, request, "pump_corrected", pump_id=pump_id):
        return pump
    _refuse_retired_or_stale(pump, version)
    today = directory.today(session, clinic_id, request.now)
    RefillOutcome(alarm_on, stable_until).check(filled_on=pump.filled_on, today=today)
    fields = [
        name
        for name, was, is_now in (
            ("alarm_on", pump.alarm_on, alarm_on),
            ("stable_until", pump.stable_until, stable_until),
        )
        if was != is_now
    ]
    pump.alarm_on = alarm_on
    pump.stable_until = stable_until
    _touch(pump, request)
    follow(session, pump, request.now)
    _record(session, pump, "pump_corrected", request, fields=fields)
    return pump


def retire_pump(
    session: Session, *, clinic_id: str, pump_id: UUID, request: Request, version: int
) -> Pump:
    """It is explanted, or refilled elsewhere from now on: its recall is dropped.

    A visit that is booked for it stands: whether the patient still comes is for the desk to ask.
    Raises UnknownPump (a retired one too), StaleVersion, KeyReused.
    """
    pump = _locked(session, clinic_id, pump_id)
    if patient_log.event_of(session, clinic_id, request, "pump_retired", pump_id=pump_id):
        return pump
    _refuse_retired_or_stale(pump, version)
    pump.active = False
    _touch(pump, request)
    close_live(session, pump, request.now, "dropped")
    _record(session, pump, "pump_retired", request)
    return pump


def _locked(session: Session, clinic_id: str, pump_id: UUID) -> Pump:
    """The pump, locked after its patient. Raises UnknownPump."""
    patient_id = session.scalar(
        select(Pump.patient_id).where(Pump.clinic_id == clinic_id, Pump.id == pump_id)
    )
    if patient_id is not None:
        patient_records.locked(session, clinic_id, patient_id)
    return locked_pump(session, clinic_id, pump_id)


def _refuse_retired_or_stale(pump: Pump, version: int) -> None:
    if not pump.active:
        raise UnknownPump("this pump has been retired: register it again if it is in use")
    if pump.version != version:
        raise StaleVersion(
            "somebody changed this pump meanwhile: look at it again, then decide again"
        )


def _touch(pump: Pump, request: Request) -> None:
    pump.version += 1
    pump.updated_at = request.now


def _record(session: Session, pump: Pump, kind: str, request: Request, **detail: Any) -> None:
    patient_log.record(
        session, pump.clinic_id, pump.patient_id, kind, request, pump_id=str(pump.id), **detail
    )
    flush_or_lose(session)
