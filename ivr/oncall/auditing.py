"""The auditor: tells the desk, once each, of every step that audit_rule.py finds missing.

It runs in the worker and, where no worker lives, in the web processes: any number may audit at
once. It reads; only what nobody has been told of yet is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from ivr.messages import desk_tasks
from ivr.messages.tables import DeskTask
from ivr.oncall.audit_rule import Finding, Step, audit
from ivr.oncall.journal import events_of_each
from ivr.oncall.plan import Plan
from ivr.oncall.tables import Ticket, TicketCounter
from scheduling.database import Database
from scheduling.hours import zone_of
from scheduling.tables import Clinic

AUDIT_EVERY = timedelta(minutes=1)
"""From the beginning of one round over the tickets to that of the next."""

AT_ONCE = 200
"""Tickets for one look: few enough that the worker's pages do not wait for it."""

LAST_CLOSED = 20
"""Of each clinic's latest tickets, those that were closed are looked at too: they may have been
opened, missed a step and been closed between two rounds."""

TASK = "audit"

_WHAT: Final = {
    Step.FIRST_RING: "nobody's phone was rung while the caller waited",
    Step.RING_OUTCOME: "a ring did not end, and nobody else was rung",
    Step.PROMISE: "the caller was promised a call back, and nobody was called about it",
    Step.PAGES: "on-call staff were not called",
    Step.SUPERVISOR: "the supervisor was not called",
    Step.ALARM: "the desk was not told that nobody had accepted it",
    Step.CALL_BACK: "whoever accepted it was not connected to the caller",
    Step.DISPOSITION: "nobody has said what became of it",
}

_DO_NOW: Final = {
    Step.CALL_BACK: "Ask whoever accepted it, or call the caller yourself.",
    Step.DISPOSITION: "Ask whoever accepted it, and close it.",
}
_SEE_TO_IT: Final = "See that somebody calls the caller now, and tell the operator."

log = structlog.get_logger(__name__)

Place = tuple[str, int]
"""Clinic and number of a ticket."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A finding about a ticket, and the words for it."""

    ticket: Ticket
    finding: Finding
    note: str

    @property
    def source(self) -> str:
        """The same for the same finding, whoever finds it."""
        since = int(self.finding.since.timestamp())
        return f"audit:{self.ticket.id}:{self.finding.step}:{since}"


class Auditor:
    """Goes over the tickets, some at each look, in rounds a minute apart. clock: aware UTC."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._round_began_at: datetime | None = None
        self._looked_up_to: Place | None = None

    def look_if_due(self) -> None:
        """Look at the next tickets of this round, or begin another once a minute is over.

        Raises DatabaseUnavailable.
        """
        now = self._clock()
        if self._looked_up_to is None:
            began = self._round_began_at
            if began is not None and now - began < AUDIT_EVERY:
                return
            self._round_began_at = now
        tickets = self._database.read(partial(_tickets, after=self._looked_up_to))
        # Before they are looked at: one that cannot be looked at must not end the round.
        last = tickets[-1] if len(tickets) == AT_ONCE else None
        beginning = self._looked_up_to is None
        self._looked_up_to = (last.clinic_id, last.number) if last else None
        if beginning:
            tickets += self._database.read(_lately_closed)
        self._tell(tickets, now)

    def _tell(self, tickets: Sequence[Ticket], now: datetime) -> None:
        missed = self._database.read(partial(_untold, tickets=tickets, now=now))
        if not missed:
            return
        self._database.write(partial(_open_tasks, missed=missed, now=now))
        for one in missed:
            log.error(
                "urgent_step_missed",
                clinic_id=one.ticket.clinic_id,
                ticket_id=str(one.ticket.id),
                kind=one.finding.step.value,
            )


def _tickets(session: Session, after: Place | None) -> list[Ticket]:
    """The next ones that are not closed."""
    following = () if after is None else (tuple_(Ticket.clinic_id, Ticket.number) > after,)
    return list(
        session.scalars(
            select(Ticket)
            .where(Ticket.status != "closed", *following)
            .order_by(Ticket.clinic_id, Ticket.number)
            .limit(AT_ONCE)
        )
    )


def _lately_closed(session: Session) -> list[Ticket]:
    return list(
        session.scalars(
            select(Ticket)
            .join(TicketCounter, TicketCounter.clinic_id == Ticket.clinic_id)
            .where(
                Ticket.status == "closed",
                Ticket.number > TicketCounter.last_number - LAST_CLOSED,
            )
        )
    )


def _untold(session: Session, tickets: Sequence[Ticket], now: datetime) -> list[Missed]:
    missed = {one.source: one for one in _missed(session, tickets, now)}
    told = session.scalars(select(DeskTask.source).where(DeskTask.source.in_(missed)))
    for source in told:
        missed.pop(source or "", None)
    return list(missed.values())


def _missed(session: Session, tickets: Iterable[Ticket], now: datetime) -> Iterator[Missed]:
    ordered = sorted(tickets, key=lambda one: (one.clinic_id, one.number))
    for clinic_id, group in groupby(ordered, key=lambda one: one.clinic_id):
        own = list(group)
        zone = zone_of(session.get_one(Clinic, clinic_id).timezone)
        events = events_of_each(session, clinic_id, [one.id for one in own])
        for ticket in own:
            plan = Plan.from_json(ticket.plan)
            for finding in audit(plan, events[ticket.id], now, ticket.callback_by):
                yield Missed(ticket, finding, _note(ticket.number, finding, now, zone))


def _note(number: int, finding: Finding, now: datetime, zone: ZoneInfo) -> str:
    due = f"{finding.due_at.astimezone(zone):%Y-%m-%d %H:%M %Z}"
    told = f"Ticket {number}: {_WHAT[finding.step]}. Due at {due}, "
    if finding.came_at is not None:
        came = f"{finding.came_at.astimezone(zone):%H:%M}"
        return f"{told}it happened at {came}. Tell the operator that it was late."
    do_now = _DO_NOW.get(finding.step, _SEE_TO_IT)
    return f"{told}it had not happened at {now.astimezone(zone):%H:%M}. {do_now}"


def _open_tasks(session: Session, missed: Sequence[Missed], now: datetime) -> None:
    for one in missed:
        desk_tasks.open_task(
            session,
            clinic_id=one.ticket.clinic_id,
            kind=TASK,
            callback_number=one.ticket.callback_number,
            language=one.ticket.language,
            note=one.note,
            source=one.source,
            now=now,
        )
