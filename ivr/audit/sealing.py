"""Seals the audit, batch by batch, and finds the first batch that no longer holds.

Each seal is an HMAC, keyed with SECRET_KEY, over its rows and over the seal before. Whoever can
write to the database but does not know the key can neither alter a sealed row nor seal anew. What
this cannot show: the newest seals taken away together with their rows. The worker therefore logs
each seal, and a log kept elsewhere tells how far the chain once reached.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ivr.audit.tables import AuditSeal, StaffAudit
from scheduling.database import flush_or_lose
from scheduling.tables import Clinic

SETTLED: Final = timedelta(minutes=5)
"""Rows younger than this are left for later: their transactions may not have ended, and the clocks
of the machines that write them need not agree."""

BATCH: Final = 1000
"""Rows under one seal, about."""

UNSEALED_FOR: Final = timedelta(hours=1)
"""A row that is older and under no seal tells that nobody seals."""

_BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
_INSTANT: Final = timedelta(microseconds=1)


@dataclass(frozen=True)
class Sealed:
    """One seal that was set."""

    clinic_id: str
    number: int
    rows: int
    mac: str


def sealing_key(secret_key: str) -> bytes:
    """The key of the seals, made from SECRET_KEY and good for nothing else."""
    return hmac.digest(secret_key.encode(), b"callnow audit seals", "sha256")


def seal(session: Session, *, key: bytes, now: datetime) -> list[Sealed]:
    """Set one seal for each clinic that has settled rows under none. now: aware UTC.

    Two workers at once set one seal between them: the second loses the race and looks again.
    """
    done = []
    for clinic_id in session.scalars(select(Clinic.id).order_by(Clinic.id)):
        last = _last_seal(session, clinic_id)
        begins_at = last.ends_at if last else _BEGINNING
        rows, ends_at = _settled_rows(session, clinic_id, begins_at, now - SETTLED)
        if not rows:
            continue
        fresh = AuditSeal(
            clinic_id=clinic_id,
            number=last.number + 1 if last else 1,
            begins_at=begins_at,
            ends_at=ends_at,
            rows=len(rows),
            mac="",
            sealed_at=now,
        )
        fresh.mac = _mac(key, last.mac if last else "", fresh, rows)
        session.add(fresh)
        flush_or_lose(session)
        done.append(Sealed(clinic_id, fresh.number, fresh.rows, fresh.mac))
    return done


@dataclass(frozen=True)
class Broken:
    """The first seal that does not hold. `found`: how many rows stand where `seal.rows` stood."""

    number: int
    begins_at: datetime
    ends_at: datetime
    rows: int
    found: int
    missing: bool = False
    """No seal of this number is there, though a later one is."""


def first_broken(session: Session, clinic_id: str, key: bytes) -> Broken | None:
    """Walk the chain from its beginning; None where every seal holds."""
    before, ended_at = "", _BEGINNING
    for number, one in enumerate(_chain(session, clinic_id), start=1):
        if one.number != number:
            return Broken(number, ended_at, one.begins_at, 0, 0, missing=True)
        rows = _rows(session, clinic_id, ended_at, one.ends_at)
        holds = one.begins_at == ended_at and hmac.compare_digest(
            one.mac, _mac(key, before, one, rows)
        )
        if not holds:
            return Broken(number, one.begins_at, one.ends_at, one.rows, len(rows))
        before, ended_at = one.mac, one.ends_at
    return None


def unsealed_since(session: Session, clinic_id: str, now: datetime) -> datetime | None:
    """When the oldest row was written that ought to be under a seal and is not."""
    last = _last_seal(session, clinic_id)
    oldest = session.scalar(
        select(func.min(StaffAudit.at)).where(
            StaffAudit.clinic_id == clinic_id,
            StaffAudit.at >= (last.ends_at if last else _BEGINNING),
        )
    )
    return oldest if oldest is not None and oldest < now - UNSEALED_FOR else None


def _chain(session: Session, clinic_id: str) -> Iterator[AuditSeal]:
    """All seals in order. A few at a time: the chain grows for years."""
    last = 0
    while True:
        seals = session.scalars(
            select(AuditSeal)
            .where(AuditSeal.clinic_id == clinic_id, AuditSeal.number > last)
            .order_by(AuditSeal.number)
            .limit(100)
        ).all()
        if not seals:
            return
        yield from seals
        last = seals[-1].number


def _last_seal(session: Session, clinic_id: str) -> AuditSeal | None:
    return session.scalars(
        select(AuditSeal)
        .where(AuditSeal.clinic_id == clinic_id)
        .order_by(AuditSeal.number.desc())
        .limit(1)
    ).first()


def _settled_rows(
    session: Session, clinic_id: str, begins_at: datetime, settled_at: datetime
) -> tuple[list[StaffAudit], datetime]:
    """The next batch of rows, and the instant before which they all stand."""
    query = _between(clinic_id, begins_at, settled_at)
    rows = list(session.scalars(query.limit(BATCH + 1)))
    if len(rows) <= BATCH:
        return rows, settled_at
    # Cut between two instants, never inside one.
    ends_at = rows[BATCH].at
    if rows[0].at == ends_at:
        ends_at += _INSTANT
    return _rows(session, clinic_id, begins_at, ends_at), ends_at


def _rows(
    session: Session, clinic_id: str, begins_at: datetime, ends_at: datetime
) -> list[StaffAudit]:
    return list(session.scalars(_between(clinic_id, begins_at, ends_at)))


def _between(clinic_id: str, begins_at: datetime, ends_at: datetime) -> Select[StaffAudit]:
    return (
        select(StaffAudit)
        .where(
            StaffAudit.clinic_id == clinic_id,
            StaffAudit.at >= begins_at,
            StaffAudit.at < ends_at,
        )
        .order_by(StaffAudit.at, StaffAudit.id)
    )


def _mac(key: bytes, before: str, one: AuditSeal, rows: Iterable[StaffAudit]) -> str:
    mac = hmac.new(key, digestmod=hashlib.sha256)
    own = [before, one.clinic_id, one.number, _iso(one.begins_at), _iso(one.ends_at), one.rows]
    for line in (own, *map(_written, rows)):
        mac.update(json.dumps(line, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    return mac.hexdigest()


def _written(row: StaffAudit) -> list[object]:
    patient = row.patient_id.hex if row.patient_id else None
    return [row.id.hex, _iso(row.at), row.staff_id.hex, row.action, row.detail, patient]


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")
