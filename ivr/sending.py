"""Sends what is due: claimed in one transaction, sent outside any, and recorded in another.

Whoever is killed in between leaves a claim that lapses: a page is then sent again, and of a message
to a patient the carrier is asked whether it went out.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.carrier.handing_over import hand_over
from ivr.carrier.urls import Urls
from ivr.messages import at_most_once, claiming, opting_out, outbox, pace
from ivr.messages.backoff import MOST_ATTEMPTS, backoff
from ivr.messages.outbox import Lane
from ivr.messages.patients import sifting
from ivr.messages.tables import OutboxMessage
from ivr.messages.tally import Tally
from ivr.messages.telephony import CarrierError, Telephony, Trouble
from scheduling.database import Database, DatabaseUnavailable
from scheduling.tables import Clinic

LONGEST_SEND = timedelta(seconds=10)
"""The carrier's client waits 5 s for a connection and 5 s for an answer."""

IDLE_SECONDS = 1.0
"""Between two looks into an empty outbox."""

BATCH = 4
"""Messages claimed at a time: few, so that a page which falls due meanwhile waits shortly."""

LEASE = timedelta(seconds=60)
"""Longer than a batch takes at its slowest (40 s). A dead worker's messages wait this long."""

WORKER_DIED = "worker_died"
"""In place of a Trouble: nobody recorded what became of a send."""

log = structlog.get_logger(__name__)

Outcome = Callable[[Session], None]


class PendingOutcomes:
    """What was sent and is not stored yet, of all threads of a process, for use by any of them.

    Whoever is about to claim stores it first: a page whose claim has lapsed meanwhile would go out
    again though this process knows that it went.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._outcomes: deque[Outcome] = deque()
        self._lock = threading.Lock()

    def add(self, outcome: Outcome) -> None:
        """Keep it until it is stored."""
        self._outcomes.append(outcome)

    def record(self) -> None:
        """Store all of it. Raises DatabaseUnavailable; what is not stored by then stays."""
        with self._lock:
            while self._outcomes:
                outcome = self._outcomes.popleft()
                try:
                    self._database.write(outcome)
                except DatabaseUnavailable:
                    self._outcomes.appendleft(outcome)
                    raise
                except Exception:
                    # It would fail again, and hold up every page after it: its claim lapses.
                    log.exception("outcome_not_recorded")


class Sender:
    """One hand that sends, for use by one thread.

    clock: aware UTC. base: PUBLIC_BASE_URL, where the carrier reports what became of messages and
    calls get their words. lane: the only one it sends; None for all. speed: at which the account
    may send. after_each: told after each message. outcomes: shared by all senders of the
    process. stop: ends a batch before its next message.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        telephony: Telephony,
        tally: Tally,
        *,
        base: str | None = None,
        lane: Lane | None = None,
        speed: pace.Pace = pace.WIDE_OPEN,
        after_each: Callable[[], None] = lambda: None,
        outcomes: PendingOutcomes | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._telephony = telephony
        self._tally = tally
        self._urls = Urls(base) if base else None
        self._lane = lane
        self._speed = speed
        self._after_each = after_each
        self.stop = threading.Event()
        self._outcomes = outcomes or PendingOutcomes(database)

    def send_due(self) -> tuple[int, int]:
        """Claim what is due, send it, record how it went; how many were claimed, and were tried.

        Raises DatabaseUnavailable. What was sent by then is kept in mind: see record().
        """
        messages, senders = self._database.write(self._claim)
        database_away: DatabaseUnavailable | None = None
        seen = tried = 0
        for message in messages:
            if self.stop.is_set() or not self._is_ours_for_a_send(message):
                break
            try:
                if seen and message.lane == "ordinary" and self._urgent_waits():
                    break
                seen += 1
                if not self._begin(message):
                    continue
                tried += 1
                self._outcomes.add(self._send(message, senders[message.clinic_id]))
                self.record()
            except DatabaseUnavailable as error:
                # The others are claimed and the carrier is there: a page does not wait for a
                # database that the page does not need.
                database_away = error
            self._after_each()
        if database_away:
            raise database_away
        if seen < len(messages):
            self._database.write(partial(claiming.release, messages=messages[seen:]))
        return len(messages), tried

    def record(self) -> None:
        """Record what was sent while the database was away. Raises DatabaseUnavailable."""
        self._outcomes.record()

    def _claim(self, session: Session) -> tuple[list[OutboxMessage], Mapping[str, str]]:
        messages = claiming.claim(
            session,
            now=self._clock(),
            limit=BATCH,
            lease=LEASE,
            speed=self._speed,
            only=self._lane,
        )
        ids = {message.clinic_id for message in messages}
        of_clinics = select(Clinic.id, Clinic.phone_number)
        clinics = session.execute(of_clinics.where(Clinic.id.in_(ids))).all()
        return messages, {row.id: row.phone_number for row in clinics}

    def _is_ours_for_a_send(self, message: OutboxMessage) -> bool:
        until = message.claimed_until
        return until is not None and self._clock() + LONGEST_SEND <= until

    def _urgent_waits(self) -> bool:
        return self._database.read(partial(claiming.urgent_waits, now=self._clock()))

    def _begin(self, message: OutboxMessage) -> bool:
        """Whether it is to be sent now; of what must not go out twice it is marked that it may."""
        if message.kind not in at_most_once.KINDS or message.attempts > MOST_ATTEMPTS:
            return True
        return self._database.write(partial(sifting.begin, message=message, now=self._clock()))

    def _send(self, message: OutboxMessage, sender: str) -> Outcome:
        if message.attempts > MOST_ATTEMPTS:
            return self._failed(message, WORKER_DIED, None, retry_at=None)
        try:
            provider_id = hand_over(self._telephony, message, sender, self._urls)
        except CarrierError as error:
            self._tally.refusal(str(error.kind), error.code)
            if message.kind in at_most_once.KINDS and at_most_once.is_undecided(error):
                return self._undecided(message, error)
            wait = backoff(message.attempts, error.kind)
            retry_at = self._clock() + wait if wait is not None else None
            return self._failed(message, error.kind, error.code, retry_at=retry_at)
        self._tally.message(message.kind, "sent")
        log.info(
            "message_sent",
            clinic_id=message.clinic_id,
            message_id=str(message.id),
            message_sid=provider_id,
            lane=message.lane,
            attempts=message.attempts,
        )
        return partial(
            outbox.mark_sent,
            clinic_id=message.clinic_id,
            message_id=message.id,
            provider_id=provider_id,
            now=self._clock(),
        )

    def _undecided(self, message: OutboxMessage, error: CarrierError) -> Outcome:
        log.warning(
            "message_undecided",
            clinic_id=message.clinic_id,
            message_id=str(message.id),
            reason=str(error.kind),
            error_code=error.code,
            attempts=message.attempts,
        )
        return partial(
            at_most_once.leave_undecided,
            message=message,
            error=error.kind.value,
            error_code=error.code,
            now=self._clock(),
        )

    def _failed(
        self, message: OutboxMessage, error: str, code: int | None, *, retry_at: datetime | None
    ) -> Outcome:
        self._tally.message(message.kind, "given_up" if retry_at is None else "delayed")
        report = log.error if retry_at is None else log.warning
        report(
            "message_given_up" if retry_at is None else "message_delayed",
            clinic_id=message.clinic_id,
            message_id=str(message.id),
            reason=str(error),
            error_code=code,
            lane=message.lane,
            attempts=message.attempts,
        )
        now = self._clock()

        def record(session: Session) -> None:
            outbox.mark_failed(
                session,
                clinic_id=message.clinic_id,
                message_id=message.id,
                attempt=message.attempts,
                error=str(error),
                error_code=code,
                now=now,
                retry_at=retry_at,
            )
            opting_out.note_refusal(session, message, error, now)
            if error == Trouble.THROTTLED and self._speed != pace.WIDE_OPEN:
                pace.pause(session, now)

        return record
