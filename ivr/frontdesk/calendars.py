"""Providers' calendars: the secret addresses that are made, read and revoked.

Every function takes the open transaction and never commits. Times are aware UTC.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from ivr.frontdesk.calendar_tables import CalendarFeed
from ivr.frontdesk.wording import say
from scheduling.errors import InvalidInput
from scheduling.tables import Provider

_SECRET_BYTES: Final = 32
"""256 random bits: nobody finds an address by trying."""
_READ_KEPT_TO: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Listed:
    """One address that is open. by: who made it."""

    id: UUID
    provider_key: str
    provider_name: str
    made_at: datetime
    by: str
    last_read_at: datetime | None


def new_secret() -> str:
    """What makes an address unguessable; fit for a URL."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def add(
    session: Session,
    *,
    clinic_id: str,
    feed_id: UUID,
    provider_key: str,
    secret: str,
    language: str,
    by: str,
    now: datetime,
) -> bool:
    """Open an address. False where this one is open already: its secret cannot be shown again.

    feed_id: of the form that asks, so that sending it twice opens one.
    Raises InvalidInput where the clinic has no such provider.
    """
    provider = session.scalar(
        select(Provider).where(Provider.clinic_id == clinic_id, Provider.key == provider_key)
    )
    if provider is None:
        raise InvalidInput(say("nobody was chosen: choose a provider of the list"))
    if session.get(CalendarFeed, (clinic_id, feed_id)) is not None:
        return False
    session.add(
        CalendarFeed(
            clinic_id=clinic_id,
            id=feed_id,
            provider_id=provider.id,
            secret_hash=_hash(secret),
            language=language,
            made_at=now,
            made_by=by,
        )
    )
    session.flush()
    return True


def revoke(session: Session, clinic_id: str, feed_id: UUID, *, by: str, now: datetime) -> bool:
    """Close an address for good. False where it is not open."""
    feed = session.get(CalendarFeed, (clinic_id, feed_id), with_for_update=True)
    if feed is None or feed.revoked_at is not None:
        return False
    feed.revoked_at, feed.revoked_by = now, by
    return True


def open_ones(session: Session, clinic_id: str) -> list[Listed]:
    """The addresses that answer, by provider, the oldest first."""
    rows = session.execute(
        select(CalendarFeed, Provider.key, Provider.name)
        .join(
            Provider,
            and_(
                Provider.clinic_id == CalendarFeed.clinic_id,
                Provider.id == CalendarFeed.provider_id,
            ),
        )
        .where(CalendarFeed.clinic_id == clinic_id, CalendarFeed.revoked_at.is_(None))
        .order_by(Provider.key, CalendarFeed.made_at, CalendarFeed.id)
    )
    return [
        Listed(feed.id, key, name, feed.made_at, feed.made_by, feed.last_read_at)
        for feed, key, name in rows
    ]


def find(session: Session, secret: str) -> CalendarFeed | None:
    """The open address of this secret, whichever clinic's it is."""
    return session.scalar(
        select(CalendarFeed).where(
            CalendarFeed.secret_hash == _hash(secret), CalendarFeed.revoked_at.is_(None)
        )
    )


def wants_note_of_reading(feed: CalendarFeed, now: datetime) -> bool:
    """Whether to keep that it was read now: once an hour says enough."""
    return feed.last_read_at is None or now - feed.last_read_at >= _READ_KEPT_TO


def note_reading(session: Session, clinic_id: str, feed_id: UUID, now: datetime) -> None:
    """Keep that a calendar asked for it."""
    session.get_one(CalendarFeed, (clinic_id, feed_id)).last_read_at = now


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
