"""Which clinics there are, by id and by number, and what day it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduling import checked_input
from scheduling.clinic_loading import load_clinic
from scheduling.errors import UnknownClinic
from scheduling.hours import local_day, zone_of
from scheduling.tables import Clinic

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

__all__ = ["clinic", "find_clinic_by_number", "load_clinic", "today"]


def clinic(session: Session, clinic_id: str) -> Clinic:
    """The clinic of this id. Raises UnknownClinic."""
    found = session.get(Clinic, clinic_id)
    if found is None:
        raise UnknownClinic(f"there is no clinic {clinic_id[:80]!r}: load its definition first")
    return found


def find_clinic_by_number(session: Session, number: str) -> Clinic | None:
    """The clinic whose line has this number (E.164), or None."""
    return session.scalar(select(Clinic).where(Clinic.phone_number == number))


def today(session: Session, clinic_id: str, now: datetime) -> date:
    """The day of the clinic's calendar at `now` (aware). Raises UnknownClinic, NaiveTime."""
    now = checked_input.aware(now, "now")
    return local_day(now, zone_of(clinic(session, clinic_id).timezone))
