"""The urgent lane: what is sent about urgent tickets, on a thread of its own.

The worker sends one message after the other, and a request that hangs keeps it for ten seconds. No
page waits behind a reminder's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog

from ivr.oncall.repaging import page_for_unaccepted
from ivr.sending import IDLE_SECONDS, Sender
from scheduling.database import Database, DatabaseUnavailable

log = structlog.get_logger(__name__)


class UrgentLane:
    """One loop over what is urgent, beside the worker's own. clock: aware UTC.

    sender: of the urgent lane alone, with a client of the carrier of its own.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime], sender: Sender) -> None:
        self._database = database
        self._clock = clock
        self._sender = sender

    def run(self, stop: threading.Event) -> None:
        """Page until `stop` is set; the message in hand is finished first."""
        self._sender.stop = stop
        while not stop.is_set():
            if not self._tick_that_survives():
                stop.wait(IDLE_SECONDS)

    def tick(self) -> int:
        """Page for what nobody accepts, and send; return how many were sent or tried.

        Raises DatabaseUnavailable.
        """
        self._sender.record()
        self._escalate()
        return self._sender.send_due()[1]

    def _escalate(self) -> None:
        try:
            self._database.write(partial(page_for_unaccepted, now=self._clock()))
        except DatabaseUnavailable:
            raise
        except Exception:
            # What was stored before is still to be sent, whatever is wrong with one ticket.
            log.exception("escalation_failed")

    def _tick_that_survives(self) -> int:
        try:
            return self.tick()
        except DatabaseUnavailable:
            log.warning("urgent_lane_without_database")
        except Exception:
            # Its claim lapses, and it comes again, here or in the worker's own loop.
            log.exception("urgent_lane_failed")
        return 0
