"""Joining the waitlist, and leaving it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from scheduling import agenda, directory, patient_log, patient_records, pumps
from scheduling.database import flush_or_lose, new_id
from scheduling.errors import (
    InvalidInput,
    NotBookable,
    Refusal,
    UnknownProvider,
    UnknownVisit,
    UnknownVisitType,
    UnknownWaitlistEntry,
)
from scheduling.hours import local_day, zone_of
from scheduling.preferences import ANY_PART, weekday_bits
from scheduling.states import Step, VisitStatus, refuse_after_start, status_after
from scheduling.tables import Provider, Visit, VisitType, WaitlistEntry
from scheduling.waitlist.entries import locked_entry, open_offer
from scheduling.waitlist.offering import pass_on
from scheduling.waitlist.waiting import LIVE, live_entries

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from scheduling.preferences import Wishes
    from scheduling.requests import Request
    from scheduling.tables import Patient

_JOINED = "waitlist_joined"
_LEFT = "waitlist_left"


def join(
    session: Session,
    *,
    clinic_id: str,
    patient_id: UUID,
    visit_type_key: str,
    wishes: Wishes,
    request: Request,
    visit_id: UUID | None = None,
) -> WaitlistEntry:
    """Put the patient on the waitlist. The same request again gives the same entry.

    A patient has one place for each visit type. Who waits already and asks again changes what
    they wait for and keeps their place, because they have waited for it: a second one would put
    them in line twice. An offer that is open already stays open.

    wishes: `until_on`, the last day on which it helps, must be given; without `from_on` they wait
    from today on. visit_id: a visit of this type that they have and would move earlier.

    Raises UnknownPatient, UnknownVisitType, UnknownProvider, NotBookable for a refill without a
    pump on file, UnknownVisit, IllegalStep or TooLate for a visit that can be moved no more,
    KeyReused, InvalidInput.
    """
    patient = patient_records.locked(session, clinic_id, patient_id, to_change=True)
    earlier = patient_log.event_of(session, clinic_id, request, _JOINED)
    if earlier is not None:
        return session.get_one(WaitlistEntry, (clinic_id, UUID(earlier.detail["entry_id"])))
    zone = zone_of(directory.clinic(session, clinic_id).timezone)
    from_on, until_on = _days(wishes, local_day(request.now, zone))
    visit_type = _visit_type(session, patient, visit_type_key)
    _check_provider(session, clinic_id, wishes.provider_id)
    if visit_id is not None:
        _check_visit(session, patient, visit_type, visit_id, request, zone)
    entry = _entry_of(session, patient, visit_type, request)
    entry.provider_id = wishes.provider_id
    entry.visit_id = visit_id
    entry.weekdays = weekday_bits(wishes.weekdays)
    entry.day_parts = int(wishes.day_parts & ANY_PART)
    entry.from_on = from_on
    entry.until_on = until_on
    session.add(entry)
    _record(session, entry, _JOINED, request)
    agenda.record_change(session, clinic_id)
    return entry


def leave(session: Session, *, clinic_id: str, entry_id: UUID, request: Request) -> WaitlistEntry:
    """They wait no more; a time that is held for them goes to the next. Again changes nothing.

    Raises UnknownWaitlistEntry for somebody who waits no more for another reason, KeyReused.
    """
    entry = locked_entry(session, clinic_id, entry_id)
    earlier = patient_log.event_of(session, clinic_id, request, _LEFT, entry_id=entry_id)
    if earlier is not None or entry.status == "left":
        return entry
    if entry.status not in LIVE:
        raise UnknownWaitlistEntry(
            f"this entry of the waitlist is {entry.status} and waits no more: look at it again"
        )
    offer = open_offer(session, entry)
    entry.status = "left"
    _record(session, entry, _LEFT, request)
    if offer is not None:
        offer.answered_at = request.now
        pass_on(session, entry, offer, status="declined", now=request.now)
    agenda.record_change(session, clinic_id)
    return entry


def _days(wishes: Wishes, today: date) -> tuple[date, date]:
    if wishes.unwanted:
        raise InvalidInput("the waitlist keeps no exclusions: give weekdays, parts and days")
    if wishes.until_on is None:
        raise InvalidInput("nobody waits without end: say until which day it helps")
    if wishes.until_on < today:
        raise InvalidInput("the last day to wait for has passed: give today or a later one")
    return max(wishes.from_on or today, today), wishes.until_on


def _visit_type(session: Session, patient: Patient, key: str) -> VisitType:
    found = session.scalar(
        select(VisitType).where(
            VisitType.clinic_id == patient.clinic_id, VisitType.key == key, VisitType.active
        )
    )
    if found is None:
        raise UnknownVisitType(
            f"clinic {patient.clinic_id} offers no visit type {key[:80]!r}: use a key of its "
            "definition"
        )
    if found.refills_pump and not pumps.active_pumps(session, patient.clinic_id, patient.id):
        raise NotBookable(Refusal.NO_PUMP)
    return found


def _check_provider(session: Session, clinic_id: str, provider_id: UUID | None) -> None:
    if provider_id is None:
        return
    provider = session.get(Provider, (clinic_id, provider_id))
    if provider is None or not provider.active:
        raise UnknownProvider(
            f"clinic {clinic_id} has no active provider {provider_id}: choose another, or anybody"
        )


def _check_visit(
    session: Session,
    patient: Patient,
    visit_type: VisitType,
    visit_id: UUID,
    request: Request,
    zone: ZoneInfo,
) -> None:
    visit = session.get(Visit, (patient.clinic_id, visit_id))
    if visit is None or (visit.patient_id, visit.visit_type_id) != (patient.id, visit_type.id):
        raise UnknownVisit(
            f"the patient has no visit {visit_id} of this type: name one of theirs, or none"
        )
    moment = {"starts_at": visit.starts_at, "now": request.now}
    status_after(Step.RESCHEDULE, VisitStatus(visit.status), zone=zone, **moment)
    refuse_after_start(Step.RESCHEDULE, **moment)


def _entry_of(
    session: Session, patient: Patient, visit_type: VisitType, request: Request
) -> WaitlistEntry:
    """The place that they have for this visit type, else a new one at the end."""
    theirs = live_entries(session, patient.clinic_id, patient.id)
    for entry in theirs:
        if entry.visit_type_id == visit_type.id:
            return entry
    return WaitlistEntry(
        clinic_id=patient.clinic_id,
        id=new_id(),
        patient_id=patient.id,
        visit_type_id=visit_type.id,
        status="waiting",
        joined_at=request.now,
        idempotency_key=request.key,
    )


def _record(session: Session, entry: WaitlistEntry, kind: str, request: Request) -> None:
    patient_log.record(
        session, entry.clinic_id, entry.patient_id, kind, request, entry_id=str(entry.id)
    )
    flush_or_lose(session)
