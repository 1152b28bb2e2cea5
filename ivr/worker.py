"""The worker: finds lost calls, pages for what nobody accepts, sends what is due.

Any number run on one database. How a message is sent: ivr.sending.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog

from ivr import housekeeping
from ivr.audit.sealer import Sealer
from ivr.carrier.answers import TROUBLES
from ivr.messages import heartbeat, pace
from ivr.messages.settling import Settling
from ivr.messages.tally import Tally
from ivr.messages.telephony import Telephony
from ivr.oncall.auditing import Auditor
from ivr.oncall.repaging import page_for_unaccepted
from ivr.recovery.looks import Recovery
from ivr.rounds import Rounds
from ivr.sending import IDLE_SECONDS, PendingOutcomes, Sender
from scheduling.database import Database, DatabaseUnavailable

BEAT_EVERY = timedelta(seconds=5)
"""/readyz takes a worker for dead after 30 s without a beat."""

TIDY_EVERY = timedelta(minutes=1)
"""Often enough that a call's answers are gone little over an hour after it."""

log = structlog.get_logger(__name__)


class Worker:
    """One loop over the outbox.

    clock: aware UTC. worker_id: its name in the heartbeat table, unique among running workers.
    recovery: looks for calls that were answered without the database; without it nobody does.
    base: PUBLIC_BASE_URL, where the carrier reports what became of messages and calls get their
        words; without it nobody is reminded.
    sealer: seals the desk's audit; without it nobody does.
    speed: at which the account may send; see ivr.messages.pace. tally, outcomes: shared with
    the urgent lane.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        telephony: Telephony,
        worker_id: str,
        recovery: Recovery | None = None,
        base: str | None = None,
        sealer: Sealer | None = None,
        speed: pace.Pace = pace.WIDE_OPEN,
        tally: Tally | None = None,
        outcomes: PendingOutcomes | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._worker_id = worker_id
        self._recovery = recovery
        self._rounds = Rounds(database, clock, base)
        self._auditor = Auditor(database, clock)
        self._settling = Settling(database, clock, telephony)
        self._started_at = clock()
        self._beaten_at: datetime | None = None
        self._tidied_at: datetime | None = None
        if recovery is not None:
            recovery.after_each = self._beat
        self._sealer = sealer
        self._tally = tally or Tally(TROUBLES)
        self._sender = Sender(
            database,
            clock,
            telephony,
            self._tally,
            base=base,
            speed=speed,
            after_each=self._beat,
            outcomes=outcomes,
        )

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; the message in hand is finished first."""
        self._sender.stop = stop
        log.info("worker_started", worker_id=self._worker_id)
        while not stop.is_set():
            if not self._tick_that_survives():
                stop.wait(IDLE_SECONDS)
        log.info("worker_stopped", worker_id=self._worker_id)

    def tick(self) -> int:
        """Claim what is due, send it, record how it went; return how many were sent or tried.

        Raises DatabaseUnavailable. What was sent by then is kept in mind and recorded first thing
        in the next tick.
        """
        self._tally.ticks += 1
        self._beat()
        self._sender.record()
        self._recover()
        self._escalate()
        self._look()
        claimed, tried = self._sender.send_due()
        self._unless_it_fails("audit_failed", self._auditor.look_if_due)
        self._unless_it_fails("settling_failed", self._settling.look)
        if not claimed:
            self._tidy()
            if self._sealer is not None:
                self._unless_it_fails("sealing_failed", self._sealer.look_if_due)
        return tried

    def _tick_that_survives(self) -> int:
        try:
            return self.tick()
        except DatabaseUnavailable:
            log.warning("worker_without_database", worker_id=self._worker_id)
            if self._recovery is not None:
                self._recovery.look_soon()
        except Exception:
            # One message that cannot be handled must not keep the others from being sent. Its
            # claim lapses and it comes again, until its attempts are used up.
            log.exception("worker_tick_failed", worker_id=self._worker_id)
            self._tally.failed_ticks += 1
        return 0

    def _recover(self) -> None:
        if self._recovery is not None:
            self._unless_it_fails("recovery_failed", self._recovery.look_if_due)

    def _escalate(self) -> None:
        unit = partial(page_for_unaccepted, now=self._clock())
        self._unless_it_fails("escalation_failed", lambda: self._database.write(unit))

    def _look(self) -> None:
        for failure, look in self._rounds.due():
            self._unless_it_fails(failure, look)

    def _unless_it_fails(self, failure: str, work: Callable[[], object]) -> None:
        try:
            work()
        except DatabaseUnavailable:
            raise
        except Exception:
            # What was stored before is still to be sent, whatever is wrong with one ticket.
            log.exception(failure, worker_id=self._worker_id)

    def _tidy(self) -> None:
        now = self._clock()
        if self._tidied_at is None or now - self._tidied_at >= TIDY_EVERY:
            self._database.write(lambda session: housekeeping.tidy(session, now))
            self._tidied_at = now

    def _beat(self) -> None:
        now = self._clock()
        if self._beaten_at is not None and now - self._beaten_at < BEAT_EVERY:
            return
        try:
            self._database.write(
                partial(
                    heartbeat.beat,
                    worker_id=self._worker_id,
                    started_at=self._started_at,
                    now=now,
                    counts=self._tally.as_json(),
                )
            )
        except DatabaseUnavailable:
            # A beat that is missing says what it should: the work itself goes on.
            return
        self._beaten_at = now
