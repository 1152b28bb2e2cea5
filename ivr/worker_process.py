"""The process that `callnow worker` is: the worker and its urgent lane, until told to stop."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol

import structlog

from ivr.audit.sealer import Sealer
from ivr.audit.sealing import sealing_key
from ivr.call.lines import lines_of
from ivr.call.turn import Line
from ivr.carrier.answers import TROUBLES
from ivr.carrier.rest import TwilioRest
from ivr.clinics.definition import read_clinics
from ivr.messages import pace
from ivr.messages.tally import Tally
from ivr.recovery.looks import Recovery
from ivr.sending import PendingOutcomes, Sender
from ivr.settings import Settings
from ivr.urgent_lane import UrgentLane
from ivr.worker import Worker
from scheduling.database import Database, new_id

log = structlog.get_logger(__name__)


class Loop(Protocol):
    """What works until it is told to stop."""

    def run(self, stop: threading.Event) -> None: ...


def utc_now() -> datetime:
    """The clock of production."""
    return datetime.now(UTC)


def create_worker(
    settings: Settings, clock: Callable[[], datetime] = utc_now
) -> tuple[Worker, UrgentLane]:
    """A worker and its urgent lane, as production wires them."""
    database = Database(settings.database_url, pool_size=3)
    base, tally, outcomes = settings.public_base_url, Tally(TROUBLES), PendingOutcomes(database)
    speed = pace.Pace(settings.twilio_calls_per_second, settings.twilio_segments_per_second)

    def carrier() -> TwilioRest:
        # Each thread has its own.
        return TwilioRest(
            settings.twilio_account_sid,
            settings.twilio_auth_token.get_secret_value(),
            settings.twilio_api_base_url,
        )

    of_worker = carrier()
    worker = Worker(
        database,
        clock,
        of_worker,
        # In containers the host and process numbers repeat.
        worker_id=f"{socket.gethostname()}-{os.getpid()}-{new_id().hex[-6:]}",
        recovery=Recovery(database, clock, of_worker, base, _lines(settings)),
        base=base,
        sealer=Sealer(database, clock, sealing_key(settings.secret_key.get_secret_value())),
        speed=speed,
        tally=tally,
        outcomes=outcomes,
    )
    sender = Sender(
        database,
        clock,
        carrier(),
        tally,
        base=base,
        lane="urgent",
        speed=speed,
        outcomes=outcomes,
    )
    return worker, UrgentLane(database, clock, sender)


def _lines(settings: Settings) -> Mapping[str, Line]:
    """Number called → its line; none where the clinics' files are broken.

    Pages go out all the same then: the web process is what says it, and `callnow doctor`.
    """
    try:
        return lines_of(read_clinics(settings.clinics_dir), link_base=settings.public_base_url)
    except Exception:
        # Whatever is wrong with a file: it must not keep a page from being sent.
        log.exception("missed_texts_not_looked_for")
        return {}


def run_until_signalled(*loops: Loop) -> bool:
    """Work until SIGTERM or SIGINT, then finish the messages in hand. Main thread only.

    False where a loop ended by itself: the others are ended too, and the process is to end, so that
    whoever watches it starts it anew. Half a worker looks like a whole one.
    """
    stop, ended = threading.Event(), threading.Event()

    def work(loop: Loop) -> None:
        try:
            loop.run(stop)
        finally:
            if not stop.is_set():
                ended.set()
                stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    # In threads of their own: a handler that sets an event on which its own thread waits can
    # deadlock, and handlers run in the main one.
    threads = [threading.Thread(target=work, args=(loop,)) for loop in loops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return not ended.is_set()
