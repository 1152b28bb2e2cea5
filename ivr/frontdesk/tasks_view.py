"""What the page of messages and tasks shows, as values. No session, no request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from ivr.frontdesk import task_rows, wording, written
from ivr.frontdesk.task_rows import TaskRow
from ivr.frontdesk.wording import Words, say

if TYPE_CHECKING:
    from ivr.messages.failures import Failure
    from ivr.messages.tables import DeskTask

GROUPS: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    (
        "alarms",
        frozenset(
            {
                "urgent_unanswered",
                "no_worker",
                "audit",
                "identity_alarm",
                "page_failed",
                "overdue_refill",
            }
        ),
    ),
    ("spoken", frozenset({"message"})),
    ("to_call", frozenset({"refill_not_booked", "visit_unconfirmed"})),
    ("visits", frozenset({"refill_to_arrange", "refill_cancellation", "plan_again"})),
    ("call_back", frozenset({"callback", "missed_caller", "running_late"})),
    ("texts", frozenset({"text_message", "text_failed", "opt_out", "reminder_failed"})),
    ("on_call", frozenset({"trial_failed"})),
)
"""Heading and the kinds below it, the most pressing first. What is in none comes last."""

OTHER: Final = "other"

HEADING: Final[Words] = {
    "alarms": "Alarms",
    "spoken": "Spoken messages",
    "to_call": "Somebody has to call",
    "visits": "Visits to arrange",
    "call_back": "Call back",
    "texts": "Texts",
    "on_call": "On-call phones",
    OTHER: "Other",
}


@dataclass(frozen=True)
class DoneRow:
    """One thing that was done lately."""

    id: UUID
    kind_words: str
    phone: written.Phone | None
    done: str


@dataclass(frozen=True)
class Filter:
    """One kind to look at alone. count: how many of it wait."""

    kind: str
    words: str
    count: int


@dataclass(frozen=True)
class TasksPage:
    """groups: heading and what waits below it, the oldest first. open: how many wait in all."""

    open: int
    filters: tuple[Filter, ...]
    groups: tuple[tuple[str, tuple[TaskRow, ...]], ...]
    done: tuple[DoneRow, ...]


def build(
    waiting: Sequence[DeskTask],
    failures: Mapping[UUID, Failure],
    done: Sequence[DeskTask],
    kind: str | None,
    zone: ZoneInfo,
    now: datetime,
) -> TasksPage:
    """The page at `now` (aware). kind: the only one to show; None shows all.

    failures: the messages that did not arrive, by the id of the task about them.
    """
    counts = Counter(task.kind for task in waiting)
    shown = [task for task in waiting if kind in (None, task.kind)]
    groups: dict[str, list[TaskRow]] = {heading: [] for heading, _ in GROUPS}
    groups[OTHER] = []
    for task in shown:
        row = task_rows.task_row(task, zone, now, failures.get(task.id))
        groups[heading_of(task.kind)].append(row)
    return TasksPage(
        open=len(waiting),
        filters=tuple(
            Filter(one, wording.in_words(wording.TASK, one), counts[one]) for one in sorted(counts)
        ),
        groups=tuple(
            (wording.in_words(HEADING, heading), task_rows.in_order(rows))
            for heading, rows in groups.items()
            if rows
        ),
        done=tuple(_done(task, zone, now) for task in done if kind in (None, task.kind)),
    )


def heading_of(kind: str) -> str:
    """The heading below which a kind of task stands."""
    return next((heading for heading, kinds in GROUPS if kind in kinds), OTHER)


def _done(task: DeskTask, zone: ZoneInfo, now: datetime) -> DoneRow:
    row = task_rows.task_row(task, zone, now)
    when = wording.moment(task.done_at, zone) if task.done_at else ""
    return DoneRow(
        task.id,
        row.kind_words,
        row.phone,
        say("{moment} by {name}", moment=when, name=task.done_by),
    )
