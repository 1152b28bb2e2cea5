"""One menu turn: signature, session load, engine, commit, TwiML; beside a bare route and a ceiling.

The three run behind the same gunicorn settings and are measured in turn, several rounds, without
keep-alive; the figures are medians, the ratios medians of each round's own ratio, so that a
machine that slows down for a while slows all three.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from ivr.migrations.run import migrate
from scheduling.database import Database
from tests.bench import baselines, load
from tests.bench.servers import BARE, BASE, OURS, call_sid, serving
from tests.product import ACCOUNT, LINE, TOKEN, load_demo_clinic
from tests.provision.postgres import PostgresServer

ROUNDS = 7
SECONDS = 2.0
CALLS = 8
"""Calls each caller thread has ready; CALLS × TURNS is more than a round answers."""
TURNS = 60


def run() -> None:
    """Measure on both databases and print the table."""
    print("\nMenu turns a second, without keep-alive, 8 callers at a time; medians of")
    print(f"{ROUNDS} rounds of {SECONDS:.0f} s, interleaved. Goal: at least 0.70 of the ceiling.\n")
    print("| database | a turn of ours | ceiling | bare route | ours / ceiling | ours / bare |")
    print("|---|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory(prefix="callnow-bench-") as folder:
        _row("SQLite", f"sqlite:///{folder}/bench.db", Path(folder))
        with PostgresServer(durable=True) as server:
            _row("PostgreSQL", server.url(), Path(folder))


def _row(name: str, database_url: str, folder: Path) -> None:
    migrate(database_url)
    database = Database(database_url)
    database.write(load_demo_clinic)
    database.dispose()
    caller = load.Caller(BASE, TOKEN, ACCOUNT, LINE)
    threads = range(load.THREADS)
    fixed_sids = [call_sid() for _ in threads]
    baselines.prepare(database_url, fixed_sids)
    fixed = [
        [caller.request(f"/voice/turn/{n}", sid, Digits="3") for n in range(CALLS * TURNS * 3)]
        for sid in fixed_sids
    ]
    figures: dict[str, list[float]] = {"ours": [], "ceiling": [], "bare": []}
    with ExitStack() as stack:
        ports = {
            app: stack.enter_context(serving(target, database_url, folder))
            for app, target in (
                ("ours", OURS),
                ("ceiling", "tests.bench.baselines:ceiling()"),
                ("bare", BARE),
            )
        }
        for _ in range(ROUNDS):
            fresh = [list(_turns_of_new_calls(caller, ports["ours"])) for _ in threads]
            for app, port in ports.items():
                walks = [iter(walk) for walk in (fresh if app == "ours" else fixed)]
                figures[app].append(load.turns_a_second(port, walks, SECONDS))
    middle = {app: statistics.median(rates) for app, rates in figures.items()}
    print(
        f"| {name} | {middle['ours']:.0f} | {middle['ceiling']:.0f} | {middle['bare']:.0f} "
        f"| {_ratio(figures, 'ceiling'):.2f} | {_ratio(figures, 'bare'):.2f} |"
    )


def _ratio(figures: dict[str, list[float]], baseline: str) -> float:
    pairs = zip(figures["ours"], figures[baseline], strict=True)
    return statistics.median(ours / theirs for ours, theirs in pairs)


def _turns_of_new_calls(caller: load.Caller, port: int) -> Iterator[bytes]:
    for _ in range(CALLS):
        sid = call_sid()
        load.send(port, caller.request("/voice/incoming", sid))
        for number in range(1, TURNS + 1):
            # From the main menu to the pump, then from its topics to a part and back.
            yield caller.request(f"/voice/turn/{number}", sid, Digits="3")
