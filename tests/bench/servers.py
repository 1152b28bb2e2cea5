"""Servers to measure: the product, or a baseline, behind the same gunicorn settings."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from tests.product import ACCOUNT, TOKEN
from tests.provision.ports import free_port

BASE = "http://127.0.0.1:8000"
"""What everything is signed for; requests go to whatever port the server has."""

OURS = "ivr.app:create_app_from_environment()"
BARE = "tests.bench.baselines:bare()"


def call_sid() -> str:
    """A new call's."""
    return "CA" + secrets.token_hex(16)


@contextmanager
def serving(target: str, database_url: str, folder: Path) -> Iterator[int]:
    """The port on which `target` answers."""
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
