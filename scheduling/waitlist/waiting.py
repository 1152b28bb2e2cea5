"""Who waits, and for what, read in the fair order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from scheduling import checked_input, directory, patient_records
from scheduling.hours import local_day, zone_of
from scheduling.preferences import DayPart, Wishes, weekdays_of
from scheduling.pumps import due_date
from scheduling.states import OPEN_STATUSES, TRANSITIONS, Step
from scheduling.tables import Patient, Pump, Visit, VisitType, WaitlistEntry, WaitlistOffer
from scheduling.waitlist.ordering import Place, Precedence, WaitedRefill

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from scheduling.intervals import Interval

LIVE = ("waiting", "offered")
"""Entries of those who still wait."""
MOVABLE = TRANSITIONS[Step.RESCHEDULE].from_
"""States of a visit in which somebody may still wait to have it earlier."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One entry of the waitlist.

    patient_name: None where the caller left it to the desk. Days and weekdays of `wishes` are of
    the clinic's calendar.
    visit_id, visit_at: the visit that they would move earlier, and its start in UTC; None where
        they wait for a new one.
    offer: the time that is held for them until they answer; None while they wait.
    """

    entry_id: UUID
    patient_id: UUID
    patient_name: str | None
    visit_type_key: str
    wishes: Wishes
    visit_id: UUID | None
    visit_at: datetime | None
    place: Place
    precedence: Precedence
    offer: WaitlistOffer | None


def queue(session: Session, clinic_id: str, now: datetime) -> list[Waiting]:
    """Everybody who waits, the first in line first, with the offers still open.

    Left out are those whose last day has passed, whose visit can be moved no more, and patients
    who have died. Raises UnknownClinic, NaiveTime.
    """
    zone, today = _clock(session, clinic_id, now)
    entries = _entries(clinic_id).where(
        WaitlistEntry.status.in_(LIVE), WaitlistEntry.until_on >= today
    )
    return _in_order(session, clinic_id, entries, today, zone)


def candidates(session: Session, clinic_id: str, freed: Interval, now: datetime) -> list[Waiting]:
    """Who might want the time `freed` (UTC) and could take it, the first in line first.

    Nobody who has an offer already, whose visit is before that time, or who has since booked what
    they waited for: they wait again where that is cancelled. Whether anything of the time is free
    and suits them is still to be seen.
    """
    zone, today = _clock(session, clinic_id, now)
    length = int((freed[1] - freed[0]) / timedelta(minutes=1))
    entries = _entries(clinic_id).where(
        WaitlistEntry.status == "waiting",
        WaitlistEntry.until_on >= max(today, local_day(freed[0], zone)),
        WaitlistEntry.from_on <= local_day(freed[1], zone),
        VisitType.active,
        VisitType.duration_minutes
        + VisitType.buffer_before_minutes
        + VisitType.buffer_after_minutes
        <= length,
        or_(WaitlistEntry.visit_id.is_(None), Visit.starts_at > freed[0]),
        ~_has_booked_since(now),
    )
    return _in_order(session, clinic_id, entries, today, zone)


def entries_of(session: Session, clinic_id: str, patient_id: UUID) -> list[WaitlistEntry]:
    """What the patient waits for, by when they joined. Raises UnknownPatient."""
    patient = patient_records.current(session, clinic_id, patient_id)
    return live_entries(session, clinic_id, patient.id)


def live_entries(session: Session, clinic_id: str, patient_id: UUID) -> list[WaitlistEntry]:
    """The same for a record that counts, as patient_records.locked() gives it."""
    return list(
        session.scalars(
            select(WaitlistEntry)
            .where(
                WaitlistEntry.clinic_id == clinic_id,
                WaitlistEntry.patient_id == patient_id,
                WaitlistEntry.status.in_(LIVE),
            )
            .order_by(WaitlistEntry.joined_at, WaitlistEntry.id)
        )
    )


def wishes_of(entry: WaitlistEntry) -> Wishes:
    """When an entry suits its patient, and with whom."""
    return Wishes(
        day_parts=DayPart(entry.day_parts),
        weekdays=weekdays_of(entry.weekdays),
        from_on=entry.from_on,
        until_on=entry.until_on,
        provider_id=entry.provider_id,
    )


def _clock(session: Session, clinic_id: str, now: datetime) -> tuple[ZoneInfo, date]:
    zone = zone_of(directory.clinic(session, clinic_id).timezone)
    return zone, local_day(checked_input.aware(now, "now"), zone)


def _entries(clinic_id: str) -> Select[*tuple[Any, ...]]:
    """Entries whose patient lives and whose visit, if they have one, can still be moved."""
    return (
        select(
            WaitlistEntry,
            VisitType,
            Patient.name.label("patient_name"),
            Visit.starts_at.label("visit_at"),
            Visit.pump_id.label("visit_pump_id"),
            WaitlistOffer,
        )
        .join(
            VisitType,
            and_(
                VisitType.clinic_id == WaitlistEntry.clinic_id,
                VisitType.id == WaitlistEntry.visit_type_id,
            ),
        )
        .join(
            Patient,
            and_(
                Patient.clinic_id == WaitlistEntry.clinic_id,
                Patient.id == WaitlistEntry.patient_id,
            ),
        )
        .outerjoin(
            Visit,
            and_(
                Visit.clinic_id == WaitlistEntry.clinic_id,
                Visit.id == WaitlistEntry.visit_id,
                Visit.status.in_(MOVABLE),
            ),
        )
        .outerjoin(
            WaitlistOffer,
            and_(
                WaitlistOffer.clinic_id == WaitlistEntry.clinic_id,
                WaitlistOffer.entry_id == WaitlistEntry.id,
                WaitlistOffer.status == "open",
            ),
        )
        .where(
            WaitlistEntry.clinic_id == clinic_id,
            Patient.deceased_on.is_(None),
            Patient.merged_into_id.is_(None),
            or_(WaitlistEntry.visit_id.is_(None), Visit.id.is_not(None)),
        )
    )


def _has_booked_since(now: datetime) -> ColumnElement[bool]:
    """They waited for a new visit, and one of that type is ahead.

    One that they had when they joined is another visit, but for a refill: a pump is filled once.
    """
    ahead = aliased(Visit)
    return and_(
        WaitlistEntry.visit_id.is_(None),
        select(ahead.id)
        .where(
            ahead.clinic_id == WaitlistEntry.clinic_id,
            ahead.patient_id == WaitlistEntry.patient_id,
            ahead.visit_type_id == WaitlistEntry.visit_type_id,
            ahead.starts_at > now,
            ahead.status.in_(OPEN_STATUSES),
            or_(VisitType.refills_pump, ahead.created_at > WaitlistEntry.joined_at),
        )
        .correlate(WaitlistEntry, VisitType)
        .exists(),
    )


def _in_order(
    session: Session, clinic_id: str, entries: Select[*tuple[Any, ...]], today: date, zone: ZoneInfo
) -> list[Waiting]:
    rows = session.execute(entries).all()
    to_refill = {row.WaitlistEntry.patient_id for row in rows if row.VisitType.refills_pump}
    pumps = _active_pumps(session, clinic_id, to_refill)
    waiting = [_waiting(row, pumps, today, zone) for row in rows]
    return sorted(waiting, key=lambda one: one.place.rank(today))


def _active_pumps(
    session: Session, clinic_id: str, patients: Collection[UUID]
) -> dict[UUID, list[Pump]]:
    """Of each patient, the one that is due first first."""
    if not patients:
        return {}
    pumps: dict[UUID, list[Pump]] = {}
    found = session.scalars(
        select(Pump).where(Pump.clinic_id == clinic_id, Pump.patient_id.in_(patients), Pump.active)
    )
    for pump in sorted(found, key=lambda pump: (due_date(pump), pump.id)):
        pumps.setdefault(pump.patient_id, []).append(pump)
    return pumps


def _waiting(
    row: Any, pumps: Mapping[UUID, Sequence[Pump]], today: date, zone: ZoneInfo
) -> Waiting:
    entry: WaitlistEntry = row.WaitlistEntry
    visit_type: VisitType = row.VisitType
    place = Place(entry.id, entry.joined_at, _refill(row, pumps, zone))
    return Waiting(
        entry_id=entry.id,
        patient_id=entry.patient_id,
        patient_name=row.patient_name,
        visit_type_key=visit_type.key,
        wishes=wishes_of(entry),
        visit_id=entry.visit_id,
        visit_at=row.visit_at,
        place=place,
        precedence=place.precedence(today),
        offer=row.WaitlistOffer,
    )


def _refill(row: Any, pumps: Mapping[UUID, Sequence[Pump]], zone: ZoneInfo) -> WaitedRefill | None:
    """Of the pump that their visit fills; without one, of the pump that is due first."""
    if not row.VisitType.refills_pump:
        return None
    theirs = pumps.get(row.WaitlistEntry.patient_id, ())
    pump = next((one for one in theirs if row.visit_pump_id in (None, one.id)), None)
    if pump is None:
        return None
    return WaitedRefill(
        due_on=due_date(pump),
        opens_days=row.VisitType.refill_opens_days,
        preparation_days=pump.preparation_days,
        visit_on=None if row.visit_at is None else local_day(row.visit_at, zone),
    )
