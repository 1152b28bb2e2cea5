"""One step of one visit: the visit locked, the step allowed, the change stored with its event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scheduling import agenda, directory, patient_records
from scheduling.errors import StaffOnly, StaleVersion, UnknownVisit
from scheduling.hours import zone_of
from scheduling.states import (
    TRANSITIONS,
    UNDOES,
    Step,
    VisitStatus,
    refuse_after_start,
    status_after,
    status_undone,
)
from scheduling.tables import Visit, VisitEvent, VisitType
from scheduling.visit_log import events_of, record, visit_of
from scheduling.waitlist.offering import offer_freed_time

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.intervals import Interval
    from scheduling.requests import Request

_ALSO_BY_PATIENTS = (Step.CONFIRM, Step.CANCEL, Step.RESCHEDULE)
"""What nobody but the desk may do once the visit has begun."""


class BegunStep:
    """One step, its visit locked and allowed to take it. undone: the event that it takes back."""

    def __init__(
        self,
        session: Session,
        step: Step,
        clinic_id: str,
        visit_id: UUID,
        request: Request,
        version: int | None,
    ) -> None:
        """Raises UnknownVisit, StaleVersion, IllegalStep, NotYet, TooLate, StaffOnly, KeyReused."""
        self._session = session
        self._step = step
        self._request = request
        self.visit = _locked(session, clinic_id, visit_id)
        self.is_repeated = self._was_done_before()
        if self.is_repeated:
            return
        if version is not None and version != self.visit.version:
            raise StaleVersion(
                "somebody changed this visit meanwhile: look at it again, then decide again"
            )
        zone = zone_of(directory.clinic(session, clinic_id).timezone)
        if step in _ALSO_BY_PATIENTS and not request.by_staff:
            refuse_after_start(step, starts_at=self.visit.starts_at, now=request.now)
        self.undone: VisitEvent | None = None
        if step in UNDOES:
            self._status = self._status_undone()
        else:
            self._status = status_after(
                step,
                VisitStatus(self.visit.status),
                starts_at=self.visit.starts_at,
                now=request.now,
                zone=zone,
            )
        self.visit_type = session.get_one(VisitType, (clinic_id, self.visit.visit_type_id))

    @property
    def request(self) -> Request:
        """Who asked for it."""
        return self._request

    def store(
        self, *, freed: Interval | None = None, keeps_status: bool = False, **detail: Any
    ) -> None:
        """The new state, its event, freed time for who waits, and a sign to every open board.

        keeps_status: the step leaves the visit where it stood.
        The sign comes last: whoever books meanwhile takes its lock after the time they want.
        """
        if not keeps_status:
            self.visit.status = self._status.value
        self.visit.version += 1
        record(
            self._session,
            self.visit,
            TRANSITIONS[self._step].event,
            self._request,
            **detail,
        )
        self._session.flush()
        if freed is not None:
            offer_freed_time(self._session, self.visit.clinic_id, freed, now=self._request.now)
        agenda.record_change(self._session, self.visit.clinic_id)

    def _status_undone(self) -> VisitStatus:
        if not self._request.by_staff:
            raise StaffOnly("only the desk takes a step back: leave it to them")
        events = events_of(self._session, self.visit)
        self.undone = events[-1] if events else None
        return status_undone(
            self._step,
            VisitStatus(self.visit.status),
            [(one.kind, one.detail) for one in events],
            done_at=events[-1].at if events else self.visit.created_at,
            now=self._request.now,
        )

    def _was_done_before(self) -> bool:
        event = TRANSITIONS[self._step].event
        return visit_of(self._session, self.visit.clinic_id, self._request, event) == self.visit.id


def _locked(session: Session, clinic_id: str, visit_id: UUID) -> Visit:
    """The visit, locked after its patient, as whoever merges two records locks them."""
    is_this_one = (Visit.clinic_id == clinic_id, Visit.id == visit_id)
    patient_id = session.scalar(select(Visit.patient_id).where(*is_this_one))
    if patient_id is None:
        raise UnknownVisit(f"clinic {clinic_id} has no visit {visit_id}: search for it again")
    patient_records.locked(session, clinic_id, patient_id)
    return session.scalars(
        select(Visit)
        .where(*is_this_one)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
