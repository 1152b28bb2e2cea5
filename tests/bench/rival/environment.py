"""Installs the rival into an environment of its own, and runs its side of a benchmark there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from tests.provision.node import PROJECT

RIVAL = "django-appointment==3.12.0"
DJANGO = "django==5.2.19"


class RivalUnavailable(RuntimeError):
    """The rival could not be installed; the message says why."""


class RivalEnvironment:
    """A virtual environment with the rival in it. Nothing of ours is installed there."""

    def __init__(self, folder: Path) -> None:
        """Install it into `folder`, which does not exist yet. Raises RivalUnavailable."""
        self._python = folder / "bin" / "python"
        packages = [RIVAL, DJANGO, f"psycopg[binary]=={version('psycopg')}"]
        _run([sys.executable, "-m", "venv", "--without-pip", folder])
        try:
            uv = Path(sys.executable).with_name("uv")
            _run([uv, "pip", "install", "--quiet", "--python", self._python, *packages])
        except RivalUnavailable:
            # pip may get through where uv does not, for example behind a mirror that it knows of.
            pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python"]
            _run([*pip, self._python, "install", "--quiet", *packages])

    def run(self, part: str, database_url: str, asked: dict[str, Any]) -> Any:
        """What tests.bench.rival.PART answers to `asked`, on a new database."""
        done = subprocess.run(
            [self._python, "-m", f"tests.bench.rival.{part}"],
            cwd=PROJECT,
            env={**os.environ, "DATABASE": json.dumps(_for_django(database_url))},
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(
                f"the rival's {part} ended with {done.returncode}: {done.stderr[-3000:]}"
            )
        return json.loads(done.stdout)


def _run(command: Sequence[str | Path]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise RivalUnavailable(f"{command[0]} could not be run: {error}") from error
    if done.returncode != 0:
        raise RivalUnavailable(done.stderr.strip()[-500:] or f"{command[0]} failed")


def _for_django(database_url: str) -> dict[str, Any]:
    """Django's description of a database, set up so that it waits for the disk and for others."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": url.database,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
            },
        }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.database,
        "USER": url.username,
        "HOST": url.host,
        "PORT": url.port,
    }
