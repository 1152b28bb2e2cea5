"""How a recall is changed by hand: locked, by whoever saw its latest version, once, and logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scheduling import patient_log, patient_records
from scheduling.database import flush_or_lose
from scheduling.errors import StaleVersion, UnknownRecall
from scheduling.refill_recalls import LIVE
from scheduling.tables import Recall, Visit

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.requests import Request


def locked_recall(
    session: Session, clinic_id: str, recall_id: UUID, visit_id: UUID | None = None
) -> Recall:
    """The recall, locked after its patient and the visit that is to answer it.

    Raises UnknownRecall.
    """
    patient_id = session.scalar(
        select(Recall.patient_id).where(Recall.clinic_id == clinic_id, Recall.id == recall_id)
    )
    if patient_id is not None:
        patient_records.locked(session, clinic_id, patient_id)
    if visit_id is not None:
        session.execute(
            select(Visit.id)
            .where(Visit.clinic_id == clinic_id, Visit.id == visit_id)
            .with_for_update(read=True)
        )
    recall = session.scalar(
        select(Recall)
        .where(Recall.clinic_id == clinic_id, Recall.id == recall_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if recall is None:
        raise UnknownRecall(f"clinic {clinic_id} has no recall {recall_id}: look at the list again")
    return recall


def was_done_before(
    session: Session, recall: Recall, event: str, request: Request, version: int | None
) -> bool:
    """Whether this very request did `event` to a locked recall.

    version: what whoever asks saw; None where nobody looked.
    Raises UnknownRecall for a new request that comes too late, StaleVersion, KeyReused.
    """
    if patient_log.event_of(session, recall.clinic_id, request, event, recall_id=recall.id):
        return True
    refuse_closed_or_stale(recall, version)
    return False


def refuse_closed_or_stale(recall: Recall, version: int | None) -> None:
    """Raise UnknownRecall for one that is no longer to be done, StaleVersion."""
    if recall.status not in LIVE:
        raise UnknownRecall(f"this recall is {recall.status} already: look at the list again")
    if version is not None and version != recall.version:
        raise StaleVersion(
            "somebody changed this recall meanwhile: look at it again, then decide again"
        )


def record(session: Session, recall: Recall, kind: str, request: Request, **detail: Any) -> None:
    """Store the change with its event. Raises LostRace where another did so meanwhile."""
    patient_log.record(
        session,
        recall.clinic_id,
        recall.patient_id,
        kind,
        request,
        recall_id=str(recall.id),
        **detail,
    )
    flush_or_lose(session)
