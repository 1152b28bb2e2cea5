"""Patients on file at the demo clinic, their visits and pumps, and how callers say who they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduling import booking, patients, pumps, visits
from scheduling.database import new_id
from scheduling.preferences import Wishes
from scheduling.requests import Request
from scheduling.states import Channel
from scheduling.tables import Provider, Visit, VisitType
from scheduling.waitlist import joining
from tests.calls.town import Town

CLINIC = "demo"
BORN = date(1940, 3, 4)
BIRTH_KEYS = "03041940"
PHONE_KEYS = "5125550160"
PHONE = "+15125550160"
"""On file; nobody in the tests calls from it."""

HEAR = ("2", "3")
"""Appointments, a visit you have."""
REFILL = ("2", "2")
"""Appointments, a refill."""
MYSELF = ("1", BIRTH_KEYS, PHONE_KEYS)
"""For myself, born March 4, 1940, the phone on file."""


def austin(day: date, hour: int, minute: int = 0) -> datetime:
    """A winter's wall clock at the clinic, as UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) + timedelta(hours=6)


@dataclass
class File:
    """A patient's file, and what the desk puts into it."""

    town: Town
    patient_id: UUID

    @classmethod
    def of(
        cls,
        town: Town,
        name: str | None = "Maria Gonzalez",
        *,
        born: date = BORN,
        phone: str = PHONE,
    ) -> File:
        """Put somebody on file."""

        def work(session: Session) -> UUID:
            return patients.register_patient(
                session,
                clinic_id=CLINIC,
                name=name,
                date_of_birth=born,
                phone=phone,
                language="en",
                request=by_desk(town, f"registered {name} {born} {phone}"),
            ).id

        return cls(town, town.product.database.write(work))

    def visit(self, starts_at: datetime, *, pump: UUID | None = None) -> UUID:
        """Book a consultation, or a refill of a pump, at that very time."""
        key = "consultation" if pump is None else "refill"

        def work(session: Session) -> UUID:
            slot = booking.find_slots(
                session,
                clinic_id=CLINIC,
                visit_type_key=key,
                now=self.town.product.clock(),
                after=starts_at - timedelta(minutes=60 if pump is None else 40),
                patient_id=self.patient_id,
                pump_id=pump,
                by_staff=True,
                limit=1,
            )[0]
            assert slot.starts_at == starts_at, f"the next free time is {slot.starts_at}"
            kept = booking.hold(
                session,
                slot=slot,
                holder=f"desk {starts_at}",
                now=self.town.product.clock(),
                ttl=timedelta(minutes=1),
            )
            return booking.book_hold(
                session,
                clinic_id=CLINIC,
                hold_id=kept.id,
                patient_id=self.patient_id,
                callback_number=PHONE,
                request=by_desk(self.town, f"booked {kept.id}"),
                pump_id=pump,
            ).id

        return self.town.product.database.write(work)

    def visit_today(self, starts_at: datetime, *, key: str = "consultation") -> UUID:
        """A visit that no notice allows to be booked any more: written past the rules."""

        def work(session: Session) -> UUID:
            visit = Visit(
                clinic_id=CLINIC,
                id=new_id(),
                patient_id=self.patient_id,
                visit_type_id=session.scalars(
                    select(VisitType.id).where(VisitType.key == key)
                ).one(),
                provider_id=session.scalars(
                    select(Provider.id).where(Provider.key == "fura")
                ).one(),
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=45),
                status="completed" if starts_at < self.town.product.clock() else "booked",
                version=1,
                booked_channel="desk",
                created_at=starts_at - timedelta(days=30),
                idempotency_key=f"{self.patient_id} {starts_at}",
            )
            session.add(visit)
            return visit.id

        return self.town.product.database.write(work)

    def pump(self, alarm_on: date, *, was_here: bool = True, label: str | None = None) -> UUID:
        """A pump that is due seven days before its alarm date. was_here: seen at the clinic."""
        if was_here:
            self.visit_today(self.town.product.clock() - timedelta(days=60))

        def work(session: Session) -> UUID:
            return pumps.register_pump(
                session,
                clinic_id=CLINIC,
                patient_id=self.patient_id,
                alarm_on=alarm_on,
                stable_until=None,
                filled_on=self.town.product.clock().date() - timedelta(days=60),
                label=label,
                request=by_desk(self.town, f"pump {label} of {self.patient_id}"),
            ).id

        return self.town.product.database.write(work)

    def waits(self, visit_id: UUID, until_on: date) -> UUID:
        """They would have that visit sooner."""

        def work(session: Session) -> UUID:
            return joining.join(
                session,
                clinic_id=CLINIC,
                patient_id=self.patient_id,
                visit_type_key="consultation",
                wishes=Wishes(until_on=until_on),
                visit_id=visit_id,
                request=by_desk(self.town, f"waits for {visit_id}"),
            ).id

        return self.town.product.database.write(work)

    def desk_cancels(self, visit_id: UUID) -> None:
        """Their time is free, and goes to whoever waits."""
        self.town.product.database.write(
            lambda session: visits.cancel(
                session,
                clinic_id=CLINIC,
                visit_id=visit_id,
                request=by_desk(self.town, f"cancelled {visit_id}"),
                reason="by the desk",
            )
        )

    def desk_moves(self, visit_id: UUID) -> None:
        """The desk moves a visit while somebody is on the phone about it."""

        def work(session: Session) -> None:
            visit = session.get_one(Visit, (CLINIC, visit_id))
            visit_type = session.get_one(VisitType, (CLINIC, visit.visit_type_id))
            slot = booking.find_slots(
                session,
                clinic_id=CLINIC,
                visit_type_key=visit_type.key,
                now=self.town.product.clock(),
                after=visit.starts_at + timedelta(days=2),
                patient_id=self.patient_id,
                moving=visit_id,
                limit=1,
            )[0]
            visits.reschedule(
                session,
                clinic_id=CLINIC,
                visit_id=visit_id,
                slot=slot,
                request=by_desk(self.town, f"moved {visit_id}"),
            )

        self.town.product.database.write(work)


def by_desk(town: Town, key: str) -> Request:
    """A receptionist's request, now."""
    return Request(actor="ana", channel=Channel.DESK, now=town.product.clock(), key=key)


def tasks(town: Town) -> list[str]:
    """The kinds of what waits on the desk's list, the oldest first."""
    rows = town.product.rows("SELECT kind FROM desk_task ORDER BY created_at, id")
    return [str(row["kind"]) for row in rows]


def events(town: Town) -> list[tuple[str, str]]:
    """What happened to visits by phone, and who did it, in order."""
    rows = town.product.rows(
        "SELECT kind, actor FROM visit_event WHERE channel = 'phone' ORDER BY at, id"
    )
    return [(str(row["kind"]), str(row["actor"])) for row in rows]
