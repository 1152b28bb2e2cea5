"""`callnow demo`: starts everything, says where it is, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.cli.processes import STOP_SECONDS, read_until, running
from tests.provision.ports import free_port

CALLNOW_DEMO = [sys.executable, "-m", "ivr.cli", "demo"]


@dataclass(frozen=True)
class Screen:
    """What a demonstration prints once it is ready."""

    text: str

    def address_of(self, what: str) -> str:
        """The address behind one of its labels."""
        found = re.search(rf"{what}\s+(http://127\.0\.0\.1:\d+\S*)", self.text)
        assert found is not None, self.text
        return found.group(1)

    @property
    def password(self) -> str:
        """The desk's."""
        return self.text.partition("log in as desk with ")[2].split()[0]


def wait_until_ready(demo: subprocess.Popen[str]) -> Screen:
    return Screen(read_until("Ctrl-C stops it.", demo.stdout))


def ports() -> dict[str, str]:
    return {"PORT": str(free_port()), "PHONE_PORT": str(free_port())}


def is_free(port: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) != 0


def start_and_stop(folder: Path, variables: dict[str, str], number: signal.Signals) -> Screen:
    """One whole demonstration, checked while it runs; what it printed."""
    with running(CALLNOW_DEMO, variables, cwd=folder) as demo:
        screen = wait_until_ready(demo)
        ready = httpx.get(screen.address_of("Health"), timeout=10, trust_env=False)
        phones = httpx.get(screen.address_of("Phones"), timeout=10, trust_env=False)
        desk = httpx.get(
            screen.address_of("Front desk"), timeout=10, follow_redirects=True, trust_env=False
        )
        demo.send_signal(number)
        code = demo.wait(STOP_SECONDS)

    assert ready.json() == {"database": "ok", "migrations": "ok", "worker": "ok"}
    assert (phones.status_code, desk.status_code) == (200, 200)
    assert code == 0
    return screen


def test_a_demonstration_runs_stops_without_a_trace_and_goes_on_where_it_ended(
    empty_database_url: str, tmp_path: Path
) -> None:
    variables = {**ports(), "DATABASE_URL": empty_database_url}

    first = start_and_stop(tmp_path, variables, signal.SIGTERM)
    left_behind = [name for name, port in variables.items() if "PORT" in name and not is_free(port)]
    second = start_and_stop(tmp_path, variables, signal.SIGINT)

    assert left_behind == []
    assert second.password == first.password
    worker_log = (tmp_path / "var" / "log" / "worker.log").read_text(encoding="utf-8")
    assert worker_log.count("worker_started") == worker_log.count("worker_stopped") == 2


def test_when_one_process_dies_all_stop_and_the_end_of_its_log_is_shown(tmp_path: Path) -> None:
    variables = ports()
    with running(CALLNOW_DEMO, variables, cwd=tmp_path) as demo:
        wait_until_ready(demo)
        worker_log = (tmp_path / "var" / "log" / "worker.log").read_text(encoding="utf-8")
        started = re.search(r'"worker_id": "\S+-(\d+)-', worker_log)
        assert started is not None
        os.kill(int(started.group(1)), signal.SIGKILL)
        said = read_until("worker_started", demo.stdout)
        code = demo.wait(STOP_SECONDS)

    assert code == 1
    assert "The worker process stopped by itself (exit code -9), so all are stopped." in said
    assert is_free(variables["PORT"])
    assert is_free(variables["PHONE_PORT"])


def test_secrets_are_kept_from_other_users_and_a_real_account_is_not_used(tmp_path: Path) -> None:
    variables = {
        **ports(),
        "TWILIO_ACCOUNT_SID": "AC" + "f" * 32,
        "TWILIO_AUTH_TOKEN": "the-real-token-of-somebody",
        "TWILIO_API_BASE_URL": "https://api.example",
    }
    with running(CALLNOW_DEMO, variables, cwd=tmp_path) as demo:
        wait_until_ready(demo)
        demo.send_signal(signal.SIGTERM)
        demo.wait(STOP_SECONDS)

    for name in ("demo.json", "phone.json"):
        path = tmp_path / "var" / name
        assert path.stat().st_mode & 0o077 == 0
        assert "the-real-token-of-somebody" not in path.read_text(encoding="utf-8")
        assert "AC" + "f" * 32 not in path.read_text(encoding="utf-8")
