"""`make run` in a copy of the project that nothing was ever installed in."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.provision.node import PROJECT
from tests.provision.ports import free_port

NOT_IN_A_CLONE = shutil.ignore_patterns(
    ".git", ".venv", "node_modules", "var", "vendor", "__pycache__", "*.egg-info", ".*_cache"
)
STOPPING_SECONDS = 30


@dataclass(frozen=True)
class Demonstration:
    """What `make run` printed."""

    phones: str
    desk: str
    login: str
    password: str
    backups_pin: str


def clean_copy(folder: Path) -> Path:
    """The project as a stranger would clone it."""
    return Path(shutil.copytree(PROJECT, folder / "call-now", ignore=NOT_IN_A_CLONE))


@contextmanager
def running(project: Path, database_url: str | None) -> Iterator[Demonstration]:
    """Type `make run` there, read the addresses, and press Ctrl-C at the end.

    Raises AssertionError where it does not start, or does not stop cleanly.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "CLINICS_DIR", "VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS")
    }
    environment |= {"PORT": str(free_port()), "PHONE_PORT": str(free_port())}
    if database_url is not None:
        environment["DATABASE_URL"] = database_url
    process = subprocess.Popen(
        ["make", "run"],
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        yield _what_it_prints(process.stdout)
    finally:
        # As the terminal does: Ctrl-C goes to everything in the foreground.
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise AssertionError(f"it did not stop within {STOPPING_SECONDS} s") from None
        finally:
            process.stdout.close()


def _what_it_prints(output: IO[str]) -> Demonstration:
    printed = ""
    for line in output:
        printed += line
        if "Ctrl-C" in line:
            break
    found = re.search(
        r"Phones\s+(?P<phones>\S+).*Front desk\s+(?P<desk>\S+)\s+log in as (?P<login>\S+) "
        r"with (?P<password>\S+).*Sam Lee on \S+: call the line, press 5, PIN (?P<backups_pin>\d+)",
        printed,
        re.DOTALL,
    )
    assert found is not None, f"make run printed no addresses:\n{printed}"
    return Demonstration(**found.groupdict())
