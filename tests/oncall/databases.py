"""Fixtures: one database for the tests of a module, emptied before each.

Making a PostgreSQL database costs half a second on a busy machine, emptying one 10 ms, and no
test here changes the schema.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ivr.migrations import models  # noqa: F401  # every table, so that each is emptied
from scheduling.database import Base, Database
from tests.conftest import DATABASES
from tests.oncall.clinic import load_clinic
from tests.provision.databases import TestRun, postgresql_database, sqlite_database


@pytest.fixture(scope="module", params=DATABASES)
def database_url(request: pytest.FixtureRequest, test_run: TestRun) -> Iterator[str]:
    """The URL of the module's migrated database, once on each kind."""
    if request.param == "sqlite":
        with sqlite_database(test_run) as url:
            yield url
    else:
        with postgresql_database(test_run) as url:
            yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """That database, with nothing in it but the demo clinic and its two on-call people."""
    opened = Database(database_url)
    with opened.engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
    load_clinic(opened)
    yield opened
    opened.dispose()
