"""What a platform sees of the processes it started: health, readiness, logs, and a clean end."""

from __future__ import annotations

import json
import shlex
import signal
import time
from pathlib import Path
from threading import Event

import httpx

from scheduling.database import Database
from tests.cli.processes import STOP_SECONDS, read_until, running
from tests.cli.test_procfile import procfile
from tests.clinics.files import DEMO
from tests.clinics.test_loading import load
from tests.provision.ports import free_port
from tests.settings.environment import AUTH_TOKEN, SECRET_KEY, complete_environment

READY_SECONDS = 30


def when_ready(url: str) -> dict[str, str]:
    """What /readyz says as soon as all is well. Raises AssertionError where it never is."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        answer = httpx.get(url, timeout=READY_SECONDS, trust_env=False)
        if answer.status_code == httpx.codes.OK:
            return dict(answer.json())
        assert time.monotonic() < deadline, answer.text
        Event().wait(0.1)


def test_a_web_process_is_healthy_alone_and_ready_once_a_worker_beats(
    database_url: str, tmp_path: Path
) -> None:
    database = Database(database_url, budget_seconds=None)
    load(database, DEMO / "clinic.toml")
    database.dispose()
    port = free_port()
    here = f"http://127.0.0.1:{port}"
    variables = complete_environment(DATABASE_URL=database_url, PORT=str(port))
    commands = procfile()
    with running(shlex.split(commands["web"]), variables, cwd=tmp_path) as web:
        said = read_until("Booting worker", web.stdout)
        health = httpx.get(f"{here}/healthz", timeout=READY_SECONDS, trust_env=False)
        alone = httpx.get(f"{here}/readyz", timeout=READY_SECONDS, trust_env=False)
        forged = httpx.post(
            f"{here}/voice/incoming",
            data={"From": "+15125550142", "SpeechResult": "Maria Gonzalez"},
            timeout=READY_SECONDS,
            trust_env=False,
        )
        with running(shlex.split(commands["worker"]), variables, cwd=tmp_path) as worker:
            together = when_ready(f"{here}/readyz")
            worker.send_signal(signal.SIGTERM)
            worker_said, _ = worker.communicate(timeout=STOP_SECONDS)
        web.send_signal(signal.SIGTERM)
        rest, _ = web.communicate(timeout=STOP_SECONDS)

    assert (health.status_code, alone.status_code, forged.status_code) == (200, 503, 403)
    assert alone.json() == {
        "database": "ok",
        "migrations": "ok",
        "worker": "no heartbeat for 30 s: start callnow worker",
    }
    assert set(together.values()) == {"ok"}
    assert (web.returncode, worker.returncode) == (0, 0)
    logged = said + rest + worker_said
    events = {json.loads(line)["event"] for line in logged.splitlines()}
    assert {"signature_refused", "worker_started", "worker_stopped"} <= events
    for private in (AUTH_TOKEN, SECRET_KEY, database_url, "5125550142", "Gonzalez"):
        assert private not in logged
