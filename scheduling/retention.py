"""How long patients' records are kept, and whose may go.

Nothing is deleted here, and nothing anywhere by itself: see deletion.py.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta
from sqlalchemy import and_, func, select

from scheduling import checked_input, directory
from scheduling.errors import InvalidInput
from scheduling.hours import local_day, midnight, zone_of
from scheduling.refill_recalls import LIVE
from scheduling.tables import (
    Patient,
    PatientEvent,
    Pump,
    Recall,
    Visit,
    WaitlistEntry,
)

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import ColumnElement, ScalarSelect
    from sqlalchemy.orm import Session

YEARS_KEPT = 7
"""Years after the last treatment. Texas Medical Board, 22 TAC §165.1(b), since January 2025 in
chapter 163. The clinic has to confirm it: another state, a contract or a lawsuit may ask for more.
"""
ADULT_AT = 18
MINORS_KEPT_UNTIL = 21
"""Whoever was under 18 when last treated: until this age, if that is later [the same rule]."""


def may_go(*, last_seen: date, born: date, today: date, years: int = YEARS_KEPT) -> bool:
    """Whether a record need not be kept any more. Pure; days of the clinic's calendar."""
    kept_until = last_seen + relativedelta(years=years)
    if last_seen < born + relativedelta(years=ADULT_AT):
        kept_until = max(kept_until, born + relativedelta(years=MINORS_KEPT_UNTIL))
    return today > kept_until


def past_retention(
    session: Session,
    clinic_id: str,
    *,
    now: datetime,
    years: int = YEARS_KEPT,
    patient_id: UUID | None = None,
) -> list[UUID]:
    """The patients whose records may go, of all or of one; those merged into others come along.

    A record counts from the last visit that was in the book, kept or not, or from the last change
    of the record, whichever is later. Whoever has a visit ahead, an active pump, a recall to be
    done or a place on the waitlist is not among them.
    Raises UnknownClinic, NaiveTime, InvalidInput.
    """
    if years < 1:
        raise InvalidInput(f"{years} years is no time to keep records for: give 1 or more")
    zone = zone_of(directory.clinic(session, clinic_id).timezone)
    today = local_day(checked_input.aware(now, "now"), zone)
    # A day's leeway: the days themselves are compared below.
    cutoff = midnight(today - relativedelta(years=years) + timedelta(days=1), zone)
    statement = select(
        Patient.id, Patient.date_of_birth, Patient.created_at, *_last_changes()
    ).where(
        Patient.clinic_id == clinic_id,
        Patient.merged_into_id.is_(None),
        Patient.created_at < cutoff,
        ~_has(Pump, Pump.active.is_(True)),
        ~_has(Recall, Recall.status.in_(LIVE)),
        ~_has(WaitlistEntry, WaitlistEntry.status.in_(("waiting", "offered"))),
    )
    if patient_id is not None:
        statement = statement.where(Patient.id == patient_id)
    return [
        row_id
        for row_id, born, *moments in session.execute(statement.order_by(Patient.id))
        if may_go(
            last_seen=local_day(max(one for one in moments if one is not None), zone),
            born=born,
            today=today,
            years=years,
        )
    ]


def _last_changes() -> list[ScalarSelect[datetime]]:
    """When the patient last had a visit, when one was last booked, when the record changed."""
    return [
        select(func.max(moment)).where(_is_theirs(table)).scalar_subquery()
        for table, moment in (
            (Visit, Visit.starts_at),
            (Visit, Visit.created_at),
            (PatientEvent, PatientEvent.at),
        )
    ]


def _has(table: type[_Theirs], condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(table.id).where(_is_theirs(table), condition).exists()


def _is_theirs(table: type[_Theirs]) -> ColumnElement[bool]:
    return and_(table.clinic_id == Patient.clinic_id, table.patient_id == Patient.id)


if TYPE_CHECKING:
    _Theirs = Visit | PatientEvent | Pump | Recall | WaitlistEntry
