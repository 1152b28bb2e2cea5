"""Fixtures of these tests."""

from __future__ import annotations

from tests.cli.conftest import callnow, logging_state_is_restored

__all__ = ["callnow", "logging_state_is_restored"]
