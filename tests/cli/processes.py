"""`callnow` as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

PROJECT = Path(__file__).parents[2]

STOP_SECONDS = 30
"""How long a process may take to stop before the test fails."""

_OURS = ("DATABASE_URL", "PUBLIC_BASE_URL", "TWILIO_", "SECRET_KEY", "CLINICS_DIR", "PORT", "PHONE")


def environment_with(variables: Mapping[str, str]) -> dict[str, str]:
    """This process's environment, of the product's variables only `variables`, and the
    product's own commands on its PATH."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**others, "PATH": path, **variables}


@contextmanager
def running(
    arguments: list[str], variables: Mapping[str, str], *, cwd: Path = PROJECT
) -> Iterator[subprocess.Popen[str]]:
    """A process whose output, errors included, can be read; killed at the end if it still runs."""
    with subprocess.Popen(
        arguments,
        cwd=cwd,
        env=environment_with(variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def read_until(words: str, output: IO[str] | None) -> str:
    """What is written up to the line with these words in it. Raises AssertionError at the end."""
    assert output is not None
    read = ""
    for line in output:
        read += line
        if words in line:
            return read
    raise AssertionError(f"it ended without saying {words!r}:\n{read}")
