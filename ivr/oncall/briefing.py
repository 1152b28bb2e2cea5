"""What whoever accepted a ticket is told of its patient before they talk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from scheduling import patients, pumps
from scheduling.refill_recalls import due_date


@dataclass(frozen=True, slots=True)
class Briefing:
    """Of the one patient whose file has the callback number; nobody has verified the caller.

    refill_due: the last day in time for the pump's refill, of the clinic's calendar; None where no
        pump is on file.
    """

    patient: str
    refill_due: date | None


def briefing(session: Session, clinic_id: str, callback_number: str | None) -> Briefing | None:
    """What is on file under the number (E.164).

    None where that is nobody, a household of several, or a patient whose name is not known.
    """
    if callback_number is None:
        return None
    found = patients.find_by_phone(session, clinic_id, callback_number)
    if len(found) != 1 or not found[0].name:
        return None
    pump = pumps.pump_to_refill(session, clinic_id, found[0].id)
    return Briefing(found[0].name, due_date(pump) if pump else None)
