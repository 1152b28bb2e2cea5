"""Databases with the sample clinic in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scheduling import directory
from scheduling.database import Database
from tests.scheduling.racers import Racers, running_racers
from tests.scheduling.sample import DEFINITION

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with the sample clinic; the test runs on SQLite and PostgreSQL."""
    database = Database(database_url, budget_seconds=30)
    database.write(lambda session: directory.load_clinic(session, DEFINITION))
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def racers() -> Iterator[Racers]:
    """Eight processes for every race; tests that use them are in the xdist group "races"."""
    with running_racers() as racers:
        yield racers
