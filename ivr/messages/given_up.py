"""Puts a message that could not be sent, or was not delivered, on the desk's list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from ivr.messages import desk_tasks, failures
from ivr.messages.tables import OutboxMessage
from scheduling.hours import zone_of
from scheduling.tables import Clinic

LANGUAGE = "en"
"""Of the stored note."""


def tell_desk(
    session: Session,
    message: OutboxMessage,
    *,
    error: str,
    error_code: int | None,
    now: datetime,
) -> None:
    """Put it on the desk's list, with the reason; once for each message, and as it is known last.

    error: a Trouble, or how the worker ended. error_code: the carrier's own. now: aware UTC.
    """
    failure = failures.of_message(session, message, error=error, code=error_code)
    zone = zone_of(session.get_one(Clinic, message.clinic_id).timezone)
    note = failure.note(failures.in_english, stored_moment(zone))
    task = desk_tasks.open_task(
        session,
        clinic_id=message.clinic_id,
        kind=failures.task_of(message.kind),
        callback_number=message.to_number,
        language=LANGUAGE,
        note=note,
        source=failures.source_of(message.id),
        now=now,
    )
    # Given up undecided at first, say, and reported by the carrier since.
    task.note = note
    session.flush()


def take_back(session: Session, message: OutboxMessage, now: datetime) -> None:
    """It has arrived after all: tick off what the desk was told. now: aware UTC."""
    desk_tasks.mark_done_of(
        session,
        message.clinic_id,
        kind=failures.task_of(message.kind),
        source=failures.source_of(message.id),
        by=desk_tasks.SEEN_TO,
        now=now,
    )


def stored_moment(zone: ZoneInfo) -> Callable[[datetime], str]:
    """Says a time as stored notes do: 2026-12-02 at 09:00, on that zone's clock."""
    return lambda instant: f"{instant.astimezone(zone):%Y-%m-%d at %H:%M}"
