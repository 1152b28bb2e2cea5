"""Watches over the workers from the web process: a dead worker cannot tell that it is dead.

While none lives, nothing is paged: the steps that are missed are told to the desk from here, and
the supervisor is texted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import structlog

from ivr.messages import heartbeat
from ivr.messages.telephony import Telephony
from ivr.oncall.auditing import Auditor
from ivr.oncall.outage import tell_supervisors
from scheduling.database import Database, DatabaseUnavailable

LOOK_SECONDS = 10.0
"""Between two looks at the workers' sign of life."""

log = structlog.get_logger(__name__)


class Watch:
    """Looks whether a worker lives, and audits while none does. clock: aware UTC."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime], telephony: Telephony
    ) -> None:
        self._database = database
        self._clock = clock
        self._telephony = telephony
        self._auditor = Auditor(database, clock)
        self._silent = False

    def look(self) -> None:
        """One look. An outage is logged as an error once. Raises DatabaseUnavailable."""
        now = self._clock()
        alive, last = self._database.read(
            lambda session: (heartbeat.is_alive(session, now), heartbeat.last_beat(session))
        )
        if alive:
            if self._silent:
                log.warning("worker_back")
            self._silent = False
            return
        if not self._silent:
            log.error("no_worker", reason="silent" if last else "never_started")
        self._silent = True
        self._auditor.look_if_due()
        if last is not None:
            tell_supervisors(self._database, self._telephony, last, now)

    def keep_watching(self) -> None:
        """Look from now on, in a thread of this process."""
        threading.Thread(target=self._keep_watching, name="watch", daemon=True).start()

    def _keep_watching(self) -> None:
        pause = threading.Event()
        # The wait comes first: a web process that starts together with the worker is no outage.
        while not pause.wait(LOOK_SECONDS):
            try:
                self.look()
            except DatabaseUnavailable:
                # Every request says so, and /readyz.
                continue
            except Exception:
                # A fault in the audit must not end the watch over the workers.
                log.exception("watch_failed")
