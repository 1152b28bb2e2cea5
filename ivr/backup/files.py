"""Files that are there whole or not at all, and that only their owner may read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ivr.backup import BackupError


@contextmanager
def whole_or_not_at_all(target: Path) -> Iterator[Path]:
    """A file beside `target` to be written to, which takes its name, safely stored, at the end.

    Raises BackupError where `target` is there already or its folder cannot be written to.
    """
    if target.exists():
        raise BackupError(f"{target} is there already: name another file, or move it away first.")
    draft = target.with_name(f".{target.name}.draft")
    try:
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise BackupError(
            f"{target.parent} cannot be written to ({error.strerror}): make the folder, or name "
            "another."
        ) from None
    try:
        yield draft
        _store_safely(draft)
        draft.rename(target)
        _store_safely(target.parent)
    finally:
        draft.unlink(missing_ok=True)


def newest_of(folder: Path, pattern: str, keep: int) -> list[Path]:
    """Delete all but the newest `keep` files of that pattern, by name; return what was deleted."""
    found = sorted(path for path in folder.glob(pattern) if path.is_file())
    gone = found[: max(len(found) - keep, 0)]
    for path in gone:
        path.unlink()
    return gone


def _store_safely(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
