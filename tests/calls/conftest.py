from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.calls.town import WITH_CLINIC, Town, open_town
from tests.clock import MONDAY_NIGHT
from tests.provision.databases import Template


@pytest.fixture(scope="session")
def database_template() -> Template:
    """Every call finds the clinic there."""
    return WITH_CLINIC


@pytest.fixture
def town(database_url: str) -> Iterator[Town]:
    """The product and a phone company of its own, on SQLite and on PostgreSQL."""
    with open_town(database_url) as town:
        yield town


@pytest.fixture
def town_at_night(sqlite_url: str) -> Iterator[Town]:
    """The same at 2:40 at night, on SQLite, with a worker that has just shown that it lives."""
    with open_town(sqlite_url) as town:
        town.product.clock.now = MONDAY_NIGHT
        town.let_the_worker_work()
        yield town
