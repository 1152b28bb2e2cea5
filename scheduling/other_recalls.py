"""Recalls that are about no pump, such as a yearly check: opened, booked and closed by hand."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduling import checked_input, directory, patient_log, patient_records
from scheduling.errors import (
    InvalidInput,
    RecallFollowsPump,
    StaffOnly,
    UnknownVisit,
    UnknownVisitType,
)
from scheduling.recall_changes import locked_recall, record, was_done_before
from scheduling.refill_recalls import close
from scheduling.states import OPEN_STATUSES
from scheduling.tables import Recall, Visit, VisitType

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.requests import Request

_FURTHEST = timedelta(days=3 * 366)
"""A recall due later than this is a slip of the pen. [J] Checks come every year or two."""

_SLUG = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


def open_recall(
    session: Session,
    *,
    clinic_id: str,
    patient_id: UUID,
    visit_type_key: str,
    due_on: date,
    request: Request,
) -> Recall:
    """Open a recall that is about no pump. The same request again gives the same one.

    due_on: the last day of the clinic's calendar on which the visit is in time.
    Raises RecallFollowsPump for a refill, UnknownPatient, UnknownVisitType, UnknownClinic,
    InvalidInput for a day that is past or over three years ahead, KeyReused.
    """
    patient = patient_records.locked(session, clinic_id, patient_id)
    recall_id = patient_log.id_of(clinic_id, request)
    if patient_records.was_done(session, patient, "recall_opened", request):
        return session.get_one(Recall, (clinic_id, recall_id))
    checked_input.day(due_on, "the recall's due date")
    today = directory.today(session, clinic_id, request.now)
    if not today <= due_on <= today + _FURTHEST:
        raise InvalidInput("the recall is due in the past or over three years ahead: correct it")
    recall = Recall(
        clinic_id=clinic_id,
        id=recall_id,
        patient_id=patient.id,
        visit_type_id=_visit_type_of_no_pump(session, clinic_id, visit_type_key),
        due_on=due_on,
        status="open",
        opened_at=request.now,
        version=1,
    )
    session.add(recall)
    record(session, recall, "recall_opened", request)
    return recall


def book_recall(
    session: Session,
    *,
    clinic_id: str,
    recall_id: UUID,
    visit_id: UUID,
    request: Request,
    version: int | None = None,
) -> Recall:
    """Let a visit of the patient answer the recall: it leaves the list while the visit stands.

    Raises RecallFollowsPump for a refill, UnknownVisit where the patient has no such visit ahead.
    version: what the caller of this saw; None where nobody looked. Every function here raises
    UnknownRecall, StaleVersion, KeyReused.
    """
    recall = locked_recall(session, clinic_id, recall_id, visit_id)
    if was_done_before(session, recall, "recall_booked", request, version):
        return recall
    _refuse_refill(recall, "book the refill, and it follows")
    visit = session.get(Visit, (clinic_id, visit_id))
    if visit is None or visit.patient_id != recall.patient_id or visit.status not in OPEN_STATUSES:
        raise UnknownVisit("the recall's patient has no such visit ahead: choose one of theirs")
    recall.status = "booked"
    recall.visit_id = visit_id
    recall.snoozed_until = None
    recall.version += 1
    record(session, recall, "recall_booked", request, visit_id=str(visit_id))
    return recall


def finish(
    session: Session,
    *,
    clinic_id: str,
    recall_id: UUID,
    request: Request,
    version: int | None = None,
) -> Recall:
    """What the recall was for has been done, here or elsewhere.

    Raises RecallFollowsPump for a refill.
    """
    recall = locked_recall(session, clinic_id, recall_id)
    if was_done_before(session, recall, "recall_done", request, version):
        return recall
    _refuse_refill(recall, "complete the refill, and it follows")
    close(recall, "done", request.now)
    record(session, recall, "recall_done", request)
    return recall


def drop(
    session: Session,
    *,
    clinic_id: str,
    recall_id: UUID,
    reason: str,
    request: Request,
    version: int | None = None,
) -> Recall:
    """Give the recall up for good. reason: a slug for the log, such as "moved_away".

    Raises StaffOnly, RecallFollowsPump for a refill, InvalidInput.
    """
    if not request.by_staff:
        raise StaffOnly("only the desk gives up a recall: record an attempt instead")
    if len(reason) > checked_input.KEY_LENGTH or not _SLUG.fullmatch(reason):
        raise InvalidInput(
            f"the reason is not a slug of up to {checked_input.KEY_LENGTH} characters: write it "
            "like moved_away, without names"
        )
    recall = locked_recall(session, clinic_id, recall_id)
    if was_done_before(session, recall, "recall_dropped", request, version):
        return recall
    _refuse_refill(recall, "retire the pump, which drops it")
    close(recall, "dropped", request.now)
    record(session, recall, "recall_dropped", request, reason=reason)
    return recall


def _refuse_refill(recall: Recall, instead: str) -> None:
    if recall.pump_id is not None:
        raise RecallFollowsPump(f"a refill's recall is not changed by hand: {instead}")


def _visit_type_of_no_pump(session: Session, clinic_id: str, key: str) -> UUID:
    visit_type = session.scalar(
        select(VisitType).where(
            VisitType.clinic_id == clinic_id, VisitType.key == key, VisitType.active.is_(True)
        )
    )
    if visit_type is None:
        raise UnknownVisitType(
            f"clinic {clinic_id} has no visit type {key[:80]!r}: use one of its definition"
        )
    if visit_type.refills_pump:
        raise RecallFollowsPump("a refill's recall opens with its pump: register the pump")
    return visit_type.id
