"""The address that a provider's calendar subscribes to. Whoever has it may read it; none signs in.

It stands outside of /frontdesk: no cookie of the desk is sent to it, and nothing here asks for one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.frontdesk import calendar_entries, calendars, wording
from ivr.frontdesk.access import PREFIX, Desk
from ivr.frontdesk.calendar_entries import Whose
from ivr.frontdesk.pace import Pace
from scheduling import agenda, directory, provider_book
from scheduling.database import DatabaseUnavailable
from scheduling.hours import local_day
from scheduling.tables import Provider, RulesMark

PATH: Final = "/calendar"
WINDOW: Final = timedelta(minutes=10)
PER_FEED: Final = 60
"""Readings of one address in a window: several devices that ask every few minutes."""
PER_STRANGER: Final = 30
"""Addresses that nobody made, asked for from one place in a window."""
FRESH: Final = timedelta(minutes=5)
"""For so long a calendar need not ask again."""

_LONGEST_SECRET: Final = 100


@dataclass(frozen=True)
class _Feed:
    """What is known before the book is read. state: changes whenever the text may."""

    clinic_id: str
    id: UUID
    language: str
    zone: ZoneInfo
    whose: Whose
    state: str
    note_reading: bool


def address(desk: Desk, secret: str) -> str:
    """What is put into a calendar app."""
    return f"{desk.link_base}{PATH}/{secret}.ics"


def blueprint(desk: Desk) -> Blueprint:
    """The route, with the counts of who asked."""
    feeds = Blueprint("calendar", __name__, url_prefix=PATH)
    readers, strangers = Pace(PER_FEED, WINDOW), Pace(PER_STRANGER, WINDOW)

    @feeds.get("/<secret>.ics")
    def feed(secret: str) -> Response:
        now = desk.clock()
        found = desk.database.read(lambda s: _find(s, desk, secret, now))
        if found is None:
            wait = strangers.wait(request.remote_addr or "", now)
            # The same for one that was revoked and one that never was.
            return _too_often(wait) if wait else _plain("There is no such calendar.", 404)
        wait = readers.wait(str(found.id), now)
        if wait:
            return _too_often(wait)
        if found.note_reading:
            desk.database.write(lambda s: calendars.note_reading(s, found.clinic_id, found.id, now))
        return _answer(desk, found, now)

    @feeds.errorhandler(DatabaseUnavailable)
    def away(_error: DatabaseUnavailable) -> Response:
        answer = _plain("The calendar cannot be read right now. Try again in a minute.", 503)
        answer.headers["Retry-After"] = "60"
        return answer

    @feeds.after_request
    def headers(answer: Response) -> Response:
        answer.headers.update(
            {
                "Content-Security-Policy": "default-src 'none'",
                "X-Content-Type-Options": "nosniff",
                "X-Robots-Tag": "noindex",
                # The address itself is the secret.
                "Referrer-Policy": "no-referrer",
            }
        )
        return answer

    return feeds


def _find(session: Session, desk: Desk, secret: str, now: datetime) -> _Feed | None:
    feed = calendars.find(session, secret) if len(secret) <= _LONGEST_SECRET else None
    if feed is None:
        return None
    clinic = directory.clinic(session, feed.clinic_id)
    provider = session.get_one(Provider, (feed.clinic_id, feed.provider_id))
    zone = ZoneInfo(clinic.timezone)
    mark = session.scalar(select(RulesMark.mark).where(RulesMark.clinic_id == feed.clinic_id))
    return _Feed(
        clinic_id=feed.clinic_id,
        id=feed.id,
        language=feed.language,
        zone=zone,
        whose=Whose(provider.id, provider.name, f"{desk.link_base}{PREFIX}/visits/"),
        # Names, rooms and the zone are among the rules; the window moves on at midnight.
        state=f"{agenda.version(session, clinic.id)} {mark} {local_day(now, zone)}",
        note_reading=calendars.wants_note_of_reading(feed, now),
    )


def _answer(desk: Desk, feed: _Feed, now: datetime) -> Response:
    etag = hashlib.sha256(f"{feed.id} {feed.state}".encode()).hexdigest()[:32]
    if request.if_none_match.contains(etag):
        answer = Response(status=304)
    else:
        start, end = calendar_entries.window(now, feed.zone)
        times = desk.database.read(
            lambda s: provider_book.booked_times(
                s, feed.clinic_id, feed.whose.provider_id, start, end
            )
        )
        with wording.speaking(feed.language):
            text = calendar_entries.calendar(times, feed.whose, feed.zone, now)
        answer = Response(text, content_type="text/calendar; charset=utf-8")
    answer.set_etag(etag)
    answer.headers["Cache-Control"] = f"private, max-age={FRESH // timedelta(seconds=1)}"
    return answer


def _too_often(wait: timedelta) -> Response:
    answer = _plain("Too many requests: try again later.", 429)
    answer.headers["Retry-After"] = str(int(wait.total_seconds()) + 1)
    return answer


def _plain(said: str, status: int) -> Response:
    answer = Response(f"{said}\n", status, content_type="text/plain; charset=utf-8")
    answer.headers["Cache-Control"] = "no-store"
    return answer
