"""Gives imported visits their time: what overlaps is named first, and the insert is the judge.

The reads here only tell a person which rows to correct. That no two visits share a time is, as
everywhere, the primary key of `occupancy`: whoever comes between the look and the insert makes
the insert fail, and the import starts again and sees them.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from scheduling.clinic_rules import clinic_rules
from scheduling.database import LostRace, is_duplicate_key
from scheduling.holds import release_expired_holds
from scheduling.importing.records import portions
from scheduling.importing.rows import Remark
from scheduling.intervals import covers
from scheduling.occupancy import granules, occupied_spans
from scheduling.placing import clinic_time_of, patient_time
from scheduling.tables import Occupancy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from scheduling.importing.planned import Planned
    from scheduling.intervals import Interval

    _Kept = tuple[Interval, Planned]

_GRANULES_AT_ONCE = 5_000
_OVERLAPS = {
    "provider": "the provider has another visit then",
    "room": "the room has another visit then",
    "patient": "the patient has another visit then",
}


def overlaps_in_file(planned: Sequence[Planned]) -> Iterator[Remark]:
    """A fault for each two visits of the file that share time, buffers included, at the later."""
    told: set[tuple[int, int]] = set()
    for resource, kept in _time_of(planned).items():
        latest: _Kept | None = None
        for span, one in sorted(kept, key=lambda each: (granules(each[0]).start, each[1].line)):
            if latest is not None and granules(span).start < granules(latest[0]).stop:
                other, this = sorted((latest[1].line, one.line))
                if (other, this) not in told:
                    told.add((other, this))
                    yield Remark(
                        this,
                        "starts",
                        f"overlaps line {other}, buffers included ({_why(resource)}): correct one "
                        "of the two",
                    )
            if latest is None or granules(span).stop > granules(latest[0]).stop:
                latest = (span, one)


def overlaps_with_book(
    session: Session, clinic_id: str, planned: Sequence[Planned], now: datetime
) -> Iterator[Remark]:
    """A fault for each visit whose time is taken in the book already."""
    told: set[int] = set()
    for some in portions(_time_of(planned).items()):
        spans = [span for _, kept in some for span, _ in kept]
        within = (min(span[0] for span in spans), max(span[1] for span in spans))
        taken = occupied_spans(session, clinic_id, [name for name, _ in some], within, now)
        for resource, kept in some:
            for span, one in kept:
                if one.line not in told and _meets(span, taken[resource]):
                    told.add(one.line)
                    yield Remark(
                        one.line,
                        "starts",
                        f"is taken in the book, buffers included ({_why(resource)}): correct the "
                        "row, or move the other visit; a time kept for a caller is free again "
                        "within minutes",
                    )


def _meets(span: Interval, taken: Sequence[Interval]) -> bool:
    wanted = granules(span)
    return any(
        granules(other).start < wanted.stop and wanted.start < granules(other).stop
        for other in taken
    )


def outside_hours(session: Session, clinic_id: str, planned: Sequence[Planned]) -> Iterator[Remark]:
    """A remark for each visit ahead at a time when its provider sees nobody."""
    if not planned:
        return
    within = (
        min(one.visit.starts_at for one in planned),
        max(one.visit.ends_at for one in planned),
    )
    open_time = clinic_rules(session, clinic_id).hours.of_providers(
        session, {one.visit.provider_id for one in planned}, within
    )
    for one in planned:
        visit = one.visit
        if not covers(open_time[visit.provider_id], (visit.starts_at, visit.ends_at)):
            yield Remark(one.line, "starts", "is outside the provider's hours: the visit stands")


def take_time(session: Session, clinic_id: str, planned: Sequence[Planned], now: datetime) -> None:
    """Store the granules of visits that are stored. Raises LostRace where one has been taken."""
    # One that runs out at this very moment is in nobody's way either.
    release_expired_holds(session, clinic_id=clinic_id, before=now + timedelta(microseconds=1))
    for some in portions(_granule_rows(clinic_id, planned), _GRANULES_AT_ONCE):
        try:
            session.execute(insert(Occupancy), some)
        except IntegrityError as error:
            if is_duplicate_key(error):
                raise LostRace("a time has been taken since it was looked at") from error
            raise


def _time_of(planned: Sequence[Planned]) -> dict[str, list[_Kept]]:
    """Resource → what is kept of it, in the order in which everybody stores granules.

    Providers and rooms by name, patients last; see scheduling.placing.
    """
    by_resource: dict[str, list[_Kept]] = defaultdict(list)
    for of_clinic in (True, False):
        kept: dict[str, list[_Kept]] = defaultdict(list)
        for one in planned:
            time = (
                clinic_time_of(one.visit, one.visit_type) if of_clinic else patient_time(one.visit)
            )
            for resource, span in time.items():
                kept[resource].append((span, one))
        by_resource.update(sorted(kept.items()))
    return by_resource


def _granule_rows(clinic_id: str, planned: Sequence[Planned]) -> Iterator[dict[str, Any]]:
    for resource, kept in _time_of(planned).items():
        for span, one in sorted(kept, key=lambda each: each[0]):
            for granule in granules(span):
                yield {
                    "clinic_id": clinic_id,
                    "resource": resource,
                    "granule_start": granule,
                    "visit_id": one.visit.id,
                }


def _why(resource: str) -> str:
    return _OVERLAPS[resource.partition(":")[0]]
