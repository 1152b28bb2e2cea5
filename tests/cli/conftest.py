"""Fixtures of the command line's tests."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner, Result

from ivr.cli import main
from tests.cli.connected import Connected, connected_to, line_over_http
from tests.settings.environment import complete_environment
from tests.settings.logging_state import logging_state_is_restored

__all__ = ["logging_state_is_restored"]

Callnow = Callable[..., Result]
"""Runs `callnow` with these arguments; `given` is typed at it, `changes` are to its environment."""

Ask = Callable[..., Result]
"""Runs `callnow doctor` with these changes to its environment."""


@pytest.fixture
def callnow(logging_state_is_restored: None) -> Callnow:
    """`callnow` in a complete environment, within this process."""

    def run(*arguments: str, given: str = "", **changes: str | None) -> Result:
        # The runner adds to this process's own environment: what is not given must be unset.
        unset = dict.fromkeys(("CLINICS_DIR", "PORT", "TWILIO_API_BASE_URL"))
        changed = {name: None for name, value in changes.items() if value is None}
        environment = {**unset, **complete_environment(**changes), **changed}
        return CliRunner().invoke(main, list(arguments), input=given, env=environment)

    return run


@pytest.fixture(scope="session")
def line_base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a line that answers as PUBLIC_BASE_URL should."""
    with line_over_http(tmp_path_factory.mktemp("line")) as base:
        yield base


@pytest.fixture
def connected(line_base: str) -> Iterator[Connected]:
    """That line, and a phone company whose number leads to it."""
    with connected_to(line_base) as there:
        yield there


@pytest.fixture
def ask(callnow: Callnow, connected: Connected) -> Ask:
    """`callnow doctor` where all is well outside, with these changes to its environment."""

    def run(**changes: str | None) -> Result:
        return callnow("doctor", **{**connected.environment, **changes})

    return run


@pytest.fixture
def signal_handlers_are_restored() -> Iterator[None]:
    """A demonstration started within this process takes over what Ctrl-C does."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
