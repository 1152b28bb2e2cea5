"""Whether what is stored stays stored: the database's own safety, its place, and room for more."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

LEAST_ROOM = 500 * 1024**2
"""Bytes [a judgement]: months of a busy line."""

LEAST_SHARE = 0.05
"""Of the disk: what else fills it would fill the rest soon."""

_FULL = 2
"""PRAGMA synchronous: each commit waits for the disk."""

MOUNTS = Path("/proc/mounts")

_FLEETING = {
    "tmpfs": "in memory, and is lost when the machine restarts",
    "ramfs": "in memory, and is lost when the machine restarts",
    "overlay": "on a container's own layer, and is lost with the container",
    "aufs": "on a container's own layer, and is lost with the container",
    "nfs": "on a network share, whose locks SQLite cannot trust",
    "nfs4": "on a network share, whose locks SQLite cannot trust",
    "cifs": "on a network share, whose locks SQLite cannot trust",
    "smb3": "on a network share, whose locks SQLite cannot trust",
    "fuse.sshfs": "on a network share, whose locks SQLite cannot trust",
}
"""Kinds of file systems where a SQLite file has no place."""

_MUST_BE_ON = ("fsync", "full_page_writes", "synchronous_commit")
"""PostgreSQL's settings. Any value but "off" waits for this server's own disk."""


def commits_are_durable(session: Session) -> Iterator[str]:
    """What was answered to a caller is on the disk by then."""
    if session.get_bind().dialect.name == "sqlite":
        mode = session.scalar(text("PRAGMA journal_mode"))
        if mode != "wal":
            yield (
                f"The SQLite file is in journal mode {mode} in place of wal, so readers and "
                "writers keep each other waiting: put it on a local disk, with a plain "
                "sqlite:///FILE as DATABASE_URL."
            )
        if session.scalar(text("PRAGMA synchronous")) != _FULL:
            yield "Commits to the SQLite file do not wait for the disk: report this."
        return
    for name in _MUST_BE_ON:
        if session.scalar(text(f"SHOW {name}")) == "off":  # a name of ours
            yield (
                f"PostgreSQL runs with {name} off, so what was answered to callers is lost when "
                f"its machine fails: set {name} = on."
            )


def file_is_in_a_lasting_place(file: Path, mounts: str) -> Iterator[str]:
    """mounts: what /proc/mounts says; empty where there is none. Pure."""
    if told := _FLEETING.get(_kind_of_place(file, mounts)):
        yield (
            f"The database {file} is {told}: put it on a disk that stays, or set DATABASE_URL to "
            "a PostgreSQL server."
        )


def disk_has_room(folder: Path) -> Iterator[str]:
    """For the database's next months."""
    usage = shutil.disk_usage(folder)
    if usage.free < max(LEAST_ROOM, 0) or usage.free < LEAST_SHARE * usage.total:
        yield (
            f"The disk below {folder} has {usage.free // 1024**2} MB left "
            f"({100 * usage.free // max(usage.total, 1)} %): free or add some, before bookings "
            "and tickets cannot be stored."
        )


def _kind_of_place(file: Path, mounts: str) -> str:
    kind, longest = "", -1
    for line in mounts.splitlines():
        _, point, fstype, *_ = line.split(" ")
        place = Path(point.replace("\\040", " "))
        if file.is_relative_to(place) and len(place.parts) >= longest:
            kind, longest = fstype, len(place.parts)
    return kind
