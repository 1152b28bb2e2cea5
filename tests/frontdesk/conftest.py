"""Fixtures of the front desk's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.frontdesk.browser import Desk, served
from tests.frontdesk.office import FURNISHED, Office
from tests.provision.databases import Template


@pytest.fixture(scope="session")
def database_template() -> Template:
    """Every test of the desk finds its two clinics and their staff."""
    return FURNISHED


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


@pytest.fixture
def desk(sqlite_office: Office, page: Page) -> Iterator[Desk]:
    """A Chromium in front of the desk."""
    with served(sqlite_office, page) as shown:
        yield shown


@pytest.fixture
def desk_on_any_database(office: Office, page: Page) -> Iterator[Desk]:
    """The same, on SQLite and on PostgreSQL."""
    with served(office, page) as shown:
        yield shown


_ON_SQLITE_IN_ORDINARY_RUNS = frozenset(
    f"test_{name}"
    for name in (
        *("accounts", "call_log", "closing_tickets", "feeds", "idle_lock", "login"),
        *("messages_on_the_board", "numbers", "recalls_page", "rota_changes_page", "rota_page"),
        *("second_factor", "settings_pages", "tasks_page", "waitlist_page", "week"),
    )
)
"""Files whose pages only show and pass on: what they call is tested on both databases below them,
and `pytest --soak tests/frontdesk` runs them on both. Twice, they take a tenth of `make test`."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the second database of those files, except in a soak."""
    if config.getoption("--soak"):
        return
    left_out = [
        item
        for item in items
        if item.path.parent.name == "frontdesk"
        and item.path.stem in _ON_SQLITE_IN_ORDINARY_RUNS
        and "postgresql" in item.name
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        gone = set(left_out)
        items[:] = [item for item in items if item not in gone]
