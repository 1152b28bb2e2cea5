"""Asks the carrier about messages of which nobody here knows whether they went out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.messages import at_most_once
from ivr.messages.tables import OutboxMessage
from ivr.messages.telephony import CarrierError, Telephony
from scheduling.database import Database
from scheduling.tables import Clinic

AT_ONCE = 2
"""Asked about in one look: each may take as long as a send does, and pages wait for it."""

LEASE = timedelta(seconds=60)
"""Longer than one look takes at its slowest."""

log = structlog.get_logger(__name__)


class Settling:
    """One worker's looks. clock: aware UTC."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime], telephony: Telephony
    ) -> None:
        self._database = database
        self._clock = clock
        self._telephony = telephony

    def look(self) -> int:
        """Ask about the messages left undecided longest; how many. Raises DatabaseUnavailable."""
        claimed = self._database.write(self._claim)
        for message, sender, known in claimed:
            try:
                sid = at_most_once.ask(self._telephony, message, sender, known)
            except CarrierError as error:
                self._note("message_undecided", message, str(error.kind))
                self._database.write(
                    partial(at_most_once.still_undecided, message=message, now=self._clock())
                )
                continue
            self._note("message_settled", message, "was_sent" if sid else "was_not_sent")
            self._database.write(
                partial(at_most_once.settle, message=message, sid=sid, now=self._clock())
            )
        return len(claimed)

    def _claim(self, session: Session) -> list[tuple[OutboxMessage, str, frozenset[str]]]:
        messages = at_most_once.claim_undecided(
            session, now=self._clock(), limit=AT_ONCE, lease=LEASE
        )
        if not messages:
            return []
        senders = {
            row.id: row.phone_number
            for row in session.execute(select(Clinic.id, Clinic.phone_number))
        }
        return [
            (one, senders[one.clinic_id], at_most_once.known_to_us(session, one))
            for one in messages
        ]

    @staticmethod
    def _note(event: str, message: OutboxMessage, reason: str) -> None:
        log.warning(
            event,
            clinic_id=message.clinic_id,
            message_id=str(message.id),
            reason=reason,
            attempts=message.attempts,
        )
