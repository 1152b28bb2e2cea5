"""A platform starts the product from the Procfile and the environment alone."""

from __future__ import annotations

import shlex
import signal
import subprocess
from pathlib import Path

import click
import httpx

from ivr.cli import main
from tests.cli.processes import PROJECT, STOP_SECONDS, environment_with, read_until, running
from tests.provision.ports import free_port
from tests.settings.environment import complete_environment


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


def test_release_web_and_worker_start_from_the_environment_alone(
    empty_database_url: str, tmp_path: Path
) -> None:
    port = free_port()
    variables = complete_environment(DATABASE_URL=empty_database_url, PORT=str(port))
    commands = procfile()

    released = subprocess.run(
        ["sh", "-c", commands["release"]],
        cwd=tmp_path,
        env=environment_with(variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert released.returncode == 0, released.stderr
    assert "provider fura added" in released.stdout

    with (
        running(shlex.split(commands["worker"]), variables, cwd=tmp_path) as worker,
        running(shlex.split(commands["web"]), variables, cwd=tmp_path) as web,
    ):
        read_until("worker_started", worker.stdout)
        read_until("Booting worker", web.stdout)
        # The socket is open by now: a request waits in it until the application is loaded.
        health = httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=60, trust_env=False)
        web.send_signal(signal.SIGTERM)
        worker.send_signal(signal.SIGTERM)

        assert health.status_code == 200
        assert web.wait(STOP_SECONDS) == 0
        assert worker.wait(STOP_SECONDS) == 0
