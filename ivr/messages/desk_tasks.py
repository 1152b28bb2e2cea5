"""The front desk's list of things to do: who is to be called back, what could not be sent."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import String, bindparam, cast, false, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ivr.messages.tables import DeskTask
from scheduling.checked_input import phone
from scheduling.database import UtcDateTime

SEEN_TO = "Call Now"
"""In the place of whoever ticked a task off, where there is nothing to be done any more."""

NOTE_LENGTH = 2000
"""Characters kept of a note. A text message has at most 1600."""

_MUST_BE_HEARD = func.coalesce(DeskTask.listen_by <= bindparam("now", type_=UtcDateTime), false())

MARKS = select(
    cast(DeskTask.id, String)
    + " "
    + func.coalesce(DeskTask.callback_number, "")
    + cast(DeskTask.transcript.is_not(None), String)
    + cast(_MUST_BE_HEARD, String)
    + " "
    + DeskTask.note
).where(DeskTask.clinic_id == bindparam("clinic_id"), DeskTask.done_at.is_(None))
"""One text for each open task, another after each change of what the list shows of it.

A message may get another number, a transcript and a note later, and must be listened to where no
transcript came in time. clinic_id: whose. now: aware.
"""


def open_task(
    session: Session,
    *,
    clinic_id: str,
    kind: str,
    callback_number: str | None,
    language: str,
    note: str,
    source: str | None,
    now: datetime,
) -> DeskTask:
    """Put a task on the desk's list; the same `source` again returns the task that stands.

    callback_number: E.164. source: a CallSid, a MessageSid; None or "" never repeats.
    Raises UnsuitablePhone.
    """
    if callback_number is not None:
        phone(callback_number, "the callback number of a desk task")
    if source and (standing := _of_source(session, clinic_id, source)):
        return standing
    task = DeskTask(
        clinic_id=clinic_id,
        kind=kind,
        callback_number=callback_number,
        language=language,
        note=storable(note)[:NOTE_LENGTH],
        source=source or None,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(task)
    except IntegrityError:
        # The same webhook, arriving twice at once: the other one was first.
        standing = _of_source(session, clinic_id, source) if source else None
        if standing is None:
            raise
        return standing
    return task


def open_tasks(session: Session, clinic_id: str) -> list[DeskTask]:
    """What waits, the oldest first."""
    return list(
        session.scalars(
            select(DeskTask)
            .where(DeskTask.clinic_id == clinic_id, DeskTask.done_at.is_(None))
            .order_by(DeskTask.created_at, DeskTask.id)
        )
    )


def mark_done(session: Session, clinic_id: str, task_id: UUID, *, by: str, now: datetime) -> bool:
    """Tick a task off. False where there is none, or somebody else has done it already."""
    done = session.scalar(
        update(DeskTask)
        .where(DeskTask.clinic_id == clinic_id, DeskTask.id == task_id, DeskTask.done_at.is_(None))
        .values(done_at=now, done_by=by)
        .returning(DeskTask.id)
        .execution_options(synchronize_session=False)
    )
    return done is not None


def mark_done_of(
    session: Session, clinic_id: str, *, kind: str, source: str, by: str, now: datetime
) -> None:
    """Tick off whatever of a kind waits whose source begins with `source`."""
    session.execute(
        update(DeskTask)
        .where(
            DeskTask.clinic_id == clinic_id,
            DeskTask.kind == kind,
            DeskTask.source.startswith(source, autoescape=True),
            DeskTask.done_at.is_(None),
        )
        .values(done_at=now, done_by=by)
        .execution_options(synchronize_session=False)
    )


def done_since(
    session: Session, clinic_id: str, since: datetime, *, at_most: int = 200
) -> list[DeskTask]:
    """What was ticked off at `since` (aware) or later, the latest first."""
    return list(
        session.scalars(
            select(DeskTask)
            .where(DeskTask.clinic_id == clinic_id, DeskTask.done_at >= since)
            .order_by(DeskTask.done_at.desc(), DeskTask.id)
            .limit(at_most)
        )
    )


def reopen(session: Session, clinic_id: str, task_id: UUID) -> bool:
    """Take back a tick. False where there is no such task, or it waits already."""
    reopened = session.scalar(
        update(DeskTask)
        .where(
            DeskTask.clinic_id == clinic_id, DeskTask.id == task_id, DeskTask.done_at.is_not(None)
        )
        .values(done_at=None, done_by=None)
        .returning(DeskTask.id)
        .execution_options(synchronize_session=False)
    )
    return reopened is not None


def _of_source(session: Session, clinic_id: str, source: str) -> DeskTask | None:
    return session.scalar(
        select(DeskTask).where(DeskTask.clinic_id == clinic_id, DeskTask.source == source)
    )


def storable(note: str) -> str:
    """What anybody wrote or said, as far as a database keeps it."""
    # A text comes from anybody's phone. PostgreSQL stores neither NUL nor half a surrogate pair.
    return note.encode("utf-8", "replace").decode().replace("\0", "")
