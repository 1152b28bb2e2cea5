"""The manager's numbers, counted by the database over a span of days.

Nothing here names a patient or a caller. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from ivr.call.tables import CallRow, CallTurnRow
from ivr.oncall.tables import Ticket, TicketEvent
from scheduling.tables import Visit, WaitlistOffer


@dataclass(frozen=True)
class MonthOfVisits:
    """What became of the visits of one month: kept ones, and those whose patient did not come."""

    kept: int
    missed: int


def calls_began(session: Session, clinic_id: str, start: datetime, end: datetime) -> list[datetime]:
    """When each call in [start, end) began."""
    return list(
        session.scalars(
            select(CallRow.started_at).where(
                CallRow.clinic_id == clinic_id,
                CallRow.started_at >= start,
                CallRow.started_at < end,
            )
        )
    )


def last_nodes(
    session: Session, clinic_id: str, start: datetime, end: datetime
) -> list[tuple[str | None, int]]:
    """Of the calls in [start, end) that are over: at which node each stood last, and how many.

    None: no turn of theirs is on file.
    """
    latest = (
        select(func.max(CallTurnRow.turn))
        .where(CallTurnRow.clinic_id == CallRow.clinic_id, CallTurnRow.call_sid == CallRow.call_sid)
        .correlate(CallRow)
        .scalar_subquery()
    )
    rows = session.execute(
        select(CallTurnRow.node, func.count())
        .select_from(CallRow)
        .outerjoin(
            CallTurnRow,
            and_(
                CallTurnRow.clinic_id == CallRow.clinic_id,
                CallTurnRow.call_sid == CallRow.call_sid,
                CallTurnRow.turn == latest,
            ),
        )
        .where(
            CallRow.clinic_id == clinic_id,
            CallRow.started_at >= start,
            CallRow.started_at < end,
            CallRow.ended_at.is_not(None),
        )
        .group_by(CallTurnRow.node)
        .order_by(CallTurnRow.node)
    )
    return [(node, count) for node, count in rows]


def tickets_accepted(
    session: Session, clinic_id: str, start: datetime, end: datetime
) -> list[tuple[datetime, datetime | None]]:
    """When each urgent call in [start, end) opened, and when somebody first accepted it."""
    accepted = _first_event("accepted")
    rows = session.execute(
        select(Ticket.opened_at, accepted)
        .where(*_opened(clinic_id, start, end))
        .order_by(Ticket.number)
    )
    return [(opened, first) for opened, first in rows]


def callers_gone_first(session: Session, clinic_id: str, start: datetime, end: datetime) -> int:
    """Of how many of these urgent calls the caller hung up before anybody accepted."""
    gone, accepted = _first_event("caller_left"), _first_event("accepted")
    return (
        session.scalar(
            select(func.count())
            .select_from(Ticket)
            .where(
                *_opened(clinic_id, start, end),
                gone.is_not(None),
                accepted.is_(None) | (gone < accepted),
            )
        )
        or 0
    )


def visits_by_month(
    session: Session, clinic_id: str, edges: Sequence[datetime]
) -> list[MonthOfVisits]:
    """Kept and missed visits between each two of `edges`, the instants at which months begin."""
    month = _month_of(Visit.starts_at, edges)
    rows = session.execute(
        select(month, Visit.status, func.count())
        .where(
            Visit.clinic_id == clinic_id,
            Visit.starts_at >= edges[0],
            Visit.starts_at < edges[-1],
            Visit.status.in_(("completed", "no_show")),
        )
        .group_by(month, Visit.status)
    )
    counts = {(number, status): count for number, status, count in rows}
    return [
        MonthOfVisits(counts.get((n, "completed"), 0), counts.get((n, "no_show"), 0))
        for n in range(len(edges) - 1)
    ]


def filled_by_month(
    session: Session, clinic_id: str, edges: Sequence[datetime]
) -> list[tuple[int, int]]:
    """Between each two of `edges`: times offered to the waitlist, and those that were accepted."""
    month = _month_of(WaitlistOffer.offered_at, edges)
    rows = session.execute(
        select(month, WaitlistOffer.status, func.count())
        .where(
            WaitlistOffer.clinic_id == clinic_id,
            WaitlistOffer.offered_at >= edges[0],
            WaitlistOffer.offered_at < edges[-1],
        )
        .group_by(month, WaitlistOffer.status)
    )
    offered, accepted = [0] * (len(edges) - 1), [0] * (len(edges) - 1)
    for number, status, count in rows:
        offered[number] += count
        accepted[number] += count if status == "accepted" else 0
    return list(zip(offered, accepted, strict=True))


def _opened(clinic_id: str, start: datetime, end: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Ticket.clinic_id == clinic_id,
        Ticket.opened_at >= start,
        Ticket.opened_at < end,
    )


def _first_event(kind: str) -> ScalarSelect[datetime]:
    """When it first happened to a ticket."""
    return (
        select(func.min(TicketEvent.at))
        .where(
            TicketEvent.clinic_id == Ticket.clinic_id,
            TicketEvent.ticket_id == Ticket.id,
            TicketEvent.kind == kind,
        )
        .correlate(Ticket)
        .scalar_subquery()
    )


def _month_of(
    moment: InstrumentedAttribute[datetime], edges: Sequence[datetime]
) -> ColumnElement[int]:
    """The number of the month in which `moment` is. Months begin by the clinic's clock, which the
    database does not know.
    """
    return case(*((moment < edge, number) for number, edge in enumerate(edges[1:])), else_=-1)
