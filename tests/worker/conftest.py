"""Fixtures of these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clock import MONDAY_NIGHT, ManualClock
from tests.oncall.databases import database, database_url
from tests.worker.network import Network, open_network

__all__ = ["database", "database_url"]


@pytest.fixture
def network() -> Iterator[Network]:
    """A phone company on a port of its own."""
    with open_network() as opened:
        yield opened


@pytest.fixture
def clock() -> ManualClock:
    """A minute after the ticket was opened: its pages are due."""
    clock = ManualClock(MONDAY_NIGHT)
    clock.advance(minutes=1)
    return clock
