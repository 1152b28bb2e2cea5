"""Fixtures of the tests of settings and logs."""

from __future__ import annotations

import io

import pytest

from ivr.logs import configure_logging
from tests.settings.logging_state import logging_state_is_restored

__all__ = ["logging_state_is_restored"]


@pytest.fixture
def log(logging_state_is_restored: None) -> io.StringIO:
    """Where this process logs to, set up as production sets it up."""
    stream = io.StringIO()
    configure_logging(stream)
    return stream
