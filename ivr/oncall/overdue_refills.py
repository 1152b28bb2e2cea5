"""Overdue refills: put before the desk at once, and before on-call staff where that is not enough.

Worked out from the recalls as they are, by any number of workers at once. What was done once is
told apart by its name: a desk task by its source, a ticket by what stands for its call.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.messages import desk_tasks
from ivr.messages.tables import DeskTask
from ivr.oncall.escalation import EventKind
from ivr.oncall.journal import record
from ivr.oncall.overdue_list import TASK, Overdue, overdue
from ivr.oncall.overdue_rule import OverdueRefill, desk_is_told, on_call_is_told
from ivr.oncall.stored_ticket import of_call
from ivr.oncall.tickets import open_ticket
from scheduling import agenda
from scheduling.database import Database
from scheduling.hours import local_day, zone_of
from scheduling.intervals import Interval
from scheduling.refill_recalls import locked_pump
from scheduling.tables import Clinic

CATEGORY: Final = "alarm"
"""Of the ticket: the same as of a caller whose refill is overdue."""

_TOLD_WITHIN = timedelta(days=31)
"""How far back a task is looked for: what was not told of for so long is told anew."""

_DESK_OPENS_WITHIN = timedelta(days=14)

log = structlog.get_logger(__name__)


def look_over(database: Database, clinic_id: str, *, base: str, now: datetime) -> None:
    """Tell whom has to be told of a clinic's refills, and tick off what is settled.

    base: PUBLIC_BASE_URL, below which a page links to its ticket. now: aware UTC.
    Raises DatabaseUnavailable.
    """
    for recall_id in database.read(partial(_to_be_told, clinic_id=clinic_id, now=now)):
        # Each in a transaction of its own: after an outage there may be many.
        database.write(partial(tell, clinic_id=clinic_id, recall_id=recall_id, base=base, now=now))
    settled = partial(desk_tasks.mark_done, clinic_id=clinic_id, by=desk_tasks.SEEN_TO, now=now)
    for task_id in database.read(partial(_settled, clinic_id=clinic_id, now=now)):
        database.write(partial(settled, task_id=task_id))


def tell(session: Session, *, clinic_id: str, recall_id: UUID, base: str, now: datetime) -> None:
    """Tell the desk, on-call staff, or both, what is to be told of this recall at `now`.

    Nothing where it is closed, not overdue, its pump is gone or its patient has died. Takes the
    open transaction and never commits. now: aware UTC.
    """
    found = overdue(session, clinic_id, now, recall_id)
    if not found:
        return
    # Under the pump's lock: a refill that is being entered ends before or begins after.
    locked_pump(session, clinic_id, found[0].pump_id)
    for one in overdue(session, clinic_id, now, recall_id):
        zone = zone_of(session.get_one(Clinic, clinic_id).timezone)
        refill = _as_it_stands(session, clinic_id, one, now)
        if on_call_is_told(refill, now, _desk_hours(session, clinic_id, refill, now), zone):
            _tell_on_call(session, clinic_id, one, base, now)
        if desk_is_told(
            refill,
            local_day(now, zone),
            desk_opens=_opens_today(session, clinic_id, now),
        ):
            _tell_desk(session, clinic_id, one, local_day(now, zone), now)


def _to_be_told(session: Session, clinic_id: str, now: datetime) -> list[UUID]:
    """Recalls of which somebody is to be told at `now`."""
    late = overdue(session, clinic_id, now)
    if not late:
        return []
    zone = zone_of(session.get_one(Clinic, clinic_id).timezone)
    opens_today = _opens_today(session, clinic_id, now)
    found = []
    for one in late:
        refill = _as_it_stands(session, clinic_id, one, now)
        hours = _desk_hours(session, clinic_id, refill, now)
        is_urgent = on_call_is_told(refill, now, hours, zone) and (
            of_call(session, clinic_id, one.call) is None
        )
        if is_urgent or desk_is_told(refill, local_day(now, zone), desk_opens=opens_today):
            found.append(one.recall_id)
    return found


def _settled(session: Session, clinic_id: str, now: datetime) -> list[UUID]:
    """Tasks that wait although their recall is not overdue any more."""
    waiting = session.execute(
        select(DeskTask.id, DeskTask.source).where(
            DeskTask.clinic_id == clinic_id, DeskTask.done_at.is_(None), DeskTask.kind == TASK
        )
    ).all()
    if not waiting:
        return []
    names = tuple(one.name for one in overdue(session, clinic_id, now))
    return [row.id for row in waiting if not str(row.source).startswith(names)]


def _as_it_stands(session: Session, clinic_id: str, one: Overdue, now: datetime) -> OverdueRefill:
    """What the desk was told of it, and did."""
    zone = zone_of(session.get_one(Clinic, clinic_id).timezone)
    today = local_day(now, zone)
    first = max(one.due_on, today - _TOLD_WITHIN) + timedelta(days=1)
    days = (first + timedelta(days=n) for n in range((today - first).days + 1))
    last = session.scalar(
        select(DeskTask)
        # By whole names, to which an index leads.
        .where(
            DeskTask.clinic_id == clinic_id,
            DeskTask.source.in_([f"{one.name}{day.isoformat()}" for day in days]),
        )
        .order_by(DeskTask.created_at.desc(), DeskTask.id.desc())
        .limit(1)
    )
    done_at = last.done_at if last else None
    return OverdueRefill(
        due_on=one.due_on,
        alarm_on=one.alarm_on,
        visit_on=local_day(one.visit_at, zone) if one.visit_at else None,
        told_at=last.created_at if last else None,
        waits=last is not None and done_at is None,
        ticked_on=local_day(done_at, zone) if done_at else None,
    )


def _desk_hours(
    session: Session, clinic_id: str, refill: OverdueRefill, now: datetime
) -> Sequence[Interval]:
    since = refill.told_at or now
    return agenda.desk_hours(session, clinic_id, (since, since + _DESK_OPENS_WITHIN))


def _opens_today(session: Session, clinic_id: str, now: datetime) -> bool:
    zone = zone_of(session.get_one(Clinic, clinic_id).timezone)
    hours = agenda.desk_hours(session, clinic_id, (now, now + timedelta(days=1)))
    return any(local_day(opens, zone) == local_day(now, zone) for opens, _ in hours)


def _tell_desk(session: Session, clinic_id: str, one: Overdue, today: date, now: datetime) -> None:
    zone = zone_of(session.get_one(Clinic, clinic_id).timezone)
    visit = (
        "No visit is booked"
        if one.visit_at is None
        else f"Its visit on {one.visit_at.astimezone(zone):%Y-%m-%d at %H:%M} is too late"
    )
    desk_tasks.open_task(
        session,
        clinic_id=clinic_id,
        kind=TASK,
        callback_number=one.number,
        language=one.language,
        note=f"A refill was due by {one.due_on}; the pump warns on {one.alarm_on}. {visit}. Call "
        "the patient now and arrange the first time there is: see Recalls, Overdue. It goes to "
        "on-call staff at the end of the office day.",
        source=f"{one.name}{today.isoformat()}",
        now=now,
    )


def _tell_on_call(session: Session, clinic_id: str, one: Overdue, base: str, now: datetime) -> None:
    if of_call(session, clinic_id, one.call) is not None:
        return
    ticket = open_ticket(
        session,
        clinic_id=clinic_id,
        call_sid=one.call,
        callback_number=one.number,
        language=one.language,
        link_base=base,
        now=now,
    )
    record(
        session,
        clinic_id,
        ticket.id,
        EventKind.REFILL_OVERDUE,
        now,
        detail={"due_on": one.due_on.isoformat(), "alarm_on": one.alarm_on.isoformat()},
        change={"category": CATEGORY},
    )
    log.warning("overdue_refill_escalated", clinic_id=clinic_id, ticket=ticket.number)
