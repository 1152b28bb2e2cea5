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
