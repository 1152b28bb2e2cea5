"""One menu turn: signature, session load, engine, commit, TwiML; beside a bare route and a ceiling.

The three run behind the same gunicorn settings and are measured in turn, several rounds, without
keep-alive; the figures are medians, the ratios medians of each round's own ratio, so that a
machine that slows down for a while slows all three.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event

from ivr.migrations.run import migrate
from scheduling.database import Database
from tests.bench import baselines, load
from tests.product import ACCOUNT, LINE, TOKEN, load_demo_clinic
from tests.provision.ports import free_port
from tests.provision.postgres import PostgresServer

ROUNDS = 7
SECONDS = 2.0
CALLS = 8
"""Calls each caller thread has ready; CALLS × TURNS is more than a round answers."""
TURNS = 60
BASE = "http://127.0.0.1:8000"
"""What everything is signed for; requests go to whatever port the server has."""


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
    fixed_sids = [_call_sid() for _ in threads]
    baselines.prepare(database_url, fixed_sids)
    fixed = [
        [caller.request(f"/voice/turn/{n}", sid, Digits="3") for n in range(CALLS * TURNS * 3)]
        for sid in fixed_sids
    ]
    figures: dict[str, list[float]] = {"ours": [], "ceiling": [], "bare": []}
    with ExitStack() as stack:
        ports = {
            app: stack.enter_context(_serving(target, database_url, folder))
            for app, target in (
                ("ours", "ivr.app:create_app_from_environment()"),
                ("ceiling", "tests.bench.baselines:ceiling()"),
                ("bare", "tests.bench.baselines:bare()"),
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
        call_sid = _call_sid()
        load.send(port, caller.request("/voice/incoming", call_sid))
        for number in range(1, TURNS + 1):
            # From the main menu to the pump, and back to the main menu.
            yield caller.request(f"/voice/turn/{number}", call_sid, Digits="3")


def _call_sid() -> str:
    return "CA" + secrets.token_hex(16)


@contextmanager
def _serving(target: str, database_url: str, folder: Path) -> Iterator[int]:
    port = free_port()
    environment = {
        **os.environ,
        "PORT": str(port),
        "DATABASE_URL": database_url,
        "PUBLIC_BASE_URL": BASE,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "SECRET_KEY": secrets.token_urlsafe(48),
    }
    log = (folder / f"{port}.log").open("wb")
    gunicorn = shutil.which("gunicorn", path=str(Path(sys.executable).parent)) or "gunicorn"
    server = subprocess.Popen(
        [gunicorn, "--config", "python:ivr.gunicorn", "--bind", f"127.0.0.1:{port}", target],
        env=environment,
        stdout=log,
        stderr=log,
    )
    try:
        _await_port(server, port)
        yield port
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def _await_port(server: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if server.poll() is not None:
                raise RuntimeError(f"the server ended with {server.returncode}") from None
            Event().wait(0.1)
        else:
            return
    raise RuntimeError("the server did not open its port within 20 s")
