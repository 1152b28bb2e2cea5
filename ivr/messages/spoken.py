"""Messages that callers speak after the tone: desk tasks with a recording, and later a transcript.

Every function takes the open transaction and never commits. Times are aware UTC.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ivr.messages import desk_tasks
from ivr.messages.tables import DeskTask
from scheduling.checked_input import phone

KIND = "message"

TRANSCRIBED = frozenset({"en"})
"""Languages that the carrier transcribes a recording in. Of another it would make up English
(docs/decisions/0017-messages-that-nobody-transcribes.md)."""

TRANSCRIBED_WITHIN = timedelta(minutes=15)
"""After that no transcript is waited for: somebody has to listen. [J]"""

TRANSCRIPT_LENGTH = 4000
"""Characters kept: nobody says more in two minutes."""

_RECORDING = re.compile(r"RE[0-9a-f]{32}")


def is_recording(sid: str) -> bool:
    """Whether this is a recording's id as the carrier writes it. It becomes part of a URL."""
    return _RECORDING.fullmatch(sid) is not None


def file(
    session: Session,
    *,
    clinic_id: str,
    recording_sid: str,
    seconds: int | None,
    callback_number: str | None,
    language: str,
    spoken_in: str,
    note: str,
    now: datetime,
) -> DeskTask:
    """Put the message on the desk's list; filed again, the one that stands.

    Until there is a transcript, nobody has looked for an urgent word in it: so it is to be listened
    to soon, and at once where there will be none.
    seconds: None where nobody has said how long it is. language: in which the caller is called
    back. spoken_in: the language of the message itself. Raises UnsuitablePhone.
    """
    task = desk_tasks.open_task(
        session,
        clinic_id=clinic_id,
        kind=KIND,
        callback_number=callback_number,
        language=language,
        note=note,
        source=recording_sid,
        now=now,
    )
    if task.recording_sid is None:
        task.listen_by = now + (TRANSCRIBED_WITHIN if spoken_in in TRANSCRIBED else timedelta(0))
    task.recording_sid = recording_sid
    task.recording_seconds = task.recording_seconds or seconds
    session.flush()
    return task


def set_number(session: Session, *, clinic_id: str, recording_sid: str, number: str | None) -> None:
    """Whom to call back (E.164), as the caller said; None: on no number. Raises UnsuitablePhone."""
    if number is not None:
        phone(number, "the callback number of a message")
    session.execute(
        update(DeskTask)
        .where(DeskTask.clinic_id == clinic_id, DeskTask.source == recording_sid)
        .values(callback_number=number)
        .execution_options(synchronize_session=False)
    )


def keep_transcript(task: DeskTask, text: str) -> bool:
    """Keep what the carrier understood, once; False where there is a transcript already."""
    if task.transcript is not None:
        return False
    task.transcript = desk_tasks.storable(text)[:TRANSCRIPT_LENGTH]
    task.listen_by = None
    return True


def not_transcribed(task: DeskTask, now: datetime) -> None:
    """The carrier could make nothing of it: somebody has to listen now."""
    if task.transcript is None:
        task.listen_by = now


def add_note(task: DeskTask, note: str) -> None:
    """Tell the desk something more of it."""
    task.note = f"{task.note} {note}".strip()[: desk_tasks.NOTE_LENGTH]


def recording_of(session: Session, clinic_id: str, task_id: UUID) -> str | None:
    """The carrier's id of a task's recording; None where it has none."""
    return session.scalar(
        select(DeskTask.recording_sid).where(
            DeskTask.clinic_id == clinic_id, DeskTask.id == task_id
        )
    )
