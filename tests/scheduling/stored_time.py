"""What the occupancy table holds, beside what visits and holds say it should hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduling.occupancy import GRANULE_SECONDS, granules
from scheduling.states import OCCUPYING_STATUSES
from scheduling.tables import Hold, Occupancy, Visit, VisitType

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.intervals import Interval

Granule = tuple[str, int]


def spans_kept(session: Session) -> dict[str, list[Interval]]:
    """Kind of resource -> the spans kept of any such resource, neighbours joined."""
    spans: dict[str, list[Interval]] = {}
    rows = session.execute(
        select(Occupancy.resource, Occupancy.granule_start).order_by(
            Occupancy.resource, Occupancy.granule_start
        )
    )
    for resource, second in rows:
        kind = resource.partition(":")[0]
        start = datetime.fromtimestamp(second, UTC)
        kept = spans.setdefault(kind, [])
        if kept and kept[-1][1] == start:
            kept[-1] = (kept[-1][0], start + timedelta(seconds=GRANULE_SECONDS))
        else:
            kept.append((start, start + timedelta(seconds=GRANULE_SECONDS)))
    return spans


def stray_granules(session: Session) -> list[Granule]:
    """Granules that no visit or hold accounts for, and ones that a visit lacks.

    A hold for a visit that is being moved keeps less than its own span: only what the visit has
    not. So of holds just the granules that lie outside them count.
    """
    stored = {
        (resource, second): hold_id is not None
        for resource, second, hold_id in session.execute(
            select(Occupancy.resource, Occupancy.granule_start, Occupancy.hold_id)
        )
    }
    of_visits, of_holds = _owed_to_visits(session), _owed_to_holds(session)
    lacking = of_visits - stored.keys()
    too_many = {
        granule
        for granule, is_held in stored.items()
        if granule not in (of_holds if is_held else of_visits)
    }
    return sorted(lacking | too_many)


def overlaps(session: Session) -> list[tuple[UUID, UUID]]:
    """Pairs of visits of one provider, room or patient that are at the same time, buffers aside.

    From the visits' own times: it holds whatever the occupancy table says.
    """
    rows = session.scalars(
        select(Visit).where(Visit.status.in_(OCCUPYING_STATUSES)).order_by(Visit.starts_at)
    ).all()
    return [
        (one.id, other.id)
        for one, other in combinations(rows, 2)
        if other.starts_at < one.ends_at and _share_something(one, other)
    ]


def _share_something(one: Visit, other: Visit) -> bool:
    return (
        one.provider_id == other.provider_id
        or one.patient_id == other.patient_id
        or (one.room_id is not None and one.room_id == other.room_id)
    )


def _owed_to_visits(session: Session) -> set[Granule]:
    owed: set[Granule] = set()
    rows = session.execute(
        select(Visit, VisitType)
        .join(
            VisitType,
            (VisitType.clinic_id == Visit.clinic_id) & (VisitType.id == Visit.visit_type_id),
        )
        .where(Visit.status.in_(OCCUPYING_STATUSES))
    )
    for visit, visit_type in rows:
        owed |= _granules(f"patient:{visit.patient_id}", (visit.starts_at, visit.ends_at))
        owed |= _of_clinic(visit, visit_type)
    return owed


def _owed_to_holds(session: Session) -> set[Granule]:
    rows = session.execute(
        select(Hold, VisitType).join(
            VisitType,
            (VisitType.clinic_id == Hold.clinic_id) & (VisitType.id == Hold.visit_type_id),
        )
    )
    owed: set[Granule] = set()
    for kept, visit_type in rows:
        owed |= _of_clinic(kept, visit_type)
    return owed


def _of_clinic(owner: Visit | Hold, visit_type: VisitType) -> set[Granule]:
    span = (
        owner.starts_at - timedelta(minutes=visit_type.buffer_before_minutes),
        owner.ends_at + timedelta(minutes=visit_type.buffer_after_minutes),
    )
    owed = _granules(f"provider:{owner.provider_id}", span)
    if owner.room_id is not None:
        owed |= _granules(f"room:{owner.room_id}", span)
    return owed


def _granules(resource: str, span: Interval) -> set[Granule]:
    return {(resource, second) for second in granules(span)}
