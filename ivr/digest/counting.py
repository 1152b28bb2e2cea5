"""What stands in a digest, counted in the book as it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from ivr.call.tables import CallRow
from ivr.messages.patients import call_list
from ivr.messages.tables import DeskTask
from ivr.oncall import overdue_list
from ivr.oncall.tables import Ticket
from scheduling.hours import local_day, midnight, zone_of
from scheduling.states import VisitStatus
from scheduling.tables import Clinic, Visit, VisitEvent, WaitlistOffer

_MARKED_WITHIN = timedelta(days=14)
"""After its day a visit that nobody came to is marked; later than that it is history."""

_SAID_TO_BE_MISSED = select(VisitEvent.id).where(
    VisitEvent.clinic_id == Visit.clinic_id,
    VisitEvent.visit_id == Visit.id,
    VisitEvent.kind == "missed",
)

NOT_ARRIVED = ("reminder_failed", "text_failed", "page_failed")


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are.

    visits, unconfirmed: today's, and those of them that nobody has confirmed. overdue: refills
    whose day has passed. to_book: refills that are due within a week, with no visit. urgent: calls
    since the last digest; urgent_open: tickets that are not closed. calls, missed, filled: since
    then, in all; visits that were marked as missed; times that whoever waited has taken.
    not_arrived: messages about which the desk still has to call. to_do: things on its list.
    """

    visits: int
    unconfirmed: int
    overdue: int
    to_book: int
    urgent: int
    urgent_open: int
    calls: int
    missed: int
    filled: int
    not_arrived: int
    to_do: int


def count(session: Session, clinic_id: str, since: datetime, now: datetime) -> Counts:
    """Counted at `now`, from `since` on; both aware UTC. Reads alone."""
    zone = zone_of(session.get_one(Clinic, clinic_id).timezone)
    today = local_day(now, zone)
    begins, ends = midnight(today, zone), midnight(today + timedelta(days=1), zone)

    def number(*where: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count()).where(*where)) or 0

    todays = (Visit.clinic_id == clinic_id, Visit.starts_at >= begins, Visit.starts_at < ends)
    waiting = (
        DeskTask.clinic_id == clinic_id,
        DeskTask.done_at.is_(None),
    )
    return Counts(
        # One made late in the day counts those that are over as well.
        visits=number(*todays, Visit.status != VisitStatus.CANCELLED),
        unconfirmed=number(*todays, Visit.status == VisitStatus.BOOKED),
        overdue=len(overdue_list.overdue(session, clinic_id, now)),
        to_book=sum(one.kind == call_list.REFILL for one in call_list.due(session, clinic_id, now)),
        urgent=number(Ticket.clinic_id == clinic_id, Ticket.opened_at >= since),
        urgent_open=number(Ticket.clinic_id == clinic_id, Ticket.status != "closed"),
        calls=number(CallRow.clinic_id == clinic_id, CallRow.started_at >= since),
        missed=number(
            Visit.clinic_id == clinic_id,
            Visit.starts_at >= since - _MARKED_WITHIN,
            Visit.starts_at < now,
            Visit.status == VisitStatus.NO_SHOW,
            # By when somebody said so: often only the next morning.
            _SAID_TO_BE_MISSED.where(VisitEvent.at >= since).exists(),
        ),
        filled=number(
            WaitlistOffer.clinic_id == clinic_id,
            WaitlistOffer.status == "accepted",
            # Who has accepted did so before that: the index leads past the history.
            WaitlistOffer.expires_at >= since,
            WaitlistOffer.answered_at >= since,
        ),
        not_arrived=number(*waiting, DeskTask.kind.in_(NOT_ARRIVED)),
        to_do=number(*waiting),
    )
