"""A migrated database without any clinic in it, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scheduling.database import Database


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url, budget_seconds=None)
    yield opened
    opened.dispose()
