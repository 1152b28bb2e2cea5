"""A thing for the desk to do, as the board and the page of messages show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from ivr.frontdesk import wording
from ivr.frontdesk.wording import say
from ivr.frontdesk.written import Instant, Phone, iso, phone

if TYPE_CHECKING:
    from ivr.messages.failures import Failure
    from ivr.messages.tables import DeskTask


@dataclass(frozen=True)
class TaskRow:
    """One thing for the desk to do."""

    id: UUID
    kind: str
    kind_words: str
    phone: Phone | None
    language: str | None
    note: str
    created_at: Instant
    age: str
    transcript: str
    recording: str | None
    """How long a spoken message is, as it is written here; None where nothing was spoken."""
    unread: str
    """Why there is no transcript of a spoken message; empty where there is one, or may come."""
    listen_now: bool
    """Whether nobody has looked for an urgent word in it, and nothing will but a person."""


def in_order(rows: Iterable[TaskRow]) -> tuple[TaskRow, ...]:
    """What has to be listened to now first, else as they came."""
    return tuple(sorted(rows, key=lambda row: not row.listen_now))


def task_row(
    task: DeskTask, zone: ZoneInfo, now: datetime, failure: Failure | None = None
) -> TaskRow:
    """A thing to do at `now` (aware), on the board or on the page of messages.

    failure: the message that did not arrive, where the task is about one.
    """
    note, language = task.note, task.language
    if failure is not None:
        note = failure.note(say, partial(wording.moment, zone=zone))
        language = wording.language()
    return TaskRow(
        id=task.id,
        kind=task.kind,
        kind_words=wording.in_words(wording.TASK, task.kind),
        phone=phone(task.callback_number),
        language=None
        if language == wording.language()
        else wording.in_words(wording.LANGUAGE, language),
        note=note,
        created_at=Instant(iso(task.created_at), wording.moment(task.created_at, zone)),
        age=wording.age(task.created_at, now),
        transcript=task.transcript or "",
        recording=wording.length(task.recording_seconds) if task.recording_sid else None,
        unread=_unread(task, now),
        listen_now=_is_overdue(task, now),
    )


def _is_overdue(task: DeskTask, now: datetime) -> bool:
    return task.listen_by is not None and task.listen_by <= now


def _unread(task: DeskTask, now: datetime) -> str:
    if not _is_overdue(task, now):
        return ""
    if task.language == "es":
        return say("No transcript: recorded in Spanish")
    return say("No transcript")
