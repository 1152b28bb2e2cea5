"""The urgent lane: from a due page to its request, idle and with a morning of reminders due."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import insert
from sqlalchemy.orm import Session

from ivr.carrier.answers import TROUBLES
from ivr.messages import outbox
from ivr.messages.pace import Pace
from ivr.messages.tables import OutboxMessage
from ivr.messages.tally import Tally
from ivr.sending import Sender
from ivr.urgent_lane import UrgentLane
from ivr.worker import Worker
from scheduling.database import Database, new_id
from tests.bench.figures import percentile
from tests.bench.stores import Store, migrated, stores
from tests.bench.urgent import CLINIC, NIGHT, Carrier, Clock
from tests.product import load_demo_clinic

REMINDERS = 10_000
PAGES = 100
SLOW_SECONDS = 0.2


def run() -> None:
    """Measure on both databases and print the table."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    print(
        f"\nA page of its own, from the worker's look to its request, with {REMINDERS:,} texts due;"
    )
    print(f"one worker, one segment a second, {PAGES} pages; in ms: p50 / p99.\n")
    print(
        "The last: on the urgent lane's own thread, while the worker sends reminders to a carrier"
    )
    print(f"that takes {SLOW_SECONDS:.1f} s for each.\n")
    print("| database | idle | with reminders due | ratio p50 / p99 | beside a slow carrier |")
    print("|---|---:|---:|---:|---:|")
    with stores() as both:
        for store in both:
            _measure(store)


def _measure(store: Store) -> None:
    database = Database(migrated(store, "lane"), budget_seconds=60)
    database.write(load_demo_clinic)
    idle = _pages(database)
    database.write(_fall_due)
    loaded = _pages(database)
    beside = _pages_beside_the_worker(database)
    ratios = " / ".join(f"{percentile(loaded, p) / percentile(idle, p):.2f}" for p in (50, 99))
    print(
        f"| {store.name} | {_figures(idle)} | {_figures(loaded)} | {ratios} | {_figures(beside)} |",
        flush=True,
    )
    database.dispose()


def _pages(database: Database) -> list[float]:
    carrier, clock = Carrier(), Clock()
    worker = Worker(database, clock, carrier, "bench", speed=Pace())
    worker.tick()
    times = []
    for number in range(PAGES):
        clock.now += timedelta(milliseconds=700)
        database.write(partial(_page, number=number, clock=clock))
        carrier.asked.clear()
        begun = time.perf_counter()
        worker.tick()
        times.append((carrier.asked[0] - begun) * 1000)
    return times


class _SlowCarrier(Carrier):
    """Takes its time with every text."""

    def send_sms(self, **options: object) -> str:
        time.sleep(SLOW_SECONDS)
        return super().send_sms(**options)


def _pages_beside_the_worker(database: Database) -> list[float]:
    """With both loops of the worker's process, as production wires them."""
    slow, carrier, clock, stop = _SlowCarrier(), Carrier(), Clock(), threading.Event()
    worker = Worker(database, clock, slow, "bench")
    lane = UrgentLane(
        database, clock, Sender(database, clock, carrier, Tally(TROUBLES), lane="urgent")
    )
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    times = []
    try:
        for number in range(PAGES):
            database.write(partial(_page, number=PAGES + number, clock=clock))
            carrier.asked.clear()
            begun = time.perf_counter()
            lane.tick()
            # The worker takes some of them between two texts, as it may.
            asked = carrier.asked or slow.asked
            times.append((asked[-1] - begun) * 1000)
            time.sleep(0.02)
    finally:
        stop.set()
        thread.join()
    return [one for one in times if one > 0]


def _page(session: Session, number: int, clock: Clock) -> None:
    outbox.enqueue(
        session,
        clinic_id=CLINIC,
        kind="page_call",
        lane="urgent",
        subject=f"ticket:{number}",
        to_number="+15125550142",
        body="https://line.example/voice",
        due_at=clock.now,
        now=clock.now,
    )


def _fall_due(session: Session) -> None:
    session.execute(
        insert(OutboxMessage),
        [
            {
                "clinic_id": CLINIC,
                "id": new_id(),
                "kind": "page_sms",
                "lane": "ordinary",
                "subject": f"notice:{number}",
                "to_number": "+15125550142",
                "body": "a" * 150,
                "due_at": NIGHT - timedelta(hours=1),
                "attempts": 0,
                "state": "pending",
                "created_at": NIGHT,
            }
            for number in range(REMINDERS)
        ],
    )


def _figures(times: list[float]) -> str:
    return f"{percentile(times, 50):.1f} / {percentile(times, 99):.1f}"
