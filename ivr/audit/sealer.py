"""The worker's part in the seals: set one for each clinic, every minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from ivr.audit import sealing
from scheduling.database import Database

EVERY: Final = timedelta(minutes=1)
"""How often rows that have settled are sealed."""

log = structlog.get_logger(__name__)


class Sealer:
    """clock: aware UTC. key: see sealing.sealing_key()."""

    def __init__(self, database: Database, clock: Callable[[], datetime], key: bytes) -> None:
        self._database = database
        self._clock = clock
        self._key = key
        self._looked_at: datetime | None = None

    def look_if_due(self) -> None:
        """Seal what has settled. A backlog is sealed batch by batch, one a call, without a pause.

        Raises DatabaseUnavailable.
        """
        now = self._clock()
        if self._looked_at is not None and now - self._looked_at < EVERY:
            return
        self._looked_at = now
        done = self._database.write(lambda session: sealing.seal(session, key=self._key, now=now))
        for one in done:
            # Kept elsewhere, the log tells how far the chain once reached.
            log.info(
                "audit_sealed",
                clinic_id=one.clinic_id,
                seal=one.number,
                rows=one.rows,
                mac=one.mac,
            )
        if done:
            self._looked_at = None
