"""The worker: finds lost calls, pages for what nobody accepts, sends what is due.

Any number run on one database.

Each message is claimed in one transaction, sent outside any, and recorded in another. A worker
that is killed in between leaves a claim that lapses: a page is then sent again, and of a message to
a patient the carrier is asked whether it went out.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr import housekeeping
from ivr.audit.sealer import Sealer
from ivr.audit.sealing import sealing_key
from ivr.carrier.handing_over import hand_over
from ivr.carrier.rest import TROUBLES, TwilioRest
from ivr.carrier.urls import Urls
from ivr.messages import at_most_once, claiming, heartbeat, opting_out, outbox, pace
from ivr.messages.backoff import MOST_ATTEMPTS, backoff
from ivr.messages.patients import sifting
from ivr.messages.settling import Settling
from ivr.messages.tables import OutboxMessage
from ivr.messages.tally import Tally
from ivr.messages.telephony import CarrierError, Telephony, Trouble
from ivr.oncall.auditing import Auditor
from ivr.oncall.repaging import page_for_unaccepted
from ivr.recovery import Recovery
from ivr.rounds import Rounds
from ivr.settings import Settings
from scheduling.database import Database, DatabaseUnavailable, new_id
from scheduling.tables import Clinic

IDLE_SECONDS = 1.0
"""Between two looks into an empty outbox."""

BEAT_EVERY = timedelta(seconds=5)
"""/readyz takes a worker for dead after 30 s without a beat."""

TIDY_EVERY = timedelta(minutes=1)
"""Often enough that a call's answers are gone little over an hour after it."""

LONGEST_SEND = timedelta(seconds=10)
"""The carrier's client waits 5 s for a connection and 5 s for an answer."""

BATCH = 4
"""Messages claimed at a time: few, so that a page which falls due meanwhile waits shortly."""

LEASE = timedelta(seconds=60)
"""Longer than a batch takes at its slowest (40 s). A dead worker's messages wait this long."""

WORKER_DIED = "worker_died"
"""In place of a Trouble: nobody recorded what became of a send."""

log = structlog.get_logger(__name__)

Outcome = Callable[[Session], None]


class Worker:
    """One loop over the outbox.

    clock: aware UTC. worker_id: its name in the heartbeat table, unique among running workers.
    recovery: looks for calls that were answered without the database; without it nobody does.
    base: PUBLIC_BASE_URL, where the carrier reports what became of messages and calls get their
        words; without it nobody is reminded.
    sealer: seals the desk's audit; without it nobody does.
    speed: at which the account may send; see ivr.messages.pace.
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
    ) -> None:
        self._database = database
        self._speed = speed
        self._clock = clock
        self._telephony = telephony
        self._worker_id = worker_id
        self._recovery = recovery
        self._urls = Urls(base) if base else None
        self._rounds = Rounds(database, clock, base)
        self._auditor = Auditor(database, clock)
        self._settling = Settling(database, clock, telephony)
        self._started_at = clock()
        self._beaten_at: datetime | None = None
        self._tidied_at: datetime | None = None
        self._sealer = sealer
        self._stop = threading.Event()
        self._unrecorded: list[Outcome] = []
        self._tally = Tally(TROUBLES)

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; the message in hand is finished first."""
        self._stop = stop
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
        self._record()
        self._recover()
        self._escalate()
        self._look()
        messages, senders = self._database.write(self._claim)
        database_away: DatabaseUnavailable | None = None
        seen = tried = 0
        for message in messages:
            if self._stop.is_set() or not self._is_ours_for_a_send(message):
                break
            try:
                if seen and message.lane == "ordinary" and self._urgent_waits():
                    break
                seen += 1
                if not self._begin(message):
                    continue
                tried += 1
                self._unrecorded.append(self._send(message, senders[message.clinic_id]))
                self._record()
            except DatabaseUnavailable as error:
                # The others are claimed and the carrier is there: a page does not wait for a
                # database that the page does not need.
                database_away = error
            self._beat()
        if database_away:
            raise database_away
        if seen < len(messages):
            self._database.write(partial(claiming.release, messages=messages[seen:]))
        self._unless_it_fails("audit_failed", self._auditor.look_if_due)
        self._unless_it_fails("settling_failed", self._settling.look)
        if not messages:
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

    def _claim(self, session: Session) -> tuple[list[OutboxMessage], Mapping[str, str]]:
        now = self._clock()
        messages = claiming.claim(session, now=now, limit=BATCH, lease=LEASE, speed=self._speed)
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

    def _record(self) -> None:
        while self._unrecorded:
            self._database.write(self._unrecorded[0])
            self._unrecorded.pop(0)

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


def utc_now() -> datetime:
    """The clock of production."""
    return datetime.now(UTC)


def create_worker(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Worker:
    """A worker as production wires it."""
    database = Database(settings.database_url, pool_size=2)
    carrier = TwilioRest(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        settings.twilio_api_base_url,
    )
    return Worker(
        database,
        clock,
        carrier,
        # In containers the host and process numbers repeat.
        worker_id=f"{socket.gethostname()}-{os.getpid()}-{new_id().hex[-6:]}",
        recovery=Recovery(database, clock, carrier, settings.public_base_url),
        base=settings.public_base_url,
        sealer=Sealer(database, clock, sealing_key(settings.secret_key.get_secret_value())),
        speed=pace.Pace(settings.twilio_calls_per_second, settings.twilio_segments_per_second),
    )


def run_until_signalled(worker: Worker) -> None:
    """Work until SIGTERM or SIGINT, then finish the message in hand. Main thread only."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    # In a thread of its own: a handler that sets an event on which its own thread waits can
    # deadlock, and handlers run in the main one.
    thread = threading.Thread(target=worker.run, args=(stop,), name="worker")
    thread.start()
    thread.join()
