"""Forgets who had past time, a little at a go: only time to come has to be guarded.

The visits themselves stay. What is left of `occupancy` then follows the weeks ahead and not the
years behind.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select

from scheduling import checked_input
from scheduling.occupancy import GRANULE_SECONDS, provider_resource
from scheduling.tables import Occupancy, Provider, Visit

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

KEPT = timedelta(hours=24)
"""[J] So long the desk may still check in who was taken for missing, or correct today's visits."""

VISITS_AT_ONCE = 100
"""Some 2,500 rows: at most a tenth of a second in which another writer may have to wait. At one go
a minute the past year of a large clinic, 40,000 visits, is gone within a day."""

_GRANULES_LOOKED_AT = 2_000

# Every visit keeps its provider for all the time that it keeps anything. So the past
# granules of providers lead to all others, and the primary key leads to them, a provider at a
# time: where nothing is left to prune, that is one look-up each, whatever else is stored.
_PAST_OF_PROVIDER = (
    select(Occupancy.visit_id)
    .where(
        Occupancy.clinic_id == bindparam("clinic_id"),
        Occupancy.resource == bindparam("resource"),
        Occupancy.granule_start < bindparam("before"),
        Occupancy.visit_id.is_not(None),
    )
    .order_by(Occupancy.granule_start)
    .limit(_GRANULES_LOOKED_AT)
)


def prune_past_time(
    session: Session, *, clinic_id: str, now: datetime, at_most: int = VISITS_AT_ONCE
) -> int:
    """Delete granules of time that ended over 24 hours ago; of how many visits, at most `at_most`.

    now: aware. Safe to run by several workers at once: each takes visits that no other has.
    """
    kept_from = checked_input.aware(now, "now") - KEPT
    before = int(kept_from.timestamp()) - GRANULE_SECONDS + 1
    providers = session.scalars(
        # Those who have left too: their past visits are no different.
        select(Provider.id).where(Provider.clinic_id == clinic_id).order_by(Provider.id)
    ).all()
    past: dict[UUID | None, None] = {}
    for provider_id in providers:
        if len(past) >= at_most:
            break
        asked = {
            "clinic_id": clinic_id,
            "resource": provider_resource(provider_id),
            "before": before,
        }
        past.update(dict.fromkeys(session.scalars(_PAST_OF_PROVIDER, asked)))
    if not past:
        return 0
    going = session.scalars(
        select(Visit.id)
        .where(Visit.clinic_id == clinic_id, Visit.id.in_(list(past)[:at_most]))
        .order_by(Visit.id)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()
    session.execute(
        delete(Occupancy).where(
            Occupancy.clinic_id == clinic_id,
            Occupancy.visit_id.in_(going),
            Occupancy.granule_start < before,
        )
    )
    return len(going)
