"""Fixtures of the front desk's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.frontdesk.office import Office


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    """Two clinics and their desks, on SQLite and on PostgreSQL."""
    opened = Office.open(database_url)
    yield opened
    opened.database.dispose()


@pytest.fixture
def sqlite_office(sqlite_url: str) -> Iterator[Office]:
    """The same on SQLite alone, where the database makes no difference."""
    opened = Office.open(sqlite_url)
    yield opened
    opened.database.dispose()
