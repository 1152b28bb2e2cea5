"""Who a caller may be, by what they give of themselves. What they hear of it is the line's matter.

Reading takes one statement whatever it finds: nobody can tell from the time taken whether a
record exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, select

from scheduling.duplicates import name_likeness, plain_name
from scheduling.tables import Patient, PatientPhone

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from sqlalchemy.orm import Session

SAME_NAME = 88
"""Names at least this alike, of 100, are one name heard over a telephone. [J]"""


@dataclass(frozen=True, slots=True)
class OnFile:
    """The part of a record by which a caller is known. phones: E.164."""

    patient_id: UUID
    name: str | None
    phones: frozenset[str]

    def has_phone(self, number: str) -> bool:
        """Whether the number (E.164) is on this file."""
        return number in self.phones

    def has_name(self, said: str) -> bool:
        """Whether `said` is the name on this file: first and last name at least, near enough."""
        heard = plain_name(said)
        return len(heard.split()) > 1 and name_likeness(heard, plain_name(self.name)) >= SAME_NAME


def born_on(session: Session, clinic_id: str, date_of_birth: date) -> list[OnFile]:
    """The living patients born on this day, by when they were registered."""
    rows = session.execute(
        select(Patient.id, Patient.name, PatientPhone.number)
        .outerjoin(
            PatientPhone,
            and_(
                PatientPhone.clinic_id == Patient.clinic_id, PatientPhone.patient_id == Patient.id
            ),
        )
        .where(
            Patient.clinic_id == clinic_id,
            Patient.date_of_birth == date_of_birth,
            Patient.merged_into_id.is_(None),
            # Nobody calls as them; who asks after them talks to a person.
            Patient.deceased_on.is_(None),
        )
        .order_by(Patient.id)
    ).all()
    phones: dict[UUID, set[str]] = {}
    names: dict[UUID, str | None] = {}
    for patient_id, name, number in rows:
        names[patient_id] = name
        phones.setdefault(patient_id, set()).update([number] if number else [])
    return [OnFile(one, names[one], frozenset(phones[one])) for one in names]
