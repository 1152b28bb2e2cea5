"""One number that changes when a list does, so that a live page fetches only what is new."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

_BYTES = 6
"""48 bits: exact in JavaScript, whose numbers are exact to 53."""


def change_marker(rows: Iterable[object]) -> int:
    """A number that differs when `rows` differ in any value or in order.

    Computed from the rows themselves rather than counted: a counter would make every change of a
    clinic wait for the one before to commit.
    """
    digest = blake2b(digest_size=_BYTES)
    for row in rows:
        digest.update(repr(row).encode())
        digest.update(b"\n")
    return int.from_bytes(digest.digest(), "big")
