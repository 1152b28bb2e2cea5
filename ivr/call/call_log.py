"""The calls of a clinic as they went: when, how long, which way through the flow, how they ended.

Nothing of what a caller said or keyed is read: only the nodes at which a call stood.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import and_, select, union_all
from sqlalchemy.orm import Session

from ivr.call.nodes import Fetch, Flow, Hangup, Queue, Transfer
from ivr.call.tables import CallRow, CallTurnRow
from ivr.call.turn import language_of
from ivr.oncall.tables import Ticket, TicketCall


class Ending(StrEnum):
    """Where in the flow a call stood when it ended."""

    FINISHED = "finished"
    """It came to a goodbye."""
    WITH_PERSON = "with_person"
    """The caller was being connected with a person, or waited for one."""
    ON_THE_WAY = "on_the_way"
    """The line had asked something, and the caller hung up."""
    UNANSWERED = "unanswered"
    """Not one answer of the line is stored: the database was away, or the caller too quick."""


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One call. Times are UTC.

    caller: E.164; None where it was withheld. ended_at, ended_as: None while it goes on.
    language: the last one spoken; None where nothing tells. path: the nodes at which it stood, in
    order, each once for as long as it stayed there. ticket: the number of the urgent call's
    ticket that came of it, or that it was about.
    """

    call_sid: str
    caller: str | None
    started_at: datetime
    ended_at: datetime | None
    ended_as: str | None
    language: str | None
    path: tuple[str, ...]
    ticket: int | None


def ending_of(flow: Flow, last_node: str | None) -> Ending:
    """How a call ended that last stood at this node; None: at none. Pure."""
    if last_node is None:
        return Ending.UNANSWERED
    node = flow.by_name.get(last_node)
    if isinstance(node, Hangup):
        return Ending.FINISHED
    if isinstance(node, Transfer | Queue | Fetch):
        return Ending.WITH_PERSON
    return Ending.ON_THE_WAY


def path_of(nodes: Sequence[str]) -> tuple[str, ...]:
    """The nodes without those at which the call merely stayed. Pure."""
    return tuple(node for at, node in enumerate(nodes) if at == 0 or nodes[at - 1] != node)


def calls_between(
    session: Session, clinic_id: str, start: datetime, end: datetime
) -> list[LoggedCall]:
    """The calls that began in [start, end), aware; the latest first."""
    spanned = (
        CallRow.clinic_id == clinic_id,
        CallRow.started_at >= start,
        CallRow.started_at < end,
    )
    calls = session.scalars(
        select(CallRow).where(*spanned).order_by(CallRow.started_at.desc(), CallRow.call_sid)
    ).all()
    sids = select(CallRow.call_sid).where(*spanned)
    nodes: dict[str, list[str]] = defaultdict(list)
    turns = session.execute(
        select(CallTurnRow.call_sid, CallTurnRow.node)
        .where(CallTurnRow.clinic_id == clinic_id, CallTurnRow.call_sid.in_(sids))
        .order_by(CallTurnRow.call_sid, CallTurnRow.turn)
    )
    for call_sid, node in turns:
        nodes[call_sid].append(node)
    opened = select(Ticket.call_sid, Ticket.number).where(
        Ticket.clinic_id == clinic_id, Ticket.call_sid.in_(sids)
    )
    further = (
        select(TicketCall.call_sid, Ticket.number)
        .join(
            Ticket,
            and_(Ticket.clinic_id == TicketCall.clinic_id, Ticket.id == TicketCall.ticket_id),
        )
        .where(TicketCall.clinic_id == clinic_id, TicketCall.call_sid.in_(sids))
    )
    tickets = {row.call_sid: row.number for row in session.execute(union_all(opened, further))}
    return [
        LoggedCall(
            call_sid=call.call_sid,
            caller=call.from_number,
            started_at=call.started_at,
            ended_at=call.ended_at,
            ended_as=call.ended_as,
            language=call.language
            if call.purged_at is not None
            else language_of(session, clinic_id, call.call_sid),
            path=path_of(nodes[call.call_sid]),
            ticket=tickets.get(call.call_sid),
        )
        for call in calls
    ]
