"""Where databases of tests are kept: in memory, where the machine has room for them there.

A database on PostgreSQL is 800 files to make and to delete, and every commit on SQLite waits for
the disk: on a disk that takes most of the time of a test. No test loses by it: what a killed
process has written stays in memory as it stays on a disk, and no ordinary test crashes a machine.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

MEMORY = Path("/dev/shm")  # Linux keeps it in memory; mkdtemp makes a folder of ours

ROOM_BYTES = 2 * 1024**3
"""Free there, for it to be used. Containers often have 64 MB, which one server's log fills."""


def scratch_folder(prefix: str) -> Path:
    """A new folder, in memory if there is room, else among the temporary files."""
    return Path(tempfile.mkdtemp(prefix=prefix, dir=_roomy_memory()))


@cache
def _roomy_memory() -> Path | None:
    if not os.access(MEMORY, os.W_OK | os.X_OK) or shutil.disk_usage(MEMORY).free < ROOM_BYTES:
        return None
    return MEMORY
