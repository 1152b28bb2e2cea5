"""Times that a patient has turned down or given back, which are not offered to them again."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING

from sqlalchemy import and_, select

from scheduling.states import OPEN_STATUSES, TRANSITIONS, Step, VisitStatus
from scheduling.tables import Visit, VisitEvent, WaitlistEntry, WaitlistOffer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.intervals import Interval

_LONGEST_VISIT = timedelta(days=1)
"""An index leads to visits by their start: how far before a time one may have begun."""


def times_given_up(
    session: Session,
    clinic_id: str,
    patients: Collection[UUID],
    within: Interval,
    now: datetime,
) -> dict[UUID, list[Interval]]:
    """For each of `patients` spans (UTC) that they have given up once, all those across `within`.

    That is all of a freed time of which they declined an offer, or let it lapse, since it went to
    the next in line then; the time of a visit that they cancelled or missed; and the time from
    which they moved a visit that is still ahead.
    """
    given_up: dict[UUID, list[Interval]] = defaultdict(list)
    for patient_id, span in chain(
        _unwanted_offers(session, clinic_id, patients, within),
        _lost_visits(session, clinic_id, patients, within),
        _left_by_moving(session, clinic_id, patients, now),
    ):
        given_up[patient_id].append(span)
    return given_up


def _unwanted_offers(
    session: Session, clinic_id: str, patients: Collection[UUID], within: Interval
) -> Iterator[tuple[UUID, Interval]]:
    rows = session.execute(
        select(WaitlistEntry.patient_id, WaitlistOffer.freed_from, WaitlistOffer.freed_until)
        .join(
            WaitlistOffer,
            and_(
                WaitlistOffer.clinic_id == WaitlistEntry.clinic_id,
                WaitlistOffer.entry_id == WaitlistEntry.id,
            ),
        )
        .where(
            WaitlistEntry.clinic_id == clinic_id,
            WaitlistEntry.patient_id.in_(patients),
            WaitlistOffer.freed_from < within[1],
            WaitlistOffer.freed_until > within[0],
            WaitlistOffer.status.in_(("declined", "lapsed")),
        )
    )
    return ((row.patient_id, (row.freed_from, row.freed_until)) for row in rows)


def _lost_visits(
    session: Session, clinic_id: str, patients: Collection[UUID], within: Interval
) -> Iterator[tuple[UUID, Interval]]:
    rows = session.execute(
        select(Visit.patient_id, Visit.starts_at, Visit.ends_at).where(
            Visit.clinic_id == clinic_id,
            Visit.starts_at > within[0] - _LONGEST_VISIT,
            Visit.starts_at < within[1],
            Visit.ends_at > within[0],
            Visit.status.in_((VisitStatus.CANCELLED, VisitStatus.NO_SHOW)),
            Visit.patient_id.in_(patients),
        )
    )
    return ((row.patient_id, (row.starts_at, row.ends_at)) for row in rows)


def _left_by_moving(
    session: Session, clinic_id: str, patients: Collection[UUID], now: datetime
) -> Iterator[tuple[UUID, Interval]]:
    rows = session.execute(
        select(Visit.patient_id, Visit.starts_at, Visit.ends_at, VisitEvent.detail)
        .join(
            VisitEvent,
            and_(VisitEvent.clinic_id == Visit.clinic_id, VisitEvent.visit_id == Visit.id),
        )
        .where(
            Visit.clinic_id == clinic_id,
            Visit.patient_id.in_(patients),
            Visit.starts_at > now,
            Visit.status.in_(OPEN_STATUSES),
            VisitEvent.kind == TRANSITIONS[Step.RESCHEDULE].event,
        )
    )
    for row in rows:
        start = datetime.fromisoformat(row.detail["from"])
        yield row.patient_id, (start, start + (row.ends_at - row.starts_at))
