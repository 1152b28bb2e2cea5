"""What an open page compares to learn whether there is news, and what is remembered of it.

Every open board asks every 1.2 s, and nearly always there is nothing. So a process remembers for
a moment who asked and what the clinic's version was: an asking that finds nothing new costs no
look into the database. Only that answer, which says nothing of anybody, is given from memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import union_all
from sqlalchemy.orm import Session

from ivr.digest import daily
from ivr.frontdesk import sessions
from ivr.frontdesk.sessions import SignedIn
from ivr.messages import desk_tasks, heartbeat
from ivr.oncall import board as tickets
from scheduling import agenda
from scheduling.database import Database

VERSION_HOLDS: Final = timedelta(milliseconds=600)
"""For how long another process's change may go unseen, besides the 1.2 s between two askings."""

SIGN_IN_HOLDS: Final = timedelta(seconds=10)
"""For how long a browser that was signed out is told "nothing new" rather than to sign in."""

_MARKS: Final = union_all(
    agenda.MARK, tickets.MARKS, desk_tasks.MARKS, daily.MARK, heartbeat.LAST_BEAT
)


@dataclass(frozen=True, slots=True)
class _Known:
    """Something read from the database. writes: how many this process had made by then."""

    what: SignedIn | str
    at: datetime
    writes: int


class Pulse:
    """One process's memory. clock: the present instant, aware."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._people: dict[tuple[str, str], _Known] = {}
        self._versions: dict[str, _Known] = {}

    def remember(self, cookie: str, user: SignedIn, path: str) -> None:
        """The guard has let whoever sent this session's cookie through to this path."""
        now, writes = self._clock(), self._database.writes
        # A copy: other threads remember and forget meanwhile.
        people = list(self._people.items())
        old = [key for key, one in people if not _holds(one, now, SIGN_IN_HOLDS)]
        for key in old:
            self._people.pop(key, None)
        self._people[cookie, path] = _Known(user, now, writes)

    def is_quiet(self, cookie: str, path: str, seen: str) -> bool:
        """Whether the browser may be told, from memory, that there is no news since `seen`.

        cookie: as it was sent, to the letter: what was let through a moment ago.
        """
        now, known = self._clock(), self._people.get((cookie, path))
        if known is None or known.writes != self._database.writes:
            return False
        user = known.what
        if not isinstance(user, SignedIn) or not _holds(known, now, SIGN_IN_HOLDS):
            return False
        if now >= min(user.expires_at, user.last_seen_at + sessions.IDLE):
            return False
        return self.version(user.clinic_id, user.zone) == seen

    def version(self, clinic_id: str, zone: str) -> str:
        """The clinic's, at most VERSION_HOLDS old; this process's own changes are seen at once."""
        now, writes = self._clock(), self._database.writes
        known = self._versions.get(clinic_id)
        if known is None or known.writes != writes or not _holds(known, now, VERSION_HOLDS):
            read = self._database.look(lambda s: version(s, clinic_id, zone, now))
            known = self._versions[clinic_id] = _Known(read, now, writes)
        return str(known.what)


def version(session: Session, clinic_id: str, zone: str, now: datetime) -> str:
    """One short look-up, and the day, which turns at midnight. now: aware; zone: IANA."""
    marks = [*filter(None, session.scalars(_MARKS, {"clinic_id": clinic_id, "now": now}))]
    beat_at = heartbeat.beat_of(marks)
    parts = (
        sorted(one for one in marks if not heartbeat.tells_beat(one)),
        "never" if beat_at is None else heartbeat.silent_minutes(beat_at, now),
        now.astimezone(ZoneInfo(zone)).date(),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _holds(known: _Known, now: datetime, span: timedelta) -> bool:
    return timedelta(0) <= now - known.at < span
