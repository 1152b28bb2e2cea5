"""The processes of a demonstration: started together, watched, and stopped together."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ivr.demo.folder import DemoError

_LAST_LINES = 15


@dataclass(frozen=True)
class Child:
    """A process and the file that its output goes to."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path


class Children:
    """All of them. Use it as a context: none of them outlives the block.

    stop_seconds: how long they have to finish what they do before they are killed.
    """

    def __init__(self, stop_seconds: float = 10.0) -> None:
        self._stop_seconds = stop_seconds
        self._all: list[Child] = []

    def __enter__(self) -> Children:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(
        self, name: str, arguments: Sequence[str], environ: Mapping[str, str], log: Path
    ) -> None:
        """Start one, in a process group of its own: Ctrl-C reaches the parent alone, which then
        stops its children in good order."""
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603  # no shell: the arguments are ours
                arguments,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._all.append(Child(name, process, log))

    def require_all_alive(self) -> None:
        """Raises DemoError, with the end of its log, when one of them has stopped."""
        for child in self._all:
            code = child.process.poll()
            if code is not None:
                raise DemoError(
                    f"The {child.name} process stopped by itself (exit code {code}), so all are "
                    f"stopped. The end of {child.log}:\n{_end_of(child.log)}"
                )

    def stop(self) -> None:
        """Ask all of them to stop, the last started first, and kill whichever will not."""
        for child in reversed(self._all):
            if child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + self._stop_seconds
        for child in self._all:
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()
        self._all.clear()


def _end_of(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(f"  {line}" for line in lines[-_LAST_LINES:]) or "  (it is empty)"
