"""Fixtures of these tests."""

from __future__ import annotations

from tests.oncall.databases import database, database_url

__all__ = ["database", "database_url"]
