"""What becomes of an offer: it is accepted, declined, or lapses, and the next in line gets one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import and_, select

from scheduling import agenda, booking, checked_input, patient_log, patient_records, visits
from scheduling.database import flush_or_lose
from scheduling.errors import PatientBusy, SlotTaken, WaitlistOfferGone
from scheduling.slots import Slot
from scheduling.tables import Provider, Visit, VisitType, WaitlistEntry, WaitlistOffer
from scheduling.waitlist.entries import locked_entry
from scheduling.waitlist.offering import offer_freed_time, pass_on
from scheduling.waitlist.outdated import lapse_outdated
from scheduling.waitlist.waiting import MOVABLE

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from scheduling.requests import Request

SETTLED_AT_ONCE = 20
"""Lapsed offers that one call of settle_lapsed() passes on: a transaction of about a second."""

_ACCEPTED = "waitlist_accepted"
_DECLINED = "waitlist_declined"


@dataclass(frozen=True, slots=True)
class Settled:
    """An offer that lapsed, and the one that its time became; None where nobody wanted it."""

    lapsed: WaitlistOffer
    next_offer: WaitlistOffer | None


@dataclass(frozen=True, slots=True)
class HeldTime:
    """A freed time that is held for a patient until they answer. Instants are aware UTC.

    instead_of: the start of the visit that would move there; None where they have none.
    """

    offer_id: UUID
    visit_type_key: str
    starts_at: datetime
    expires_at: datetime
    instead_of: datetime | None


def held_for(session: Session, clinic_id: str, patient_id: UUID, now: datetime) -> list[HeldTime]:
    """What is held for the patient at `now` (aware), that which is given up first first.

    Raises UnknownPatient.
    """
    patient = patient_records.current(session, clinic_id, patient_id)
    rows = session.execute(
        select(WaitlistOffer, VisitType.key, Visit.starts_at, Visit.status)
        .join(
            WaitlistEntry,
            and_(
                WaitlistEntry.clinic_id == WaitlistOffer.clinic_id,
                WaitlistEntry.id == WaitlistOffer.entry_id,
            ),
        )
        .join(
            VisitType,
            and_(
                VisitType.clinic_id == WaitlistEntry.clinic_id,
                VisitType.id == WaitlistEntry.visit_type_id,
            ),
        )
        .outerjoin(
            Visit,
            and_(Visit.clinic_id == WaitlistEntry.clinic_id, Visit.id == WaitlistEntry.visit_id),
        )
        .where(
            WaitlistEntry.clinic_id == clinic_id,
            WaitlistEntry.patient_id == patient.id,
            WaitlistOffer.status == "open",
            WaitlistOffer.expires_at > now,
        )
        .order_by(WaitlistOffer.expires_at, WaitlistOffer.id)
    )
    return [
        HeldTime(
            offer.id,
            key,
            offer.starts_at,
            offer.expires_at,
            visit_at if status in MOVABLE else None,
        )
        for offer, key, visit_at, status in rows
    ]


def accept(
    session: Session,
    *,
    clinic_id: str,
    offer_id: UUID,
    callback_number: str | None,
    request: Request,
) -> Visit:
    """Book the offered time, or move the visit there that they would have earlier.

    The same request again gives the same visit. A visit that was given up meanwhile is not moved:
    the time is booked anew. What is left of the freed time, and the time of a moved visit, go to
    the next in line. callback_number: E.164; a moved visit keeps the one that it has.

    Time to answer ends when the offer has been passed on or somebody else has its time, and not a
    second before: then WaitlistOfferGone is raised. Raises NotBookable where the rules refuse it,
    as they do an overdue refill to anybody but the desk: the offer stays open then, for staff to
    answer. Raises PatientBusy, KeyReused, UnsuitablePhone.
    """
    if callback_number is not None:
        checked_input.phone(callback_number, "the callback number")
    entry, offer = _locked(session, clinic_id, offer_id)
    earlier = patient_log.event_of(session, clinic_id, request, _ACCEPTED, offer_id=offer_id)
    if earlier is not None:
        return session.get_one(Visit, (clinic_id, UUID(earlier.detail["visit_id"])))
    _refuse_unless_open(offer)
    try:
        visit = _book_or_move(session, entry, offer, callback_number, request)
    except PatientBusy:
        raise
    except SlotTaken as error:
        raise WaitlistOfferGone(
            "the time to answer has run out and somebody else has this time: wait for the next "
            "offer, or choose another slot"
        ) from error
    offer.status = "accepted"
    offer.answered_at = request.now
    entry.status = "booked"
    _record(session, entry, offer, _ACCEPTED, request, visit_id=str(visit.id))
    freed = (offer.freed_from, offer.freed_until)
    offer_freed_time(session, clinic_id, freed, now=request.now)
    return visit


def decline(session: Session, *, clinic_id: str, offer_id: UUID, request: Request) -> WaitlistOffer:
    """They do not want this time: it goes to the next in line, and they keep their place.

    The same request again changes nothing more. Raises WaitlistOfferGone, KeyReused.
    """
    entry, offer = _locked(session, clinic_id, offer_id)
    earlier = patient_log.event_of(session, clinic_id, request, _DECLINED, offer_id=offer_id)
    if earlier is not None:
        return offer
    _refuse_unless_open(offer)
    offer.answered_at = request.now
    _record(session, entry, offer, _DECLINED, request)
    pass_on(session, entry, offer, status="declined", now=request.now)
    agenda.record_change(session, clinic_id)
    return offer


def clinics_with_offers(session: Session) -> list[str]:
    """Clinics of which somebody has a time kept for them: one look for all, and mostly none."""
    held = select(WaitlistOffer.clinic_id).where(WaitlistOffer.status == "open").distinct()
    return list(session.scalars(held))


def settle_lapsed(session: Session, clinic_id: str, now: datetime) -> list[Settled]:
    """Pass on the offers that nobody has answered in time, the oldest first; what was done.

    For the worker, often. At most SETTLED_AT_ONCE at a time. Several workers may do this at once:
    what one has in hand, and what is being answered at this moment, the others step over.
    Whoever can be met no more stops waiting. Raises UnknownClinic, NaiveTime.
    """
    now = checked_input.aware(now, "now")
    settled = [
        Settled(offer, pass_on(session, entry, offer, status="lapsed", now=now))
        for entry, offer in _unanswered(session, clinic_id, now)
    ]
    if lapse_outdated(session, clinic_id, now) or settled:
        agenda.record_change(session, clinic_id)
    return settled


def _unanswered(
    session: Session, clinic_id: str, now: datetime
) -> list[tuple[WaitlistEntry, WaitlistOffer]]:
    """Both locked."""
    rows = session.execute(
        select(WaitlistEntry, WaitlistOffer)
        .join(
            WaitlistOffer,
            and_(
                WaitlistOffer.clinic_id == WaitlistEntry.clinic_id,
                WaitlistOffer.entry_id == WaitlistEntry.id,
            ),
        )
        .where(
            WaitlistEntry.clinic_id == clinic_id,
            WaitlistOffer.status == "open",
            WaitlistOffer.expires_at <= now,
        )
        .order_by(WaitlistOffer.expires_at, WaitlistOffer.id)
        .limit(SETTLED_AT_ONCE)
        # PostgreSQL: step over what another worker is settling, or a patient is answering. SQLite
        # has no such clause and needs none: its writers come one after the other.
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return [(entry, offer) for entry, offer in rows]


def _locked(
    session: Session, clinic_id: str, offer_id: UUID
) -> tuple[WaitlistEntry, WaitlistOffer]:
    known = session.get(WaitlistOffer, (clinic_id, offer_id))
    if known is None:
        raise WaitlistOfferGone(
            f"clinic {clinic_id[:80]!r} has made no offer {offer_id}: wait for the next one"
        )
    entry = locked_entry(session, clinic_id, known.entry_id)
    session.refresh(known)
    return entry, known


def _refuse_unless_open(offer: WaitlistOffer) -> None:
    if offer.status != "open":
        raise WaitlistOfferGone(
            f"this offer is {offer.status} already: wait for the next one, or choose another slot"
        )


def _book_or_move(
    session: Session,
    entry: WaitlistEntry,
    offer: WaitlistOffer,
    callback_number: str | None,
    request: Request,
) -> Visit:
    slot = _slot(session, entry, offer)
    if entry.visit_id is not None:
        visit = session.get_one(Visit, (entry.clinic_id, entry.visit_id))
        if visit.status in MOVABLE:
            return visits.reschedule(
                session,
                clinic_id=entry.clinic_id,
                visit_id=visit.id,
                slot=slot,
                request=request,
                hold_id=offer.hold_id,
            )
    return booking.book_hold(
        session,
        clinic_id=entry.clinic_id,
        hold_id=offer.hold_id,
        patient_id=entry.patient_id,
        callback_number=callback_number,
        request=request,
        slot=slot,
    )


def _slot(session: Session, entry: WaitlistEntry, offer: WaitlistOffer) -> Slot:
    visit_type = session.get_one(VisitType, (entry.clinic_id, entry.visit_type_id))
    provider = session.get_one(Provider, (entry.clinic_id, offer.provider_id))
    return Slot(
        clinic_id=entry.clinic_id,
        visit_type_key=visit_type.key,
        provider_id=provider.id,
        provider_name=provider.name,
        room_id=offer.room_id,
        starts_at=offer.starts_at,
        ends_at=offer.ends_at,
    )


def _record(
    session: Session,
    entry: WaitlistEntry,
    offer: WaitlistOffer,
    kind: str,
    request: Request,
    **detail: str,
) -> None:
    patient_log.record(
        session,
        entry.clinic_id,
        entry.patient_id,
        kind,
        request,
        offer_id=str(offer.id),
        **detail,
    )
    flush_or_lose(session)
