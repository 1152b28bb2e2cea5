"""What the database tells of the line's work, counted anew at each look.

Numbers over a time that slides (`window`) in place of counters: a clinic has few urgent calls a
day, of which Prometheus's rate() makes fractions, and the database knows each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, pairwise

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeHistogramMetricFamily,
    GaugeMetricFamily,
    Metric,
)
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from ivr.call.call_log import Ending
from ivr.call.flow import FLOW
from ivr.call.tables import CallRow
from ivr.frontdesk.figure_rules import by_ending
from ivr.frontdesk.figures import last_nodes
from ivr.messages.list_looks import CallListLook, TextListLook
from ivr.messages.tables import DeskTask, OutboxMessage, WorkerHeartbeat
from ivr.oncall import rota
from ivr.oncall.escalation import EventKind
from ivr.oncall.tables import Ticket, TicketEvent
from scheduling.tables import Clinic

LATE = timedelta(minutes=2)
"""A message that is due longer than this waits for something that is not there."""

CALL_WINDOWS = {"1h": timedelta(hours=1), "1d": timedelta(days=1)}
TICKET_WINDOWS = {"1d": timedelta(days=1), "30d": timedelta(days=30)}

WAITS = (5, 10, 15, 30, 60, 120, 180, 300, 600, 900, 1800, 3600)
"""Seconds, among them those of the benchmarks: 15 to be answered, 30 on average, 3 min until a
caller is told that they will be called back, 10 and 15 min to supervisor and alarm."""


def families(session: Session, now: datetime) -> Iterator[Metric]:
    """All of them. now: aware UTC."""
    clinics = session.scalars(select(Clinic.id).order_by(Clinic.id)).all()
    yield from _urgent(session, clinics, now)
    yield _on_call(session, clinics, now)
    yield from _calls(session, clinics, now)
    yield from _outbox(session, now)
    yield from _desk(session, now)
    yield from _workers(session, now)
    yield _lists(session, now)


def _urgent(session: Session, clinics: Sequence[str], now: datetime) -> Iterator[Metric]:
    tickets = GaugeMetricFamily(
        "callnow_urgent_tickets",
        "Urgent calls that are not closed, by status.",
        labels=["clinic", "status"],
    )
    by_status = select(Ticket.clinic_id, Ticket.status, func.count())
    for clinic, status, count in session.execute(
        by_status.where(Ticket.status != "closed").group_by(Ticket.clinic_id, Ticket.status)
    ):
        tickets.add_metric([clinic, status], count)
    yield tickets
    waiting = {
        clinic: (count, oldest)
        for clinic, count, oldest in session.execute(
            select(Ticket.clinic_id, func.count(), func.min(Ticket.opened_at))
            .where(Ticket.status != "closed", Ticket.accepted_by.is_(None))
            .group_by(Ticket.clinic_id)
        )
    }
    unaccepted = GaugeMetricFamily(
        "callnow_urgent_unaccepted",
        "Urgent calls that nobody has accepted.",
        labels=["clinic"],
    )
    age = GaugeMetricFamily(
        "callnow_urgent_unaccepted_age_seconds",
        "How long the oldest of them has waited; 0 where there is none.",
        labels=["clinic"],
    )
    for clinic in clinics:
        count, oldest = waiting.get(clinic, (0, now))
        unaccepted.add_metric([clinic], count)
        age.add_metric([clinic], _seconds(now - oldest))
    yield unaccepted
    yield age
    yield from _waits(session, clinics, now)


@dataclass(frozen=True)
class _Opened:
    clinic: str
    at: datetime
    rung: datetime | None
    accepted: datetime | None


def _waits(session: Session, clinics: Sequence[str], now: datetime) -> Iterator[Metric]:
    since = now - max(TICKET_WINDOWS.values())
    firsts = [
        func.min(case((TicketEvent.kind == kind, TicketEvent.at)))
        for kind in (EventKind.RINGING, EventKind.ACCEPTED)
    ]
    opened = [
        _Opened(*row)
        for row in session.execute(
            select(Ticket.clinic_id, Ticket.opened_at, *firsts)
            .join(
                TicketEvent,
                (TicketEvent.clinic_id == Ticket.clinic_id) & (TicketEvent.ticket_id == Ticket.id),
            )
            .where(Ticket.opened_at >= since)
            .group_by(Ticket.clinic_id, Ticket.id, Ticket.opened_at)
        )
    ]
    count = GaugeMetricFamily(
        "callnow_urgent_opened",
        "Urgent calls within the window, accepted or not.",
        labels=["clinic", "window"],
    )
    rung = GaugeHistogramMetricFamily(
        "callnow_urgent_first_ring_seconds",
        "From opening to the first ring at somebody's phone, of urgent calls within the window.",
        labels=["clinic", "window"],
    )
    accepted = GaugeHistogramMetricFamily(
        "callnow_urgent_accepted_seconds",
        "From opening to the first acceptance, of urgent calls within the window.",
        labels=["clinic", "window"],
    )
    for clinic in clinics:
        for window, span in TICKET_WINDOWS.items():
            within = [one for one in opened if one.clinic == clinic and one.at >= now - span]
            labels = [clinic, window]
            count.add_metric(labels, len(within))
            _add_waits(rung, labels, [one.rung - one.at for one in within if one.rung])
            _add_waits(accepted, labels, [one.accepted - one.at for one in within if one.accepted])
    yield from (count, rung, accepted)


def _add_waits(
    family: GaugeHistogramMetricFamily, labels: Sequence[str], waits: Sequence[timedelta]
) -> None:
    seconds = [_seconds(wait) for wait in waits]
    edges = (float("-inf"), *WAITS, float("inf"))
    within = [sum(low < one <= high for one in seconds) for low, high in pairwise(edges)]
    names = [*(str(float(edge)) for edge in WAITS), "+Inf"]
    family.add_metric(labels, list(zip(names, accumulate(within), strict=True)), sum(seconds))


def _on_call(session: Session, clinics: Sequence[str], now: datetime) -> Metric:
    people = GaugeMetricFamily(
        "callnow_on_call_people",
        "Who would be rung for an urgent call now.",
        labels=["clinic"],
    )
    for clinic in clinics:
        people.add_metric([clinic], len(rota.people_on_call(session, clinic, now)))
    return people


def _calls(session: Session, clinics: Sequence[str], now: datetime) -> Iterator[Metric]:
    ended = GaugeMetricFamily(
        "callnow_calls",
        "Calls that began within the window and are over, by how they ended; on_the_way: the "
        "caller hung up on a question (abandoned).",
        labels=["clinic", "window", "ending"],
    )
    going_on = GaugeMetricFamily(
        "callnow_calls_going_on", "Calls that go on now.", labels=["clinic"]
    )
    counted = session.execute(
        select(CallRow.clinic_id, func.count())
        .where(CallRow.started_at >= now - timedelta(hours=6), CallRow.ended_at.is_(None))
        .group_by(CallRow.clinic_id)
    )
    counts = dict(counted.all())
    for clinic in clinics:
        going_on.add_metric([clinic], counts.get(clinic, 0))
        for window, span in CALL_WINDOWS.items():
            nodes = last_nodes(session, clinic, now - span, now)
            for ending, count in by_ending(nodes, FLOW).items():
                ended.add_metric([clinic, window, str(Ending(ending))], count)
    yield ended
    yield going_on


def _outbox(session: Session, now: datetime) -> Iterator[Metric]:
    names = ["clinic", "kind", "lane"]
    due = GaugeMetricFamily(
        "callnow_outbox_due", "Messages, calls and pages whose time has come.", labels=names
    )
    late = GaugeMetricFamily(
        "callnow_outbox_late", "Those of them that are due for over two minutes.", labels=names
    )
    ahead = GaugeMetricFamily(
        "callnow_outbox_scheduled", "Messages that are to go out later.", labels=names
    )
    age = GaugeMetricFamily(
        "callnow_outbox_age_seconds", "How long the oldest due one has been due.", labels=names
    )
    is_due = OutboxMessage.due_at <= now
    key = (OutboxMessage.clinic_id, OutboxMessage.kind, OutboxMessage.lane)
    for clinic, kind, lane, due_now, overdue, all_of_them, oldest in session.execute(
        select(
            *key,
            func.count(case((is_due, 1))),
            func.count(case((OutboxMessage.due_at < now - LATE, 1))),
            func.count(),
            func.min(OutboxMessage.due_at),
        )
        .where(OutboxMessage.state == "pending")
        .group_by(*key)
    ):
        labels = [clinic, kind, lane]
        due.add_metric(labels, due_now)
        late.add_metric(labels, overdue)
        ahead.add_metric(labels, all_of_them - due_now)
        age.add_metric(labels, max(0.0, _seconds(now - oldest)))
    yield from (due, late, ahead, age)


def _desk(session: Session, now: datetime) -> Iterator[Metric]:
    names = ["clinic", "kind"]
    waiting = GaugeMetricFamily(
        "callnow_desk_tasks", "What waits on the desk's list; *_failed: given up.", labels=names
    )
    age = GaugeMetricFamily(
        "callnow_desk_task_age_seconds", "How long the oldest of it has waited.", labels=names
    )
    key = (DeskTask.clinic_id, DeskTask.kind)
    for clinic, kind, count, oldest in session.execute(
        select(*key, func.count(), func.min(DeskTask.created_at))
        .where(DeskTask.done_at.is_(None))
        .group_by(*key)
    ):
        waiting.add_metric([clinic, kind], count)
        age.add_metric([clinic, kind], _seconds(now - oldest))
    yield waiting
    yield age


def _workers(session: Session, now: datetime) -> Iterator[Metric]:
    beats = session.scalars(select(WorkerHeartbeat).order_by(WorkerHeartbeat.worker_id)).all()
    last = max((beat.beat_at for beat in beats), default=None)
    yield GaugeMetricFamily(
        "callnow_worker_heartbeat_age_seconds",
        "Since any worker has reported; absent where none ever did.",
        value=_seconds(now - last) if last else None,
    )
    ticks = CounterMetricFamily("callnow_worker_ticks", "Looks into the outbox.", labels=["worker"])
    failed = CounterMetricFamily(
        "callnow_worker_failed_ticks", "Looks that a fault of ours ended.", labels=["worker"]
    )
    messages = CounterMetricFamily(
        "callnow_messages",
        "What became of messages, calls and pages: sent, delayed by the carrier, or given_up.",
        labels=["worker", "kind", "outcome"],
    )
    errors = CounterMetricFamily(
        "callnow_carrier_errors",
        "Refusals of the carrier, by its own code and what it means.",
        labels=["worker", "trouble", "code"],
    )
    for beat in beats:
        counts, worker = beat.counts or {}, beat.worker_id
        ticks.add_metric([worker], counts.get("ticks", 0))
        failed.add_metric([worker], counts.get("failed_ticks", 0))
        for kind, outcomes in counts.get("messages", {}).items():
            for outcome, count in outcomes.items():
                messages.add_metric([worker, kind, outcome], count)
        for trouble, codes in counts.get("carrier_errors", {}).items():
            for code, count in codes.items():
                errors.add_metric([worker, trouble, code], count)
    yield from (ticks, failed, messages, errors)


def _lists(session: Session, now: datetime) -> Metric:
    age = GaugeMetricFamily(
        "callnow_missed_looked_age_seconds",
        "Since the carrier's list was compared with ours and nothing was left over.",
        labels=["clinic", "list"],
    )
    for name, marks in (("calls", CallListLook), ("texts", TextListLook)):
        for clinic, looked_at in session.execute(
            select(marks.clinic_id, marks.looked_at).order_by(marks.clinic_id)
        ):
            age.add_metric([clinic, name], _seconds(now - looked_at))
    return age


def _seconds(span: timedelta) -> float:
    return span.total_seconds()
