"""Makes a clinic's digest half an hour before its desk opens, once on each day on which it does."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import String, bindparam, cast, func, select
from sqlalchemy.orm import Session

from ivr.digest.counting import Counts, count
from ivr.digest.tables import DeskDigest
from scheduling import agenda
from scheduling.database import Database, flush_or_lose
from scheduling.hours import local_day, midnight, zone_of
from scheduling.tables import Clinic

BEFORE_OPENING = timedelta(minutes=30)
"""So that it is there when the first of the desk comes in. [J]"""

AT_MOST = timedelta(days=7)
"""How far back a digest looks, however long ago the last one was. [J]"""

FIRST = timedelta(days=1)
"""How far back the very first one looks. [J]"""

MARK = select("digest " + cast(func.max(DeskDigest.day), String)).where(
    DeskDigest.clinic_id == bindparam("clinic_id")
)
"""A text that is another after each digest of a clinic's; NULL before the first."""


@dataclass(frozen=True, slots=True)
class Digest:
    """One morning's. day: of the clinic's calendar. since, made_at: between which things were
    counted, aware UTC."""

    day: date
    since: datetime
    made_at: datetime
    counts: Counts


def make(database: Database, clinic_id: str, now: datetime) -> bool:
    """Make today's digest where it is time and there is none; whether it was made. now: aware UTC.

    Counted before the transaction that stores it, since counting holds nobody up.
    """
    digest = database.read(partial(_due, clinic_id=clinic_id, now=now))
    if digest is None:
        return False
    return database.write(partial(_store, clinic_id=clinic_id, digest=digest))


def latest(session: Session, clinic_id: str, at_most: int) -> list[Digest]:
    """The latest first."""
    rows = session.scalars(
        select(DeskDigest)
        .where(DeskDigest.clinic_id == clinic_id)
        .order_by(DeskDigest.day.desc())
        .limit(at_most)
    )
    return [Digest(row.day, row.since, row.made_at, Counts(**row.counts)) for row in rows]


def _due(session: Session, clinic_id: str, now: datetime) -> Digest | None:
    zone = zone_of(session.get_one(Clinic, clinic_id).timezone)
    day = local_day(now, zone)
    hours = agenda.desk_hours(
        session, clinic_id, (midnight(day, zone), midnight(day + timedelta(days=1), zone))
    )
    if not hours or now < hours[0][0] - BEFORE_OPENING:
        return None
    before = latest(session, clinic_id, 1)
    if before and before[0].day >= day:
        return None
    since = max(before[0].made_at, now - AT_MOST) if before else now - FIRST
    return Digest(day, since, now, count(session, clinic_id, since, now))


def _store(session: Session, clinic_id: str, digest: Digest) -> bool:
    if session.get(DeskDigest, (clinic_id, digest.day)) is not None:
        # Another worker was there first.
        return False
    session.add(
        DeskDigest(
            clinic_id=clinic_id,
            day=digest.day,
            since=digest.since,
            made_at=digest.made_at,
            counts=asdict(digest.counts),
        )
    )
    flush_or_lose(session)
    return True
