"""Templates and routes compiled once for all the applications that one test process makes.

Each test makes an application of its own, and all its pages and addresses were compiled anew for
each: a quarter of the time of the desk's tests, and half of what an application takes to make.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


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


Builder = Callable[..., tuple[str, str]]


def _builders(compile_builder: Callable[[Rule, bool], Builder]) -> Callable[..., Builder]:
    """Werkzeug's compiler of the function that builds an address, asked once for each route.

    The function takes the rule that it builds for as its first argument and keeps nothing of the
    one it was compiled for but what is in the key.
    """
    compiled: dict[Hashable, Builder] = {}

    def once(rule: Rule, append_unknown: bool = True) -> Builder:  # Werkzeug's
        # Not in Werkzeug's public interface: a version without it fails here, at the first route.
        internals: Any = rule
        key = (rule.rule, repr(rule.defaults), tuple(internals._trace), append_unknown)
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    return once


def share() -> None:
    """From now on, of every application."""
    Flask.jinja_options = {"bytecode_cache": _InThisProcess()}
    rules: Any = Rule
    rules._compile_builder = _builders(rules._compile_builder)
