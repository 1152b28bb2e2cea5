"""The processes of a storm: a web server with two of them, workers, and who kills them."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event

import httpx
import psutil

WEB_PROCESSES = 2
WITHIN = 60
"""Seconds in which a process must have come up or gone."""


class Processes:
    """Started on entering, ended on leaving; a killed worker is started again at once."""

    def __init__(
        self, environment: Mapping[str, str], folder: Path, port: int, workers: int
    ) -> None:
        self._environment = dict(environment)
        self._folder = folder
        self._port = port
        self._wanted = workers
        self._workers: list[subprocess.Popen[bytes]] = []
        self._web: subprocess.Popen[bytes] | None = None
        self.killed = {"web": 0, "worker": 0}

    def __enter__(self) -> Processes:
        gunicorn = shutil.which("gunicorn", path=str(Path(sys.executable).parent)) or "gunicorn"
        self._web = self._start(
            "web",
            gunicorn,
            "--config",
            "python:ivr.gunicorn",
            "--workers",
            str(WEB_PROCESSES),
            "--bind",
            f"127.0.0.1:{self._port}",
            "tests.storm.web:app()",
        )
        self._workers = [self._start_worker() for _ in range(self._wanted)]
        for _ in range(WITHIN * 10):
            if self._is_ready():
                return self
            Event().wait(0.1)
        raise RuntimeError("the product did not become ready")

    def __exit__(self, *_: object) -> None:
        for process in (*self._workers, self._web):
            if process is not None:
                process.terminate()
        for process in (*self._workers, self._web):
            if process is not None:
                process.wait(WITHIN)

    def _is_ready(self) -> bool:
        try:
            answer = httpx.get(f"http://127.0.0.1:{self._port}/readyz", trust_env=False)
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK

    def kill_one(self, draw: random.Random) -> None:
        """SIGKILL a web process or a worker, in the middle of whatever it does."""
        kill: Callable[[random.Random], None] = draw.choice([self._kill_web, self._kill_worker])
        kill(draw)

    def _kill_web(self, draw: random.Random) -> None:
        assert self._web is not None
        serving = psutil.Process(self._web.pid).children()
        if len(serving) < WEB_PROCESSES:
            # Its successor is on its way; one of them always serves, as behind any balancer.
            return
        draw.choice(serving).send_signal(signal.SIGKILL)
        self.killed["web"] += 1

    def _kill_worker(self, draw: random.Random) -> None:
        place = draw.randrange(len(self._workers))
        self._workers[place].kill()
        self._workers[place].wait(WITHIN)
        self._workers[place] = self._start_worker()
        self.killed["worker"] += 1

    def _start_worker(self) -> subprocess.Popen[bytes]:
        return self._start("worker", sys.executable, "-m", "tests.storm.worker")

    def _start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        with (self._folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)
