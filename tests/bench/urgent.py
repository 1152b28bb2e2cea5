"""The urgent line: from the key to the first ring, from a page that is due to its call, and how
many tickets a worker carries as they grow."""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session

from ivr.messages.telephony import ListedCall, ListedText
from ivr.oncall import tickets
from ivr.oncall.repaging import page_for_unaccepted
from ivr.oncall.tables import Ticket
from ivr.worker import Worker
from scheduling.database import Database
from tests.bench import load
from tests.bench.figures import percentile
from tests.bench.servers import BARE, BASE, OURS, call_sid, serving
from tests.bench.stores import Store, migrated, stores
from tests.product import ACCOUNT, LINE, TOKEN, load_demo_clinic

CLINIC = "demo"
CALLS = 100
LOADED = 6
"""Other callers who press keys meanwhile."""
PAGES = 30
SIZES = (10, 100, 1_000, 10_000)
NIGHT = datetime(2026, 11, 24, 8, 40, tzinfo=UTC)


def run() -> None:
    """Measure on both databases and print the tables."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    print("\nFrom the key that says what it is about to the answer that dials, in ms: p50 / p99;")
    print(
        f"{CALLS} calls, alone and while {LOADED} others press keys without a pause; beside a bare"
    )
    print("route in the same run. A page: from due to the request for its call, by one worker.\n")
    print("| database | key to ring, idle | bare | ratio | under load | bare | ratio | page |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    with stores() as both, tempfile.TemporaryDirectory(prefix="callnow-bench-") as folder:
        for store in both:
            _rings(store, Path(folder))
    print("\nTickets that wait, looked at and paged for by one worker, per second.\n")
    print(f"| database | {' | '.join(f'{size:,}' for size in SIZES)} |")
    print("|---|" + "---:|" * len(SIZES))
    with stores() as both:
        for store in both:
            print(f"| {store.name} | {' | '.join(_carried(store, size) for size in SIZES)} |")


def _rings(store: Store, folder: Path) -> None:
    url = migrated(store, "urgent")
    database = Database(url)
    database.write(load_demo_clinic)
    caller = load.Caller(BASE, TOKEN, ACCOUNT, LINE)
    with serving(OURS, url, folder) as ours, serving(BARE, url, folder) as bare:
        cells = []
        for others in (0, LOADED):
            with _Load(caller, (ours, bare), others):
                times = _key_to_ring(caller, ours, bare)
            cells += [_figures(times[0]), _figures(times[1]), f"{_ratio(*times):.1f}"]
    print(f"| {store.name} | {' | '.join(cells)} | {_figures(_pages(database))} |", flush=True)
    database.dispose()


def _key_to_ring(caller: load.Caller, ours: int, bare: int) -> tuple[list[float], list[float]]:
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(CALLS):
        sid = call_sid()
        load.send(ours, caller.request("/voice/incoming", sid))
        load.send(ours, caller.request("/voice/turn/1", sid, Digits="1"))
        key = caller.request("/voice/turn/2", sid, Digits="2")
        for port, taken in zip((ours, bare), times, strict=True):
            begun = time.perf_counter()
            answer = load.send(port, key)
            taken.append((time.perf_counter() - begun) * 1000)
            assert port == bare or b"<Dial" in answer
        # Else the nurse is busy for the next one.
        load.send(ours, caller.request("/voice/status", sid, CallStatus="completed"))
    return times


class _Load:
    """Callers who go from the main menu to the pump and back, on both servers alike."""

    def __init__(self, caller: load.Caller, ports: tuple[int, int], others: int) -> None:
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._press, args=(caller, ports[number % 2]))
            for number in range(others)
        ]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _press(self, caller: load.Caller, port: int) -> None:
        while not self._stop.is_set():
            sid = call_sid()
            load.send(port, caller.request("/voice/incoming", sid))
            for turn in range(1, 40):
                if self._stop.is_set():
                    return
                load.send(port, caller.request(f"/voice/turn/{turn}", sid, Digits="3"))


class Carrier:
    """Notes when it was asked for each call, and does nothing."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    def place_call(self, **_: object) -> str:
        self.asked.append(time.perf_counter())
        return f"CA{len(self.asked)}"

    def send_sms(self, **_: object) -> str:
        return "SM1"

    def hang_up(self, call_sid: str) -> None:
        return None

    def delete_recording(self, sid: str) -> None:
        return None

    def list_calls(self, **_: object) -> list[ListedCall]:
        return []

    def list_texts(self, **_: object) -> list[ListedText]:
        return []

    def list_received(self, **_: object) -> list[ListedText]:
        return []


def _pages(database: Database) -> list[float]:
    database.write(lambda session: session.execute(update(Ticket).values(escalate_at=None)))
    carrier, clock = Carrier(), Clock()
    worker = Worker(database, clock, carrier, "bench")
    times = []
    for number in range(PAGES):
        # Each in an hour of its own, when the phones are free again.
        clock.now += timedelta(hours=1)
        database.write(partial(_open, call=f"page {number}", now=clock.now - timedelta(seconds=80)))
        carrier.asked.clear()
        begun = time.perf_counter()
        worker.tick()
        times.append((carrier.asked[0] - begun) * 1000)
        database.write(lambda session: session.execute(update(Ticket).values(escalate_at=None)))
        while worker.tick():
            continue
    return times


class Clock:
    """Stands still until it is told."""

    def __init__(self) -> None:
        self.now = NIGHT

    def __call__(self) -> datetime:
        return self.now


def _carried(store: Store, size: int) -> str:
    database = Database(migrated(store, f"carried_{size}"), budget_seconds=60)
    database.write(load_demo_clinic)
    for first in range(0, size, 500):
        database.write(partial(_open_many, first=first, count=min(500, size - first)))
    now = NIGHT + timedelta(minutes=5)
    begun, carried = time.perf_counter(), 0
    while looked := database.write(partial(page_for_unaccepted, now=now)):
        carried += looked
        if time.perf_counter() - begun > 10:
            break
    taken = time.perf_counter() - begun
    database.dispose()
    return f"{carried / taken:.0f}"


def _open_many(session: Session, first: int, count: int) -> None:
    for number in range(first, first + count):
        _open(session, call=f"CA{number}", now=NIGHT)


def _open(session: Session, call: str, now: datetime) -> None:
    tickets.open_ticket(
        session,
        clinic_id=CLINIC,
        call_sid=call,
        callback_number="+15125550142",
        language="en",
        link_base=BASE,
        now=now,
    )


def _figures(times: list[float]) -> str:
    return f"{percentile(times, 50):.1f} / {percentile(times, 99):.1f}"


def _ratio(ours: list[float], bare: list[float]) -> float:
    return percentile(ours, 50) / percentile(bare, 50)
