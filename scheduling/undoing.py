"""Taking a visit's last step back: a cancellation, a miss, a completion that was a slip.

As each step in visits.py: the visit is locked, what its state, its version or the book do not
allow is refused, and all of it is stored or none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduling import directory, recall_undoing
from scheduling.errors import NotBookable, PatientBusy, Refusal, TimeGivenAway
from scheduling.placing import PatientTaken, TimeTaken, place_again, time_of
from scheduling.states import Step
from scheduling.stranded import stands_in_closed_time
from scheduling.tables import WaitlistEntry, WaitlistOffer
from scheduling.visit_step import BegunStep

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.requests import Request
    from scheduling.tables import Visit


def undo_cancel(
    session: Session,
    *,
    clinic_id: str,
    visit_id: UUID,
    request: Request,
    version: int | None = None,
) -> Visit:
    """The visit stands again as it did, if its time is still free.

    version: what the caller of this saw; None where nobody looked.
    Raises TimeGivenAway, PatientBusy, NotBookable where the clinic has closed that time since,
    TooLate a week after, StaffOnly, UnknownVisit, StaleVersion, IllegalStep, KeyReused.
    """
    return _stand_again(session, Step.UNDO_CANCEL, clinic_id, visit_id, request, version)


def undo_miss(
    session: Session,
    *,
    clinic_id: str,
    visit_id: UUID,
    request: Request,
    version: int | None = None,
) -> Visit:
    """The patient is expected after all. Raises what undo_cancel() does."""
    return _stand_again(session, Step.UNDO_MISS, clinic_id, visit_id, request, version)


def undo_complete(
    session: Session,
    *,
    clinic_id: str,
    visit_id: UUID,
    request: Request,
    version: int | None = None,
) -> Visit:
    """The patient is still here. Of a refill, the pump's dates are again what they were.

    Raises PumpChangedSince where somebody has corrected them meanwhile, TooLate a week after,
    StaffOnly, UnknownVisit, StaleVersion, IllegalStep, KeyReused.
    """
    step = BegunStep(session, Step.UNDO_COMPLETE, clinic_id, visit_id, request, version)
    if not step.is_repeated:
        recall_undoing.visit_not_completed(session, step.visit, _left_behind(step), request)
        step.store()
    return step.visit


def take_time_back(session: Session, step: BegunStep) -> None:
    """Let a visit that had given its time back keep it again. Raises TimeGivenAway, PatientBusy."""
    visit, now = step.visit, step.request.now
    try:
        place_again(session, visit, step.visit_type, {}, kept=None, now=now)
    except TimeTaken as error:
        raise TimeGivenAway(
            "this visit's time is somebody else's by now: book the patient another one",
            _offered_until(session, step, now),
        ) from error
    except PatientTaken as error:
        raise PatientBusy(
            "the patient has another visit at this time by now: move that one first"
        ) from error


def _stand_again(
    session: Session,
    which: Step,
    clinic_id: str,
    visit_id: UUID,
    request: Request,
    version: int | None,
) -> Visit:
    step = BegunStep(session, which, clinic_id, visit_id, request, version)
    if step.is_repeated:
        return step.visit
    if stands_in_closed_time(session, step.visit):
        raise NotBookable(Refusal.OUTSIDE_HOURS)
    take_time_back(session, step)
    recall_undoing.visit_stands_again(session, step.visit, _left_behind(step), request)
    _wait_again(session, step.visit, request.now)
    step.store()
    return step.visit


def _left_behind(step: BegunStep) -> dict[str, object]:
    return {} if step.undone is None else step.undone.detail


def _wait_again(session: Session, visit: Visit, now: datetime) -> None:
    """Who waited to have this visit earlier lapsed with it, and waits on."""
    if visit.starts_at <= now:
        return
    today = directory.today(session, visit.clinic_id, now)
    for entry in session.scalars(
        select(WaitlistEntry)
        .where(
            WaitlistEntry.clinic_id == visit.clinic_id,
            # To a patient's entries an index leads.
            WaitlistEntry.patient_id == visit.patient_id,
            WaitlistEntry.visit_id == visit.id,
            WaitlistEntry.status == "lapsed",
            WaitlistEntry.until_on >= today,
        )
        .with_for_update()
    ):
        entry.status = "waiting"


def _offered_until(session: Session, step: BegunStep, now: datetime) -> datetime | None:
    """Until when somebody on the waitlist may take the time; None where nobody is asked."""
    starts_at, ends_at = time_of(step.visit, step.visit_type)
    return session.scalar(
        select(WaitlistOffer.expires_at)
        .where(
            WaitlistOffer.clinic_id == step.visit.clinic_id,
            WaitlistOffer.status == "open",
            WaitlistOffer.expires_at > now,
            WaitlistOffer.starts_at < ends_at,
            WaitlistOffer.ends_at > starts_at,
            (WaitlistOffer.provider_id == step.visit.provider_id)
            | (WaitlistOffer.room_id == step.visit.room_id),
        )
        .order_by(WaitlistOffer.expires_at.desc())
        .limit(1)
    )
