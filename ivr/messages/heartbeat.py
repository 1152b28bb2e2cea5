"""A worker's sign of life, for /readyz and whoever watches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import String, cast, delete, func, select
from sqlalchemy.orm import Session

from ivr.messages.tables import WorkerHeartbeat

FRESH = timedelta(seconds=30)
"""After this long without a beat a worker counts as dead; it beats every 5 s."""

FORGOTTEN_AFTER = timedelta(days=1)
"""How long a worker that stopped stays in the table, for whoever looks into why."""


def beat(
    session: Session,
    *,
    worker_id: str,
    started_at: datetime,
    now: datetime,
    counts: Mapping[str, Any] | None = None,
) -> None:
    """Say that `worker_id` lives at `now`. Times are aware UTC. counts: see Tally."""
    row = session.get(WorkerHeartbeat, worker_id)
    if row is None:
        # Every start brings a new id: clear away those of workers long gone.
        session.execute(
            delete(WorkerHeartbeat).where(WorkerHeartbeat.beat_at < now - FORGOTTEN_AFTER)
        )
        row = WorkerHeartbeat(worker_id=worker_id, started_at=started_at, beat_at=now)
        session.add(row)
    row.started_at, row.beat_at = started_at, now
    row.counts = dict(counts) if counts is not None else None


def is_alive(session: Session, now: datetime) -> bool:
    """Whether any worker has said so lately, so that what is due will be sent. now: aware UTC."""
    beat_at = last_beat(session)
    return beat_at is not None and now - beat_at <= FRESH


def silent_minutes(beat_at: datetime, now: datetime) -> int | None:
    """Since how many whole minutes no worker has reported; None where one lives. Aware UTC."""
    return None if now - beat_at <= FRESH else (now - beat_at) // timedelta(minutes=1)


_BEAT: Final = "beat "

LAST_BEAT = select(_BEAT + cast(func.max(WorkerHeartbeat.beat_at), String))
"""The same as last_beat() in one text, to be asked together with others; NULL for None."""


def beat_of(texts: Iterable[str]) -> datetime | None:
    """What LAST_BEAT said, of these texts, UTC; None where it is not among them."""
    told = next(filter(tells_beat, texts), None)
    if told is None:
        return None
    at = datetime.fromisoformat(told.removeprefix(_BEAT))
    # SQLite keeps UTC without saying so, PostgreSQL names its zone.
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def tells_beat(one: str) -> bool:
    """Whether a text is LAST_BEAT's."""
    return one.startswith(_BEAT)


def last_beat(session: Session) -> datetime | None:
    """When any worker last said so, UTC; None where none ever did."""
    return session.scalar(select(func.max(WorkerHeartbeat.beat_at)))
