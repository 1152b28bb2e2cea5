"""When a worker looks through the carrier's lists of calls and texts, and how far that came.

It can be run again, and by several workers at once. How far it has looked is stored last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from ivr.call.turn import Line
from ivr.messages.telephony import CarrierError, Telephony
from ivr.recovery import reach as reached
from ivr.recovery.calls import MissedCalls
from ivr.recovery.reach import Made, Reach
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
        self.after_each: Callable[[], None] = lambda: None
        """Told after each list of a clinic: a carrier may take its time for it."""

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
            return sum(self._through(missed, now) for missed in self._lists)
        except DatabaseUnavailable:
            self.look_soon()
            raise

    def _through(self, missed: MissedCalls | MissedTexts, now: datetime) -> int:
        """One of the carrier's lists, for each clinic until the carrier fails."""
        reaches = self._database.read(lambda session: reached.reaches(session, missed.marks, now))
        if new := [reach.clinic_id for reach in reaches if reach.is_first]:
            self._database.write(lambda session: reached.begin(session, missed.marks, new, now))
        found = 0
        for reach in reaches:
            try:
                made = missed.make_up(reach)
            except CarrierError as error:
                log.warning(missed.not_read, reason=str(error.kind), error_code=error.code)
                self._next_look = now + RETRY_AFTER
                break
            except DatabaseUnavailable:
                raise
            except Exception:
                # What is wrong with one clinic must not keep those of the others from being found.
                log.exception("recovery_failed", clinic_id=reach.clinic_id)
                continue
            finally:
                self.after_each()
            found += made.tickets
            self._note(missed, reach, made, now)
        return found

    def _note(
        self, missed: MissedCalls | MissedTexts, reach: Reach, made: Made, now: datetime
    ) -> None:
        if made.has_more:
            self.look_soon()
        elif made.is_whole:
            # With something left over the next look reaches back as far as this one.
            self._database.write(
                lambda session: reached.store(session, missed.marks, reach.clinic_id, now)
            )
