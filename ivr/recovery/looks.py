"""When a worker looks through the carrier's lists of calls and texts, and how far that came.

It can be run again, and by several workers at once. How far it has looked is stored last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from ivr.call.turn import Line
from ivr.messages.telephony import CarrierError, Telephony
from ivr.recovery import reach as reached
from ivr.recovery.calls import MissedCalls
from ivr.recovery.reach import NOT_READ, Made, Reach
from ivr.recovery.texts import MissedTexts
from scheduling.database import Database, DatabaseUnavailable

LOOK_EVERY = timedelta(minutes=1)
"""Between two looks. An outage that this process saw itself is followed by one at once."""

RETRY_AFTER = timedelta(seconds=15)
"""After a look at which the carrier failed."""

log = structlog.get_logger(__name__)


class Recovery:
    """One worker's looks. clock: aware UTC. link_base: where pages point, PUBLIC_BASE_URL.

    lines: number called → its line. Without them calls are made up for, and texts are not.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        telephony: Telephony,
        link_base: str,
        lines: Mapping[str, Line],
    ) -> None:
        self._database = database
        self._clock = clock
        # Calls first: their callers wait for us, and had nothing to read.
        self._lists = (
            MissedCalls(database, clock, telephony, link_base),
            MissedTexts(database, clock, telephony, lines),
        )
        self._next_look: datetime | None = None

    def look_soon(self) -> None:
        """The database was away: look as soon as it is back."""
        self._next_look = None

    def look_if_due(self) -> int:
        """Make up for what is found; how many calls and texts got a ticket.

        A carrier that fails is asked again soon, about the same time. Raises DatabaseUnavailable.
        """
        now = self._clock()
        if self._next_look is not None and now < self._next_look:
            return 0
        self._next_look = now + LOOK_EVERY
        try:
            reaches = self._database.read(lambda session: reached.reaches(session, now))
            read = [self._through(one, reaches, now) for one in self._lists]
            for reach in reaches:
                self._note(reach, [made.get(reach.clinic_id, NOT_READ) for made in read], now)
        except DatabaseUnavailable:
            self.look_soon()
            raise
        return sum(one.tickets for made in read for one in made.values())

    def _through(
        self, missed: MissedCalls | MissedTexts, reaches: Sequence[Reach], now: datetime
    ) -> dict[str, Made]:
        """One of the carrier's lists, for each clinic until the carrier fails."""
        made = {}
        for reach in reaches:
            try:
                made[reach.clinic_id] = missed.make_up(reach)
            except CarrierError as error:
                log.warning(missed.not_read, reason=str(error.kind), error_code=error.code)
                self._next_look = now + RETRY_AFTER
                break
            except DatabaseUnavailable:
                raise
            except Exception:
                # What is wrong with one clinic must not keep the calls of the others from being
                # found.
                log.exception("recovery_failed", clinic_id=reach.clinic_id)
        return made

    def _note(self, reach: Reach, made: Sequence[Made], now: datetime) -> None:
        if any(one.has_more for one in made):
            self.look_soon()
        elif all(one.is_whole for one in made):
            # With something left over the next look reaches back as far as this one.
            self._database.write(lambda session: reached.store(session, reach.clinic_id, now))
