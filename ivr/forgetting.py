"""Deletes a patient for good, with what the line keeps of their telephone numbers.

A number stands for a household: only what came over a number that is on no other patient's file
is taken for theirs. Of that,

- messages to it that are not about a ticket go, sent or not;
- desk tasks go once they are done; one that is still to be done is somebody waiting for a call.
  With a spoken message's task goes its recording at the carrier, which a worker deletes there;
- calls from it stay as calls, and lose the number; so do its texts, and what they were answered;
- a yes to texts goes; a no stays, so that nobody is texted who asked not to be;
- tickets stay as they are: they say how the clinic answered an urgent call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

import structlog
from sqlalchemy import CursorResult, Delete, Select, Update, delete, func, null, select, update
from sqlalchemy.orm import Session

from ivr.call.tables import CallRow
from ivr.messages import outbox
from ivr.messages.consent_tables import TextConsent
from ivr.messages.incoming_tables import ReceivedText
from ivr.messages.tables import DeskTask, OutboxMessage
from ivr.oncall.tables import Ticket
from scheduling import deletion, retention
from scheduling.database import Database
from scheduling.tables import Clinic

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Forgotten:
    """What went, and what stays with a number of theirs: table → rows."""

    deleted: Counter[str]
    kept: Counter[str]


class _OnlyLooked(Exception):
    """Takes the deletion back; it brings along what would have gone."""

    def __init__(self, forgotten: Forgotten) -> None:
        super().__init__()
        self.forgotten = forgotten


def look(database: Database, *, clinic_id: str, patient_id: UUID, now: datetime) -> Forgotten:
    """What forget() would delete: it is deleted, counted, and taken back. Raises like forget()."""

    def work(session: Session) -> Forgotten:
        raise _OnlyLooked(_forget(session, clinic_id, patient_id, now))

    try:
        return database.write(work)
    except _OnlyLooked as looked:
        return looked.forgotten


def forget(database: Database, *, clinic_id: str, patient_id: UUID, now: datetime) -> Forgotten:
    """Delete the patient in one transaction. Raises scheduling's PatientInCare, UnknownPatient."""
    forgotten = database.write(lambda session: _forget(session, clinic_id, patient_id, now))
    # Without the id, which is a patient's: the log says that it was done, and when.
    log.warning("patient_deleted", clinic_id=clinic_id, reason="asked_for")
    return forgotten


def forget_past_retention(
    database: Database, *, clinic_id: str, patient_id: UUID, now: datetime, years: int
) -> Forgotten | None:
    """The same, if the record may still go by then; None where somebody has come back meanwhile.

    Raises PatientInCare.
    """

    def work(session: Session) -> Forgotten | None:
        if not retention.past_retention(
            session, clinic_id, now=now, years=years, patient_id=patient_id
        ):
            return None
        return _forget(session, clinic_id, patient_id, now)

    forgotten = database.write(work)
    if forgotten is not None:
        log.warning("patient_deleted", clinic_id=clinic_id, reason="past_retention")
    return forgotten


def _forget(session: Session, clinic_id: str, patient_id: UUID, now: datetime) -> Forgotten:
    numbers = deletion.numbers_of_theirs_alone(session, clinic_id, patient_id)
    forgotten = Forgotten(
        deletion.delete_patient(session, clinic_id=clinic_id, patient_id=patient_id, now=now),
        Counter(),
    )
    forgotten.deleted["recording"] += _delete_recordings(session, clinic_id, numbers, now)
    for what, statement in _traces(clinic_id, numbers):
        result = session.execute(statement.execution_options(synchronize_session=False))
        forgotten.deleted[what] += cast("CursorResult[object]", result).rowcount
    for what, counted in _kept(clinic_id, numbers):
        forgotten.kept[what] = session.scalar(counted) or 0
    return Forgotten(+forgotten.deleted, +forgotten.kept)


def _delete_recordings(
    session: Session, clinic_id: str, numbers: Sequence[str], now: datetime
) -> int:
    """Have the recordings of done tasks deleted where they are kept; how many."""
    line = session.scalar(select(Clinic.phone_number).where(Clinic.id == clinic_id))
    recordings = session.scalars(
        select(DeskTask.recording_sid).where(
            DeskTask.clinic_id == clinic_id,
            DeskTask.callback_number.in_(numbers),
            DeskTask.done_at.is_not(None),
            DeskTask.recording_sid.is_not(None),
        )
    ).all()
    for sid in recordings:
        outbox.enqueue(
            session,
            clinic_id=clinic_id,
            kind="delete_recording",
            lane="ordinary",
            subject=f"recording:{sid}",
            # Nobody is called or texted, and the patient's own number is to be forgotten.
            to_number=str(line),
            body=str(sid),
            due_at=now,
            now=now,
        )
    return len(recordings)


def _traces(clinic_id: str, numbers: Sequence[str]) -> list[tuple[str, Delete | Update]]:
    return [
        (
            "outbox_message",
            delete(OutboxMessage).where(
                OutboxMessage.clinic_id == clinic_id,
                OutboxMessage.to_number.in_(numbers),
                OutboxMessage.subject.not_like("ticket:%"),
            ),
        ),
        (
            "desk_task",
            delete(DeskTask).where(
                DeskTask.clinic_id == clinic_id,
                DeskTask.callback_number.in_(numbers),
                DeskTask.done_at.is_not(None),
            ),
        ),
        (
            "text_consent",
            delete(TextConsent).where(
                TextConsent.clinic_id == clinic_id,
                TextConsent.number.in_(numbers),
                TextConsent.granted.is_(True),
            ),
        ),
        (
            "number of a call",
            update(CallRow)
            .where(CallRow.clinic_id == clinic_id, CallRow.from_number.in_(numbers))
            .values(from_number=None),
        ),
        (
            "number of a text",
            update(ReceivedText)
            .where(ReceivedText.clinic_id == clinic_id, ReceivedText.number.in_(numbers))
            # The row itself stays: without it the text would be taken for one that was lost.
            .values(number=None, reply=None, answer=None, asked=null()),
        ),
    ]


def _kept(clinic_id: str, numbers: Sequence[str]) -> list[tuple[str, Select[int]]]:
    return [
        (
            "open desk task",
            select(func.count(DeskTask.id)).where(
                DeskTask.clinic_id == clinic_id,
                DeskTask.callback_number.in_(numbers),
                DeskTask.done_at.is_(None),
            ),
        ),
        (
            "opt-out of texts",
            select(func.count(TextConsent.id)).where(
                TextConsent.clinic_id == clinic_id,
                TextConsent.number.in_(numbers),
                TextConsent.granted.is_(False),
            ),
        ),
        (
            "ticket",
            select(func.count(Ticket.id)).where(
                Ticket.clinic_id == clinic_id, Ticket.callback_number.in_(numbers)
            ),
        ),
    ]
