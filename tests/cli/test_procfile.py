"""A platform starts the product from the Procfile and the environment alone."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Event

import click
import httpx

from ivr.cli import main
from tests.cli.processes import PROJECT, STOP_SECONDS, environment_with, read_until, running
from tests.provision.ports import free_port
from tests.settings.environment import AUTH_TOKEN, SECRET_KEY, complete_environment


def procfile() -> dict[str, str]:
    """Process type → its command line."""
    lines = (PROJECT / "Procfile").read_text(encoding="utf-8").splitlines()
    return {kind: command.strip() for kind, _, command in (line.partition(":") for line in lines)}


def commands_in(line: str) -> list[list[str]]:
    return [shlex.split(part) for part in line.split("&&")]


def test_the_procfile_has_the_processes_that_the_product_consists_of() -> None:
    assert procfile() == {
        "release": "callnow migrate && callnow clinic load",
        "web": "callnow web",
        "worker": "callnow worker",
    }


def test_every_command_in_the_procfile_exists() -> None:
    for line in procfile().values():
        for program, *words in commands_in(line):
            assert program == "callnow"
            command: click.Command = main
            for word in words:
                assert isinstance(command, click.Group)
                assert word in command.commands, f"callnow {' '.join(words)}"
                command = command.commands[word]
            assert not isinstance(command, click.Group)


def release(variables: Mapping[str, str], folder: Path) -> str:
    """What the release line prints."""
    released = subprocess.run(
        ["sh", "-c", procfile()["release"]],
        cwd=folder,
        env=environment_with(variables),
        capture_output=True,
        text=True,
        timeout=STOP_SECONDS * 3,
        check=False,
    )
    assert released.returncode == 0, released.stderr
    return released.stdout


def get(url: str) -> httpx.Response:
    # The socket is open as soon as gunicorn says so: a request waits in it until the application
    # is loaded.
    return httpx.get(url, timeout=STOP_SECONDS, trust_env=False)


def when_ready(url: str) -> dict[str, str]:
    """What /readyz says as soon as all is well. Raises AssertionError where it never is."""
    deadline = time.monotonic() + STOP_SECONDS
    while (answer := get(url)).status_code != httpx.codes.OK:
        assert time.monotonic() < deadline, answer.text
        Event().wait(0.1)
    return dict(answer.json())


def count_of_refused(figures: str) -> float:
    """How many unsigned calls were refused, as /metrics tells."""
    name = 'callnow_webhook_seconds_count{route="/voice/incoming",status="403"} '
    (line,) = (line for line in figures.splitlines() if line.startswith(name))
    return float(line.removeprefix(name))


def test_release_web_and_worker_start_from_the_environment_alone(
    empty_database_url: str, tmp_path: Path
) -> None:
    port = free_port()
    here = f"http://127.0.0.1:{port}"
    variables = complete_environment(DATABASE_URL=empty_database_url, PORT=str(port))
    commands = procfile()

    assert "provider fura added" in release(variables, tmp_path)

    with running(shlex.split(commands["web"]), variables, cwd=tmp_path) as web:
        said = read_until("Booting worker", web.stdout)
        health = get(f"{here}/healthz")
        alone = get(f"{here}/readyz")
        words = {"From": "+15125550142", "SpeechResult": "Maria Gonzalez"}
        forged = httpx.post(
            f"{here}/voice/incoming", data=words, timeout=STOP_SECONDS, trust_env=False
        )
        for _ in range(20):
            httpx.post(f"{here}/voice/incoming", timeout=STOP_SECONDS, trust_env=False)
        looks = {count_of_refused(get(f"{here}/metrics").text) for _ in range(10)}
        with running(shlex.split(commands["worker"]), variables, cwd=tmp_path) as worker:
            together = when_ready(f"{here}/readyz")
            worker.send_signal(signal.SIGTERM)
            worker_said, _ = worker.communicate(timeout=STOP_SECONDS)
        web.send_signal(signal.SIGTERM)
        assert web.stdout is not None
        rest = web.stdout.read()
        web.wait(STOP_SECONDS)

    # Whichever of its two processes answers, it tells of what both refused.
    assert looks == {21.0}
    assert (health.status_code, alone.status_code, forged.status_code) == (200, 503, 403)
    assert "no heartbeat" in alone.json()["worker"]
    assert together == {"database": "ok", "migrations": "ok", "worker": "ok"}
    assert (web.returncode, worker.returncode) == (0, 0)

    logged = said + rest + worker_said
    events = {json.loads(line)["event"] for line in logged.splitlines()}
    assert {"signature_refused", "worker_started", "worker_stopped"} <= events
    for private in (AUTH_TOKEN, SECRET_KEY, empty_database_url, "5125550142", "Gonzalez"):
        assert private not in logged
