"""Gives a visit its time, all of it or none. Whoever books or moves a visit passes here.

An import of a whole book stores many at once, by the same key: see scheduling.importing.book.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scheduling.database import flush_or_lose
from scheduling.occupancy import (
    Occupied,
    clear_holds,
    clinic_time,
    granules_of_visit,
    hand_over,
    occupy,
    patient_resource,
    vacate,
)
from scheduling.resources import shape_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from scheduling.intervals import Interval
    from scheduling.occupancy import Granule
    from scheduling.tables import Hold, Visit, VisitType


class TimeTaken(Exception):
    """Somebody else has part of the provider's or the room's time. Nothing was stored."""


class PatientTaken(Exception):
    """The patient has another visit then. Nothing was stored."""


def time_of(visit: Visit, visit_type: VisitType) -> Interval:
    """All that a visit keeps its provider and room from, buffers included."""
    shape = shape_of(visit_type)
    # A visit of the clinic's old book may last longer than its type says.
    return visit.starts_at - shape.buffer_before, visit.ends_at + shape.buffer_after


def clinic_time_of(visit: Visit, visit_type: VisitType) -> dict[str, Interval]:
    """What a visit keeps of its provider and room: resource -> span."""
    return clinic_time(visit.provider_id, visit.room_id, time_of(visit, visit_type))


def patient_time(visit: Visit) -> dict[str, Interval]:
    """What a visit keeps of its patient: no buffers, since those are the clinic's work."""
    return {patient_resource(visit.patient_id): (visit.starts_at, visit.ends_at)}


def place_new(
    session: Session, visit: Visit, visit_type: VisitType, *, kept: Hold | None, now: datetime
) -> None:
    """Store `visit` with the time that its columns say. kept: the hold that becomes part of it.

    Raises TimeTaken, PatientTaken; nothing of it is stored then, and the session's earlier work
    stands.
    """
    with _all_or_nothing(session):
        session.add(visit)
        flush_or_lose(session)
        _occupy(session, visit, visit_type, kept, (), now)


def place_again(
    session: Session,
    visit: Visit,
    visit_type: VisitType,
    changes: Mapping[str, object],
    *,
    kept: Hold | None,
    now: datetime,
) -> None:
    """Set `changes` on a stored visit and make it keep exactly the time that it then says.

    What it needs is stored before what it no longer needs is freed, so that two who want each
    other's time are both refused rather than wait for each other.
    Raises TimeTaken, PatientTaken; the visit stands as it was then.
    """
    with _all_or_nothing(session):
        # In here, so that a refusal takes them back.
        for column, value in changes.items():
            setattr(visit, column, value)
        session.flush()
        theirs = granules_of_visit(session, visit.clinic_id, visit.id)
        _occupy(session, visit, visit_type, kept, theirs, now)
        vacate(
            session,
            visit.clinic_id,
            visit_id=visit.id,
            except_for={**clinic_time_of(visit, visit_type), **patient_time(visit)},
        )


@contextmanager
def _all_or_nothing(session: Session) -> Iterator[None]:
    try:
        with session.begin_nested():
            yield
    except Occupied as error:
        raise PatientTaken from error


def _occupy(
    session: Session,
    visit: Visit,
    visit_type: VisitType,
    kept: Hold | None,
    theirs: Collection[Granule],
    now: datetime,
) -> None:
    wanted = clinic_time_of(visit, visit_type)
    has = set(theirs)
    if kept is not None:
        has |= hand_over(session, visit.clinic_id, hold_id=kept.id, visit_id=visit.id)
        session.delete(kept)
        session.flush()
    if kept is None or theirs:
        clear_holds(session, visit.clinic_id, wanted, expired_at=now)
    try:
        occupy(session, visit.clinic_id, wanted, visit_id=visit.id, besides=has)
    except Occupied as error:
        raise TimeTaken from error
    # The patient's time comes last, for everybody: two who meet in one patient cannot wait for
    # each other in a provider.
    occupy(session, visit.clinic_id, patient_time(visit), visit_id=visit.id, besides=has)
