"""Reads, in portions, the patients' records that imported rows may be about."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select

from scheduling.duplicates import plain_name
from scheduling.tables import Patient, PatientEvent, PatientPhone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from uuid import UUID

    from sqlalchemy.orm import Session

T = TypeVar("T")

PORTION = 500
"""Values asked for at a time: one look-up each would take minutes for 50,000 rows."""


@dataclass(slots=True)
class Record:
    """A patient's record as it was read.

    births: their birth date, and those of records that were merged into theirs.
    """

    id: UUID
    name: str | None
    preferred_name: str | None
    date_of_birth: date
    language: str
    interpreter_language: str | None
    version: int
    phones: set[str] = field(default_factory=set)
    births: set[date] = field(default_factory=set)

    @property
    def plain_name(self) -> str:
        """The name as names are compared; empty where there is none."""
        return plain_name(self.name)


class Records:
    """Finds records by what a row says. Merged records give the one they were merged into."""

    def __init__(self, session: Session, clinic_id: str) -> None:
        self._session = session
        self._clinic_id = clinic_id
        self._merged, self._births_of_merged = self._read_merged()
        self._known: dict[UUID, Record] = {}

    def of_events(self, event_ids: Iterable[UUID]) -> dict[UUID, Record]:
        """Event id → the record in whose history it stands."""
        found: dict[UUID, UUID] = {}
        for some in portions(event_ids):
            for event_id, patient_id in self._session.execute(
                select(PatientEvent.id, PatientEvent.patient_id).where(
                    PatientEvent.clinic_id == self._clinic_id, PatientEvent.id.in_(some)
                )
            ):
                found[event_id] = self._merged.get(patient_id, patient_id)
        records = self._read(found.values())
        return {event_id: records[patient_id] for event_id, patient_id in found.items()}

    def of_phones(self, numbers: Iterable[str]) -> dict[tuple[date, str], list[Record]]:
        """Birth date and number (E.164) → records, by when they were registered."""
        owners: dict[str, set[UUID]] = defaultdict(set)
        for some in portions(numbers):
            for number, patient_id in self._session.execute(
                select(PatientPhone.number, PatientPhone.patient_id).where(
                    PatientPhone.clinic_id == self._clinic_id, PatientPhone.number.in_(some)
                )
            ):
                owners[number].add(patient_id)
        records = self._read(one for ids in owners.values() for one in ids)
        found: dict[tuple[date, str], list[Record]] = defaultdict(list)
        for number, ids in owners.items():
            for record in (records[patient_id] for patient_id in sorted(ids)):
                for born in record.births:
                    found[born, number].append(record)
        return found

    def of_births(self, births: Iterable[date]) -> dict[date, list[Record]]:
        """Birth date → records, by when they were registered."""
        ids: set[UUID] = set()
        for some in portions(births):
            ids.update(
                self._merged.get(patient_id, patient_id)
                for patient_id in self._session.scalars(
                    select(Patient.id).where(
                        Patient.clinic_id == self._clinic_id, Patient.date_of_birth.in_(some)
                    )
                )
            )
        found: dict[date, list[Record]] = defaultdict(list)
        for _, record in sorted(self._read(ids).items()):
            for born in record.births:
                found[born].append(record)
        return found

    def _read(self, patient_ids: Iterable[UUID]) -> dict[UUID, Record]:
        wanted = set(patient_ids)
        for some in portions(wanted - self._known.keys()):
            for row in self._session.execute(
                select(
                    Patient.id,
                    Patient.name,
                    Patient.preferred_name,
                    Patient.date_of_birth,
                    Patient.language,
                    Patient.interpreter_language,
                    Patient.version,
                ).where(Patient.clinic_id == self._clinic_id, Patient.id.in_(some))
            ):
                record = Record(*row)
                record.births = {record.date_of_birth, *self._births_of_merged.get(record.id, ())}
                self._known[record.id] = record
            for patient_id, number in self._session.execute(
                select(PatientPhone.patient_id, PatientPhone.number).where(
                    PatientPhone.clinic_id == self._clinic_id, PatientPhone.patient_id.in_(some)
                )
            ):
                self._known[patient_id].phones.add(number)
        return {patient_id: self._known[patient_id] for patient_id in wanted}

    def _read_merged(self) -> tuple[dict[UUID, UUID], dict[UUID, set[date]]]:
        """Merged record → the one that counts; that one → the birth dates of the merged."""
        births: dict[UUID, set[date]] = defaultdict(set)
        merged = self._session.execute(
            select(Patient.id, Patient.merged_into_id, Patient.date_of_birth).where(
                Patient.clinic_id == self._clinic_id, Patient.merged_into_id.is_not(None)
            )
        ).all()
        steps = {merged_id: into_id for merged_id, into_id, _ in merged if into_id is not None}
        into: dict[UUID, UUID] = {}
        for merged_id, _, born in merged:
            last = merged_id
            while last in steps:
                last = steps[last]
            into[merged_id] = last
            births[last].add(born)
        return into, births


def portions(values: Iterable[T], size: int = PORTION) -> Iterator[list[T]]:
    """`values` in lists of at most `size`."""
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some
