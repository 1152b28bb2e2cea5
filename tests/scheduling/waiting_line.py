"""The waitlist of the sample clinic, and short ways to do what patients, desk and worker do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scheduling import booking, pumps, visits
from scheduling.definition import ProviderDefinition
from scheduling.errors import WaitlistOfferGone
from scheduling.preferences import Wishes
from scheduling.tables import Patient, WaitlistEntry, WaitlistOffer
from scheduling.waitlist import answering, joining, offering
from tests.scheduling.sample import (
    CLINIC,
    MORNINGS,
    NOW,
    TTL,
    WITH_REFILLS,
    by_desk,
    offered,
    patient,
    request,
)

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.database import Database
    from scheduling.tables import Pump, Visit
    from scheduling.waitlist.answering import Settled

TWO_DOCTORS = replace(
    WITH_REFILLS,
    providers=(
        *WITH_REFILLS.providers,
        ProviderDefinition("baker", "Doctor Baker", MORNINGS),
    ),
)
UNTIL = date(2027, 2, 28)
MINUTES = {"consultation": timedelta(minutes=60), "refill": timedelta(minutes=30)}
LAPSED = NOW + offering.OFFER_TTL
"""When an offer made now may be settled."""


class Line:
    """Those who wait, by name. Each step is a unit of work of its own, at NOW if not said."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._count = 0

    def newcomer(self, name: str, **wished: Any) -> WaitlistEntry:
        """Register somebody who waits for a consultation; they come after those before."""
        return self.joins(self.person(name), **wished)

    def person(self, name: str) -> Patient:
        """Register somebody."""
        self._count += 1
        number = f"+1512555{self._count:04}"
        return self._database.write(lambda session: patient(session, name=name, phone=number))

    def record(self, patient_id: UUID) -> Patient:
        """Somebody's record."""
        return self._database.read(lambda session: session.get_one(Patient, (CLINIC, patient_id)))

    def joins(
        self,
        who: Patient,
        wishes: Wishes | None = None,
        *,
        visit: Visit | None = None,
        visit_type_key: str = "consultation",
        key: str | None = None,
        now: datetime | None = None,
        **wished: Any,
    ) -> WaitlistEntry:
        """Put somebody on the waitlist; wished: what `Wishes` take."""
        self._count += 1
        at = now or NOW - timedelta(days=1) + timedelta(minutes=self._count)
        return self._database.write(
            lambda session: joining.join(
                session,
                clinic_id=CLINIC,
                patient_id=who.id,
                visit_type_key=visit_type_key,
                wishes=wishes or Wishes(**{"until_on": UNTIL, **wished}),
                visit_id=None if visit is None else visit.id,
                request=request(key or f"join {self._count}", now=at),
            )
        )

    def leaves(self, entry: WaitlistEntry, key: str = "leave", now: datetime = NOW) -> None:
        """Take them off."""
        self._database.write(
            lambda session: joining.leave(
                session, clinic_id=CLINIC, entry_id=entry.id, request=request(key, now=now)
            )
        )

    def visit(self, who: Patient, start: datetime, visit_type_key: str = "consultation") -> Visit:
        """Book somebody, by the desk."""
        self._count += 1
        key = f"visit {self._count}"

        def work(session: Session) -> Visit:
            (slot,) = offered(
                session,
                visit_type_key=visit_type_key,
                after=start - MINUTES[visit_type_key],
                limit=1,
                patient_id=who.id,
                by_staff=True,
            )
            assert slot.starts_at == start
            kept = booking.hold(session, slot=slot, holder=key, now=NOW, ttl=TTL)
            return booking.book_hold(
                session,
                clinic_id=CLINIC,
                hold_id=kept.id,
                patient_id=who.id,
                callback_number=None,
                request=by_desk(key),
            )

        return self._database.write(work)

    def pump(self, who: Patient, alarm_on: date) -> Pump:
        """Put a pump on file; its refill is due seven days before the alarm."""
        return self._database.write(
            lambda session: pumps.register_pump(
                session,
                clinic_id=CLINIC,
                patient_id=who.id,
                alarm_on=alarm_on,
                stable_until=None,
                filled_on=None,
                label=None,
                request=by_desk(f"pump of {who.id}"),
            )
        )

    def cancels(self, visit: Visit, now: datetime = NOW) -> None:
        """The desk cancels a visit."""
        self._database.write(
            lambda session: visits.cancel(
                session,
                clinic_id=CLINIC,
                visit_id=visit.id,
                request=by_desk(f"cancel {visit.id}", now=now),
                reason="ill",
            )
        )

    def accepts(
        self, offer: WaitlistOffer, key: str = "yes", *, staff: bool = False, now: datetime = NOW
    ) -> Visit:
        """Say yes, by phone or through the desk."""
        asked = by_desk(key, now=now) if staff else request(key, now=now)
        return self._database.write(
            lambda session: answering.accept(
                session,
                clinic_id=CLINIC,
                offer_id=offer.id,
                callback_number="+15125550111",
                request=asked,
            )
        )

    def declines(self, offer: WaitlistOffer, key: str = "no", now: datetime = NOW) -> None:
        """Say no, by phone."""
        self._database.write(
            lambda session: answering.decline(
                session, clinic_id=CLINIC, offer_id=offer.id, request=request(key, now=now)
            )
        )

    def settles(self, now: datetime = LAPSED) -> list[Settled]:
        """The worker passes on what nobody has answered."""
        return self._database.write(lambda session: answering.settle_lapsed(session, CLINIC, now))

    def offer(self) -> WaitlistOffer:
        """The one offer that is open."""
        (offer,) = [one for one in self.offers() if one.status == "open"]
        return offer

    def offers(self) -> list[WaitlistOffer]:
        """All offers there were, by when they were made."""
        return self._database.read(
            lambda session: list(session.scalars(select(WaitlistOffer).order_by(WaitlistOffer.id)))
        )

    def waiting(self) -> list[WaitlistEntry]:
        """Everybody who still waits."""
        return self._database.read(
            lambda session: list(
                session.scalars(
                    select(WaitlistEntry).where(WaitlistEntry.status.in_(("waiting", "offered")))
                )
            )
        )

    def told(self) -> list[tuple[str | None, datetime, str]]:
        """Who was offered which start, in what order, and what became of it."""
        rows = self._database.read(
            lambda session: session.execute(
                select(Patient.name, WaitlistOffer.starts_at, WaitlistOffer.status)
                .join(WaitlistEntry, WaitlistEntry.id == WaitlistOffer.entry_id)
                .join(Patient, Patient.id == WaitlistEntry.patient_id)
                .order_by(WaitlistOffer.id)
            ).all()
        )
        return [(name, start, status) for name, start, status in rows]

    def status(self, entry: WaitlistEntry) -> str:
        """What has become of somebody who waited."""
        return self._database.read(
            lambda session: session.get_one(WaitlistEntry, (CLINIC, entry.id)).status
        )


def accept(database: Database, offer_id: UUID, key: str, now: datetime = NOW) -> str:
    """A racer's yes: the visit's id, or "gone"."""
    try:
        visit = database.write(
            lambda session: answering.accept(
                session,
                clinic_id=CLINIC,
                offer_id=offer_id,
                callback_number=None,
                request=request(key, now=now),
            )
        )
    except WaitlistOfferGone:
        return "gone"
    return str(visit.id)


def decline(database: Database, offer_id: UUID, key: str, now: datetime = NOW) -> str:
    """A racer's no: "declined" or "gone"."""
    try:
        database.write(
            lambda session: answering.decline(
                session, clinic_id=CLINIC, offer_id=offer_id, request=request(key, now=now)
            )
        )
    except WaitlistOfferGone:
        return "gone"
    return "declined"


def settle(database: Database, now: datetime) -> str:
    """One worker's turn: how many offers it passed on."""
    settled = database.write(lambda session: answering.settle_lapsed(session, CLINIC, now))
    return str(len(settled))


def free(database: Database, start: datetime) -> str:
    """An hour becomes free: "offered", or "nobody" where nobody is left who wants it."""
    freed = (start, start + timedelta(hours=1))
    offer = database.write(
        lambda session: offering.offer_freed_time(session, CLINIC, freed, now=NOW)
    )
    return "nobody" if offer is None else "offered"


_ANSWERS: dict[str, Callable[..., str]] = {
    "accept": accept,
    "decline": decline,
    "settle": settle,
}


def answer(database: Database, what: str, *given: object) -> str:
    """Whichever of the above the test has named for this racer."""
    return _ANSWERS[what](database, *given)
