"""The booking guarantee: whoever stores the granules of a time first has it. No read comes first.

A time is cut into granules of five minutes, and each is a row whose primary key is the clinic, the
resource and the granule. The insert is the check; the database is the judge, whichever it is and
however many processes ask it at once.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    String,
    Uuid,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal_column,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from scheduling.database import is_duplicate_key
from scheduling.intervals import union
from scheduling.tables import Hold, Occupancy

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from scheduling.intervals import Interval

GRANULE_SECONDS = 300

Granule: TypeAlias = tuple[str, int]
"""A resource's name and the granule's start, in seconds since 1970 UTC."""


class Occupied(Exception):
    """One of the wanted granules is somebody else's. Nothing of the insert was kept."""


def provider_resource(provider_id: UUID) -> str:
    """The name under which a provider's time is kept."""
    return f"provider:{provider_id}"


def room_resource(room_id: UUID) -> str:
    """The name under which a room's time is kept."""
    return f"room:{room_id}"


def patient_resource(patient_id: UUID) -> str:
    """The name under which a patient's time is kept."""
    return f"patient:{patient_id}"


def clinic_time(provider_id: UUID, room_id: UUID | None, span: Interval) -> dict[str, Interval]:
    """What a visit or hold keeps of its provider and room: resource -> span, buffers included."""
    kept = {provider_resource(provider_id): span}
    if room_id is not None:
        kept[room_resource(room_id)] = span
    return kept


def granules(span: Interval) -> range:
    """The starts, in seconds since 1970 UTC, of all granules that `span` touches."""
    first = int(span[0].timestamp()) // GRANULE_SECONDS
    after_last = -(-span[1].timestamp() // GRANULE_SECONDS)
    return range(first * GRANULE_SECONDS, int(after_last) * GRANULE_SECONDS, GRANULE_SECONDS)


def occupy(
    session: Session,
    clinic_id: str,
    wanted: Mapping[str, Interval],
    *,
    hold_id: UUID | None = None,
    visit_id: UUID | None = None,
    besides: Collection[Granule] = (),
) -> None:
    """Store the granules of `wanted` (resource -> span) for one hold or one visit.

    besides: granules that are theirs already. Call it in a savepoint: after Occupied the
    statement has failed and only a rollback helps.
    """
    rows = [
        {
            "clinic_id": clinic_id,
            "resource": resource,
            "granule_start": granule,
            "hold_id": hold_id,
            "visit_id": visit_id,
        }
        # Everybody inserts in this order, so that two who want the same cannot wait for each
        # other in a circle.
        for resource in sorted(wanted)
        for granule in granules(wanted[resource])
        if (resource, granule) not in besides
    ]
    if not rows:
        return
    try:
        # Row by row of one prepared statement: to compose one for each number of rows costs more.
        session.connection().execute(_INSERT, rows)
    except IntegrityError as error:
        if is_duplicate_key(error):
            raise Occupied from error
        raise


_INSERT = insert(Occupancy)


def granules_of_visit(session: Session, clinic_id: str, visit_id: UUID) -> set[Granule]:
    """What a visit keeps."""
    rows = session.execute(
        select(Occupancy.resource, Occupancy.granule_start).where(
            Occupancy.clinic_id == clinic_id, Occupancy.visit_id == visit_id
        )
    )
    return {(resource, granule) for resource, granule in rows}


def hand_over(session: Session, clinic_id: str, *, hold_id: UUID, visit_id: UUID) -> set[Granule]:
    """Give the granules of a hold to the visit it becomes, without freeing them in between."""
    rows = session.execute(
        update(Occupancy)
        .where(Occupancy.clinic_id == clinic_id, Occupancy.hold_id == hold_id)
        .values(hold_id=None, visit_id=visit_id)
        .returning(Occupancy.resource, Occupancy.granule_start)
    )
    return {(resource, granule) for resource, granule in rows}


def vacate(
    session: Session,
    clinic_id: str,
    *,
    visit_id: UUID,
    except_for: Mapping[str, Interval] | None = None,
) -> None:
    """Free what a visit keeps, but for the granules of `except_for` (resource -> span)."""
    statement = delete(Occupancy).where(
        Occupancy.clinic_id == clinic_id, Occupancy.visit_id == visit_id
    )
    if except_for:
        statement = statement.where(not_(_any_of(except_for)))
    session.execute(statement)


def clear_holds(
    session: Session,
    clinic_id: str,
    wanted: Mapping[str, Interval],
    *,
    expired_at: datetime,
    of_holder: str | None = None,
) -> None:
    """Remove the holds on `wanted` that had expired by then, and all of `of_holder`."""
    in_the_way = select(Occupancy.hold_id).where(
        Occupancy.clinic_id == clinic_id,
        _any_of(wanted),
        Occupancy.hold_id.is_not(None),
    )
    going = session.scalars(
        select(Hold.id)
        .where(
            Hold.clinic_id == clinic_id,
            or_(
                and_(Hold.id.in_(in_the_way), Hold.expires_at <= expired_at),
                Hold.holder == of_holder,
            ),
        )
        # Locked in one order. A holder who renews or books at this moment is either before us,
        # and the row no longer qualifies, or after us, and finds it gone.
        .order_by(Hold.id)
        .with_for_update()
    ).all()
    if going:
        session.execute(delete(Hold).where(Hold.clinic_id == clinic_id, Hold.id.in_(going)))


def _any_of(wanted: Mapping[str, Interval]) -> ColumnElement[bool]:
    return or_(
        *(
            and_(
                Occupancy.resource == resource,
                Occupancy.granule_start >= granules(span).start,
                Occupancy.granule_start < granules(span).stop,
            )
            for resource, span in wanted.items()
        )
    )


def occupied_granules(
    session: Session,
    clinic_id: str,
    resources: Collection[str],
    within: Interval,
    now: datetime,
    *,
    moving: UUID | None = None,
) -> dict[str, list[int]]:
    """The granules of each of `resources` that are taken in `within`, in no order.

    They are counted from the first granule of `within`, which is 0. Expired holds do not count, nor
    does the visit that is `moving`: it gives its time back.
    Cost follows the window: the primary key leads to each resource's granules in it.
    """
    window = granules(within)
    rows = session.execute(
        _OCCUPIED,
        {
            "clinic_id": clinic_id,
            "resources": sorted(resources),
            "first": window.start,
            "after_last": window.stop,
            "now": now,
            "moving": moving or _NOBODY,
        },
    )
    taken: dict[str, list[int]] = {resource: [] for resource in resources}
    for resource, joined in rows:
        taken[resource] = [*map(int, joined.split(","))]
    return taken


def occupied_spans(
    session: Session, clinic_id: str, resources: Collection[str], within: Interval, now: datetime
) -> dict[str, list[Interval]]:
    """The same as spans, neighbouring granules joined."""
    taken = occupied_granules(session, clinic_id, resources, within, now)
    starts = granules(within)
    return {
        resource: union(
            (_moment(starts[one]), _moment(starts[one] + GRANULE_SECONDS)) for one in places
        )
        for resource, places in taken.items()
    }


_NOBODY = UUID(int=0)

_OCCUPIED = (
    # One row for each resource: to fetch thousands of small rows costs more than to split them.
    # Counted from the window's first: short numbers are quicker to write, to send and to read.
    select(
        Occupancy.resource,
        func.aggregate_strings(
            cast(
                (Occupancy.granule_start - bindparam("first", type_=BigInteger))
                // literal_column(str(GRANULE_SECONDS)),
                String,
            ),
            ",",
        ),
    )
    .where(
        Occupancy.clinic_id == bindparam("clinic_id"),
        Occupancy.resource.in_(bindparam("resources", expanding=True)),
        Occupancy.granule_start >= bindparam("first"),
        Occupancy.granule_start < bindparam("after_last"),
        or_(
            Occupancy.visit_id != bindparam("moving", type_=Uuid()),
            # Not a join: few holds live at a time, and thousands of granules are a visit's.
            Occupancy.hold_id.in_(
                select(Hold.id).where(
                    Hold.clinic_id == bindparam("clinic_id"), Hold.expires_at > bindparam("now")
                )
            ),
        ),
    )
    .group_by(Occupancy.resource)
)
"""Built once: composing it costs more than the look-up."""


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
