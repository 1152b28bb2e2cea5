"""A pump, its visits and its recalls in the sample clinic, and short ways to look at them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scheduling import other_recalls, pumps, recall_list, recalls
from scheduling.database import new_id
from scheduling.tables import Provider, Pump, Recall, Visit, VisitType
from tests.scheduling.sample import CLINIC, NOW, by_desk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from scheduling.database import Database
    from scheduling.pumps import RefillOutcome
    from scheduling.recall_list import RecallLine
    from scheduling.refill_rules import Standing
    from scheduling.tables import Patient

ALARM = date(2027, 1, 20)
DUE = date(2027, 1, 13)
"""Alarm 20 January, margin 7: 13 January. Its window opens 21 days before, on 23 December."""
TUESDAY = date(2027, 1, 5)
"""Eight days before the refill is due."""


def winter(day: date, hour: int = 10) -> datetime:
    """An hour of a day by Chicago's winter clock (UTC-6)."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC) + timedelta(hours=6)


def pump_of(session: Session, who: Patient, **changed: Any) -> Pump:
    """Put a pump on file; filled on 20 October 2026, alarm on 20 January 2027."""
    given = {
        "clinic_id": CLINIC,
        "patient_id": who.id,
        "alarm_on": ALARM,
        "stable_until": None,
        "filled_on": date(2026, 10, 20),
        "label": None,
        "request": by_desk(f"pump {changed.get('label')} of {who.id}"),
        **changed,
    }
    return pumps.register_pump(session, **given)


def visit_to(session: Session, what: Pump | Patient, day: date, **changed: Any) -> Visit:
    """Store a visit on `day` at ten: a refill of a pump, or a consultation of a patient."""
    is_refill = isinstance(what, Pump)
    key = "refill" if is_refill else "consultation"
    stored = Visit(
        **{
            "clinic_id": CLINIC,
            "id": new_id(),
            "patient_id": what.patient_id if isinstance(what, Pump) else what.id,
            "visit_type_id": session.scalars(
                select(VisitType.id).where(VisitType.key == key)
            ).one(),
            "provider_id": session.scalars(select(Provider.id)).one(),
            "pump_id": what.id if is_refill else None,
            "starts_at": winter(day),
            "ends_at": winter(day) + timedelta(minutes=30),
            "status": "booked",
            "version": 1,
            "booked_channel": "desk",
            "created_at": NOW,
            "idempotency_key": f"{what.id} {day}",
            **changed,
        }
    )
    session.add(stored)
    session.flush()
    return stored


def recalls_of(session: Session, pump: Pump) -> Sequence[Recall]:
    """All that the pump ever had, the oldest first."""
    return session.scalars(
        select(Recall).where(Recall.pump_id == pump.id).order_by(Recall.opened_at, Recall.id)
    ).all()


def recall_of(database: Database, pump: Pump) -> Recall:
    """The pump's only recall."""
    (recall,) = database.read(lambda session: recalls_of(session, pump))
    return recall


def check_of(session: Session, who: Patient, **changed: Any) -> Recall:
    """Open a recall for a yearly check, due on 20 January 2027."""
    given = {
        "clinic_id": CLINIC,
        "patient_id": who.id,
        "visit_type_key": "consultation",
        "due_on": date(2027, 1, 20),
        "request": by_desk(f"a yearly check of {who.id}"),
        **changed,
    }
    return other_recalls.open_recall(session, **given)


def listed(session: Session, today: date) -> list[RecallLine]:
    """The desk's list on a winter's day, at ten."""
    return recall_list.recall_list(session, CLINIC, winter(today))


def on(database: Database, today: date) -> list[tuple[date, int, Standing, str]]:
    """What the list says on a winter's day: due date, days left, standing and status."""
    lines = database.read(lambda session: listed(session, today))
    return [(one.due_on, one.days_left, one.standing, one.status) for one in lines]


def book(database: Database, what: Pump | Patient, day: date) -> Visit:
    """Store a visit and tell the recalls."""

    def work(session: Session) -> Visit:
        visit = visit_to(session, what, day)
        recalls.visit_booked(session, visit, by_desk())
        return visit

    return database.write(work)


def tell(
    database: Database, what: Callable[..., object], visit: Visit, status: str, *given: object
) -> None:
    """Give a visit a status, on 5 January, and tell the recalls before, as visits.py does."""

    def work(session: Session) -> None:
        stored = session.get_one(Visit, (CLINIC, visit.id))
        what(session, stored, *given, by_desk(now=winter(TUESDAY)))
        stored.status = status

    database.write(work)


cancel = partial(tell, what=recalls.visit_released, status="cancelled")
miss = partial(tell, what=recalls.visit_released, status="no_show")


def complete(database: Database, visit: Visit, outcome: RefillOutcome | None) -> None:
    """The visit took place."""
    tell(database, recalls.visit_completed, visit, "completed", outcome)


def do(database: Database, what: Callable[..., Any], recall: Recall, **given: Any) -> Any:
    """What the desk does with a recall, on 5 January, in a unit of work of its own."""
    asked = {
        "clinic_id": CLINIC,
        "recall_id": recall.id,
        "request": by_desk(f"{what.__name__} {recall.id}", now=winter(TUESDAY)),
        **given,
    }
    return database.write(lambda session: what(session, **asked))


def correct(database: Database, pump: Pump, **changed: Any) -> Pump:
    """Correct a pump's days at the desk."""
    given = {
        "clinic_id": CLINIC,
        "pump_id": pump.id,
        "alarm_on": pump.alarm_on,
        "stable_until": pump.stable_until,
        "version": pump.version,
        "request": by_desk("a correction"),
        **changed,
    }
    return database.write(lambda session: pumps.correct_pump(session, **given))


def retire(database: Database, pump: Pump, **changed: Any) -> Pump:
    """Retire a pump at the desk."""
    given = {
        "clinic_id": CLINIC,
        "pump_id": pump.id,
        "version": pump.version,
        "request": by_desk("a retirement"),
        **changed,
    }
    return database.write(lambda session: pumps.retire_pump(session, **given))
