"""Stores patients nobody knew, many at once: row by row, 50,000 would keep callers waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from scheduling import refill_rules
from scheduling.contact import ConsentKind
from scheduling.database import new_id
from scheduling.importing.rows import SOURCE
from scheduling.importing.statistics import describe
from scheduling.patients import LANGUAGES
from scheduling.tables import (
    Patient,
    PatientConsent,
    PatientEvent,
    PatientPhone,
    Pump,
    Recall,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.database import Base
    from scheduling.importing.rows import PatientRow, PumpRow, Report
    from scheduling.requests import Request
    from scheduling.tables import VisitType


class Newcomers:
    """Stores patients nobody knew.

    event_ids: key of a row → the id of the event that notes its import. refilled_by: what pumps
    are refilled by; None where no row has a pump.
    """

    def __init__(
        self,
        session: Session,
        clinic_id: str,
        request: Request,
        event_ids: Mapping[str, UUID],
        refilled_by: VisitType | None,
    ) -> None:
        self._session = session
        self._clinic_id = clinic_id
        self._request = request
        self._event_ids = event_ids
        self._refilled_by = refilled_by
        self._described: set[type[Base]] = set()

    def add(self, rows: Sequence[PatientRow], report: Report) -> None:
        """Store the patients of `rows`, a table at a time."""
        ids = {row.line: new_id() for row in rows}
        phones, consents = self._phones(rows, ids), self._consents(rows, ids)
        pumps = [
            self._pump(row.pump, ids[row.line], self._refilled_by)
            for row in rows
            if row.pump is not None and self._refilled_by is not None
        ]
        for table, columns in (
            (Patient, [self._patient(row, ids[row.line]) for row in rows]),
            (PatientPhone, phones),
            (PatientConsent, consents),
            (PatientEvent, [self._event(row, ids[row.line]) for row in rows]),
            (Pump, [pump for pump, _ in pumps]),
            (Recall, [recall for _, recall in pumps]),
        ):
            if columns:
                self._session.execute(insert(table), columns)
                self._describe_once(table)
        report.count("patients added", len(rows))
        report.count("phones added", len(phones))
        report.count("consents recorded", len(consents))
        report.count("pumps added", len(pumps))

    def _describe_once(self, table: type[Base]) -> None:
        if table in (Patient, Pump) and table not in self._described:
            self._described.add(table)
            describe(self._session, table)

    def _patient(self, row: PatientRow, patient_id: UUID) -> dict[str, Any]:
        return {
            "clinic_id": self._clinic_id,
            "id": patient_id,
            "name": row.name,
            "preferred_name": row.preferred_name,
            "date_of_birth": row.date_of_birth,
            "language": row.language or LANGUAGES[0],
            "interpreter_language": row.interpreter_language,
            "created_at": self._request.now,
        }

    def _phones(self, rows: Sequence[PatientRow], ids: Mapping[int, UUID]) -> list[dict[str, Any]]:
        return [
            {"clinic_id": self._clinic_id, "patient_id": ids[row.line], "number": number}
            for row in rows
            for number in dict.fromkeys(row.phones)
        ]

    def _consents(
        self, rows: Sequence[PatientRow], ids: Mapping[int, UUID]
    ) -> list[dict[str, Any]]:
        return [
            {
                "clinic_id": self._clinic_id,
                "id": new_id(),
                "patient_id": ids[row.line],
                "kind": kind.value,
                "granted": granted,
                "at": self._request.now,
                "source": SOURCE,
                "actor": self._request.actor,
            }
            for row in rows
            for kind, granted in (
                (ConsentKind.SMS, row.sms_consent),
                (ConsentKind.CALL, row.call_consent),
            )
            if granted is not None
        ]

    def _event(self, row: PatientRow, patient_id: UUID) -> dict[str, Any]:
        return {
            "clinic_id": self._clinic_id,
            "id": self._event_ids[row.key],
            "patient_id": patient_id,
            "at": self._request.now,
            "kind": "imported",
            "actor": self._request.actor,
            "channel": self._request.channel.value,
            "detail": {
                "fields": ["name", "date_of_birth", "phone", *(["pump"] if row.pump else [])]
            },
        }

    def _pump(
        self, pump: PumpRow, patient_id: UUID, refilled_by: VisitType
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """A pump and its recall, as pumps.register_pump() leaves them for who has no visit yet."""
        pump_id = new_id()
        margin = refilled_by.refill_margin_days
        return {
            "clinic_id": self._clinic_id,
            "id": pump_id,
            "patient_id": patient_id,
            "label": pump.label,
            "filled_on": pump.filled_on,
            "alarm_on": pump.alarm_on,
            "stable_until": pump.stable_until,
            "margin_days": margin,
            "preparation_days": refilled_by.refill_preparation_days,
            "updated_at": self._request.now,
        }, {
            "clinic_id": self._clinic_id,
            "id": new_id(),
            "patient_id": patient_id,
            "visit_type_id": refilled_by.id,
            "pump_id": pump_id,
            "due_on": refill_rules.due_on(pump.alarm_on, pump.stable_until, margin),
            "opened_at": self._request.now,
        }
