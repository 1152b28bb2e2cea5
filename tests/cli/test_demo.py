"""`callnow demo`: starts everything, says where it is, and leaves nothing behind."""

from __future__ import annotations

import re
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from ivr.oncall import pins
from tests.cli.processes import STOP_SECONDS, read_until, running
from tests.provision.ports import free_port

CALLNOW_DEMO = [sys.executable, "-m", "ivr.cli", "demo"]

REAL_ACCOUNT = {
    "TWILIO_ACCOUNT_SID": "AC" + "f" * 32,
    "TWILIO_AUTH_TOKEN": "the-real-token-of-somebody",
    "TWILIO_API_BASE_URL": "https://api.example",
}

# A start takes seconds: the first one is looked at by several tests, so they share a process.
pytestmark = pytest.mark.xdist_group("demo")


@dataclass(frozen=True)
class Run:
    """One demonstration, from its start to SIGTERM, in an empty folder."""

    folder: Path
    ports: dict[str, str]
    screen: str
    health: httpx.Response
    phones: httpx.Response
    desk: httpx.Response
    exit_code: int
    processes_before: int
    left_behind: list[str]
    ports_open_afterwards: list[str]


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("demo")
    ports = {"PORT": str(free_port()), "PHONE_PORT": str(free_port())}
    with running(CALLNOW_DEMO, {**ports, **REAL_ACCOUNT}, cwd=folder) as demo:
        screen = read_until("Ctrl-C stops it.", demo.stdout)
        health = get(address_of("Health", screen))
        phones = get(address_of("Phones", screen))
        desk = get(address_of("Front desk", screen))
        processes = psutil.Process(demo.pid).children(recursive=True)
        demo.send_signal(signal.SIGTERM)
        exit_code = demo.wait(STOP_SECONDS)
    left_behind = [str(one) for one in processes if one.is_running()]
    still_open = [name for name, port in ports.items() if is_open(port)]
    return Run(
        folder,
        ports,
        screen,
        health,
        phones,
        desk,
        exit_code,
        len(processes),
        left_behind,
        still_open,
    )


def get(url: str) -> httpx.Response:
    return httpx.get(url, timeout=30, follow_redirects=True, trust_env=False)


def address_of(what: str, screen: str) -> str:
    found = re.search(rf"{what}\s+(http://127\.0\.0\.1:\d+\S*)", screen)
    assert found is not None, screen
    return found.group(1)


def password_on(screen: str) -> str:
    return screen.partition("log in as desk with ")[2].split()[0]


def is_open(port: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


def children_of(demo: subprocess.Popen[str]) -> list[psutil.Process]:
    # Not by the numbers in a log: those of an earlier run may be somebody else's by now.
    return psutil.Process(demo.pid).children()


def log_of(name: str, folder: Path) -> str:
    return (folder / "var" / "log" / f"{name}.log").read_text(encoding="utf-8")


def test_the_three_addresses_on_the_screen_answer(first_run: Run) -> None:
    assert first_run.health.json() == {"database": "ok", "migrations": "ok", "worker": "ok"}
    assert first_run.phones.status_code == 200
    assert first_run.desk.status_code == 200
    assert "password" in first_run.desk.text.lower()


def test_the_pins_on_the_screen_let_the_people_on_call_in(first_run: Run) -> None:
    shown = re.findall(
        r"On call +(.+) on (\S+): call the line, press 5, PIN (\d{6})", first_run.screen
    )
    with closing(sqlite3.connect(first_run.folder / "var" / "callnow.db")) as database:
        stored = database.execute(
            "SELECT name, number, pin_hash FROM on_call_person JOIN on_call_pin ON person_id = id "
            "ORDER BY position"
        ).fetchall()
    assert [(name, number) for name, number, _ in shown] == [row[:2] for row in stored]
    assert len(shown) == 2
    assert all(
        pins.is_pin(pin_hash, pin)
        for (_, _, pin), (_, _, pin_hash) in zip(shown, stored, strict=True)
    )


def test_sigterm_stops_it_cleanly_and_leaves_no_process_behind(first_run: Run) -> None:
    assert first_run.exit_code == 0
    # gunicorn and its two workers, the worker, the phone company.
    assert first_run.processes_before == 5
    assert first_run.left_behind == []
    assert first_run.ports_open_afterwards == []
    assert "worker_stopped" in log_of("worker", first_run.folder)
    assert "Shutting down: Master" in log_of("web", first_run.folder)


def test_its_secrets_are_kept_from_other_users_of_the_machine(first_run: Run) -> None:
    for name in ("demo.json", "phone.json"):
        assert (first_run.folder / "var" / name).stat().st_mode & 0o077 == 0


def test_a_real_account_in_the_environment_is_not_used(first_run: Run) -> None:
    for name in ("demo.json", "phone.json"):
        text = (first_run.folder / "var" / name).read_text(encoding="utf-8")
        assert not any(value in text for value in REAL_ACCOUNT.values())


def test_its_password_is_in_no_log(first_run: Run) -> None:
    logs = "".join(log_of(name, first_run.folder) for name in ("web", "worker", "phone"))

    assert password_on(first_run.screen) not in logs


def test_it_goes_on_where_it_ended_and_when_one_process_dies_all_stop(first_run: Run) -> None:
    with running(CALLNOW_DEMO, first_run.ports, cwd=first_run.folder) as demo:
        screen = read_until("Ctrl-C stops it.", demo.stdout)
        (worker,) = [one for one in children_of(demo) if one.cmdline()[-1] == "worker"]
        worker.kill()
        said = read_until("worker_started", demo.stdout)
        exit_code = demo.wait(STOP_SECONDS)

    assert password_on(screen) == password_on(first_run.screen)
    assert "The worker process stopped by itself (exit code -9), so all are stopped." in said
    assert exit_code == 1
    assert not any(is_open(port) for port in first_run.ports.values())
