"""The desk's calls to patients who are to come back: tried, and put off."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from scheduling import checked_input, directory, patient_log
from scheduling.database import flush_or_lose
from scheduling.errors import InvalidInput, KeyReused, SnoozePastDue
from scheduling.recall_changes import (
    locked_recall,
    record,
    refuse_closed_or_stale,
    was_done_before,
)
from scheduling.tables import RecallAttempt

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.requests import Request
    from scheduling.tables import Recall


class AttemptOutcome(StrEnum):
    """What came of a try to reach the patient."""

    REACHED = "reached"
    LEFT_MESSAGE = "left_message"
    NO_ANSWER = "no_answer"
    BAD_NUMBER = "bad_number"
    DECLINED = "declined"


def snooze(
    session: Session,
    *,
    clinic_id: str,
    recall_id: UUID,
    until: date,
    request: Request,
    version: int | None = None,
) -> Recall:
    """Leave the recall out of the desk's list before `until`, a day of the clinic's calendar.

    version: what the caller of this saw; None where nobody looked.
    Raises SnoozePastDue, InvalidInput for a day that is not ahead, UnknownRecall, StaleVersion,
    KeyReused.
    """
    recall = locked_recall(session, clinic_id, recall_id)
    if was_done_before(session, recall, "recall_snoozed", request, version):
        return recall
    checked_input.day(until, "the day until which it is put off")
    if until > recall.due_on:
        raise SnoozePastDue("a recall cannot be put off beyond its due date: choose a day up to it")
    if until <= directory.today(session, clinic_id, request.now):
        raise InvalidInput("a recall is put off until a later day: choose one after today")
    recall.snoozed_until = until
    recall.version += 1
    record(session, recall, "recall_snoozed", request)
    return recall


def end_snooze(
    session: Session,
    *,
    clinic_id: str,
    recall_id: UUID,
    request: Request,
    version: int | None = None,
) -> Recall:
    """Put the recall back on the desk's list before its day.

    version: what the caller of this saw; None where nobody looked.
    Raises UnknownRecall, StaleVersion, KeyReused.
    """
    recall = locked_recall(session, clinic_id, recall_id)
    if was_done_before(session, recall, "recall_snooze_ended", request, version):
        return recall
    recall.snoozed_until = None
    recall.version += 1
    record(session, recall, "recall_snooze_ended", request)
    return recall


def record_attempt(
    session: Session, *, clinic_id: str, recall_id: UUID, outcome: str, request: Request
) -> RecallAttempt:
    """Note a try to reach the patient. The same request again notes nothing more.

    outcome: an AttemptOutcome. Raises InvalidInput, UnknownRecall, KeyReused.
    """
    try:
        came_of_it = AttemptOutcome(outcome)
    except ValueError as error:
        raise InvalidInput(
            f"that outcome is unknown: use one of {', '.join(AttemptOutcome)}"
        ) from error
    recall = locked_recall(session, clinic_id, recall_id)
    attempt_id = patient_log.id_of(clinic_id, request)
    earlier = session.get(RecallAttempt, (clinic_id, attempt_id))
    if earlier is not None:
        if earlier.recall_id != recall.id:
            raise KeyReused(
                "this idempotency key belongs to an attempt at another recall: give each "
                "request a key of its own"
            )
        return earlier
    refuse_closed_or_stale(recall, None)
    attempt = RecallAttempt(
        clinic_id=clinic_id,
        id=attempt_id,
        recall_id=recall_id,
        at=request.now,
        channel=request.channel.value,
        outcome=came_of_it.value,
        actor=request.actor,
    )
    session.add(attempt)
    flush_or_lose(session)
    return attempt
