"""Templates compiled once for all the applications that one test process makes.

Each test makes an application of its own, and Jinja compiled every page anew for each: a quarter
of the time of the desk's tests.
"""

from __future__ import annotations

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class _InThisProcess(BytecodeCache):
    """Keyed by the template's name and file; a changed source does not match and is compiled."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what an earlier application left."""
        if bucket.key in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Leave it to the next one."""
        self._compiled[bucket.key] = bucket.bytecode_to_string()


def share() -> None:
    """From now on, of every application."""
    Flask.jinja_options = {"bytecode_cache": _InThisProcess()}
