"""How gunicorn serves the web process: a gunicorn configuration, `-c python:ivr.gunicorn`.

`callnow web` and the benchmarks start gunicorn with it, so that what is measured is what runs.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from typing import Any, NoReturn

from gunicorn.glogging import Logger

from ivr.logs import configure_logging

APP = "ivr.app:create_app_from_environment()"
"""What gunicorn loads, once in each worker process."""


class GunicornLogger(Logger):
    """Sends gunicorn's own messages through our logs."""

    def setup(self, cfg: Any) -> None:
        """Called by gunicorn in each of its processes, and again when it is reloaded."""
        super().setup(cfg)
        configure_logging()
        for logger in (self.error_log, self.access_log):
            logger.handlers.clear()
            logger.propagate = True
        # Called directly, the standard logger notes the place in gunicorn that had something to
        # say; through this class's own methods it would note the method.
        for level in ("critical", "error", "warning", "info", "debug", "exception"):
            setattr(self, level, getattr(self.error_log, level))


# Two processes so that one may die; threads because a turn waits for the database, not for us.
worker_class = "gthread"
workers = 2
threads = 8

# A worker silent for this long is replaced. No request of ours comes near: see database budgets.
timeout = 30
graceful_timeout = 30
keepalive = 5

# Leaks are mended, not recycled: a restart in the middle of an urgent call helps nobody.
max_requests = 0

logger_class = GunicornLogger
# A request's address may hold what somebody searched for: turns are logged by the line itself.
accesslog = None

# Nobody uses it, and two services of one user would contend for the same socket file.
control_socket_disable = True


_METRICS = "PROMETHEUS_MULTIPROC_DIR"
"""Read by prometheus-client when a process first imports it, which here is after the fork."""


_own_folders: list[str] = []


def on_starting(_server: Any) -> None:
    """Called by gunicorn once, before there is any process that serves: they count together.

    A folder that the environment names is shared with other services of this machine, and stays.
    """
    if _METRICS not in os.environ:
        _own_folders.append(tempfile.mkdtemp(prefix="callnow-metrics-"))
        os.environ[_METRICS] = _own_folders[0]


def on_exit(_server: Any) -> None:
    """Called by gunicorn last of all."""
    for folder in _own_folders:
        shutil.rmtree(folder, ignore_errors=True)


def command(host: str, port: int, app: str = APP) -> list[str]:
    """The command line that serves `app` on host:port, with this Python."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        f"python:{__name__}",
        "-b",
        f"{host}:{port}",
        app,
    ]


def serve(host: str, port: int) -> NoReturn:
    """Become gunicorn: this process is replaced, so that signals reach gunicorn itself."""
    arguments = command(host, port)
    os.execv(arguments[0], arguments)  # noqa: S606  # no shell: the arguments are ours
