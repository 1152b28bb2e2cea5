"""One throwaway PostgreSQL server for all the processes of a test run.

A guardian process of its own keeps the server: it outlives the worker that first needed it, and
stops the server when the run ends, also when the run is killed and can no longer ask for it.

    python -m tests.provision.shared_postgres FOLDER PID_OF_THE_RUN
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

import psutil

from tests.provision.node import PROJECT
from tests.provision.postgres import PostgresServer, PostgresUnavailable


def shared_server_url(folder: Path, run: int) -> str:
    """The URL of the run's server; whoever asks first has it started.

    folder: the run's own folder. run: process id of the run; the server ends with it.
    Call it under the run's lock. Raises PostgresUnavailable.
    """
    known = folder / "postgres-url"
    if known.exists():
        return known.read_text()
    with (folder / "postgres-guardian.log").open("ab") as log:
        guardian = subprocess.Popen(
            [sys.executable, "-m", "tests.provision.shared_postgres", str(folder), str(run)],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    assert guardian.stdout is not None
    with guardian.stdout as answers:
        answer = answers.readline().strip()
    # Nobody waits for it here: the run, which may not be its parent, does so in stop_shared_server.
    guardian.returncode = 0
    if not answer.startswith("postgresql:"):
        log_text = (folder / "postgres-guardian.log").read_text(errors="replace")
        raise PostgresUnavailable(answer or f"The guardian of the test server died: {log_text}")
    (folder / "postgres-pid").write_text(str(guardian.pid))
    known.write_text(answer)
    return answer


def stop_shared_server(folder: Path) -> None:
    """Stop the run's server, if one was started, and wait until it is gone."""
    pid = folder / "postgres-pid"
    if not pid.exists():
        return
    try:
        os.kill(int(pid.read_text()), signal.SIGTERM)
    except ProcessLookupError:
        return
    with (folder / "postgres-guarded").open("w") as guarded:
        fcntl.flock(guarded, fcntl.LOCK_EX)


def _guard(folder: Path, run: int) -> None:
    def leave(_number: int, _frame: FrameType | None) -> NoReturn:
        sys.exit(0)

    signal.signal(signal.SIGTERM, leave)
    with (folder / "postgres-guarded").open("w") as guarded:
        fcntl.flock(guarded, fcntl.LOCK_EX)
        try:
            with PostgresServer() as server:
                sys.stdout.write(f"{server.url()}\n")
                sys.stdout.flush()
                while psutil.pid_exists(run) and not server.wait(1.0):
                    pass
        except PostgresUnavailable as reason:
            sys.stdout.write(f"{reason}\n")
    if not psutil.pid_exists(run):
        # Killed: it can no longer tidy up after itself.
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _guard(Path(sys.argv[1]), int(sys.argv[2]))
