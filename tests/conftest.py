"""The machinery of the tests: databases, a browser, and sizes that `make soak` raises.

What a test may ask for:

- `database_url`: a migrated database of the test's own; the test runs on SQLite and PostgreSQL.
  A folder whose tests all begin with the same rows stores them once: see `database_template`.
- `sqlite_url`, `postgresql_url`: the same on one of them, where the other makes no sense.
- `empty_database_url`: not migrated yet; runs on both.
- `private_postgres`: a whole PostgreSQL server of the test's own, to freeze, kill and start.
- `page` and the other fixtures of pytest-playwright, on a Chromium from packages.
- `size(ordinary, full)`: how many of something, in `make test` and in `make soak`.
- `tally(name, count)`: a count that is printed at the end of `make soak`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import compiled_once, second_database
from tests.provision.chromium import ARGUMENTS, find_chromium
from tests.provision.databases import (
    MIGRATED,
    Template,
    TestRun,
    postgresql_database,
    sqlite_database,
)
from tests.provision.postgres import PostgresServer
from tests.provision.scratch import scratch_folder

RUN = pytest.StashKey[TestRun]()
DATABASES = ("sqlite", "postgresql")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what second_database.py leaves to a soak."""
    if config.getoption("--soak"):
        return
    if gone := second_database.left_out(items):
        config.hook.pytest_deselected(items=list(gone))
        items[:] = [item for item in items if item not in gone]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --soak, which `make soak` passes."""
    parser.addoption("--soak", action="store_true", help="storms and races at full size")


def pytest_configure(config: pytest.Config) -> None:
    """Give the run a folder that all its processes share; see also compiled_once.py."""
    compiled_once.share()
    from_controller = getattr(config, "workerinput", None)
    if from_controller is None:
        config.stash[RUN] = TestRun(scratch_folder("callnow-tests-"), os.getpid())
    else:
        config.stash[RUN] = TestRun(Path(from_controller["folder"]), from_controller["pid"])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell each pytest-xdist worker which run it belongs to."""
    run = node.config.stash[RUN]
    node.workerinput["folder"] = str(run.folder)
    node.workerinput["pid"] = run.pid


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing of the run behind."""
    if not hasattr(config, "workerinput") and RUN in config.stash:
        config.stash[RUN].end()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the tests counted."""
    counted = [
        (report.nodeid, name, value)
        for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
        for name, value in report.user_properties
        if report.when == "call"
    ]
    if counted and terminalreporter.config.getoption("--soak"):
        terminalreporter.section("counts")
        for test, name, value in counted:
            terminalreporter.line(f"{value:>12}  {name}  ({test})")


@pytest.fixture(scope="session")
def test_run(pytestconfig: pytest.Config) -> TestRun:
    """The run that this process is part of."""
    return pytestconfig.stash[RUN]


@pytest.fixture(scope="session")
def database_template() -> Template:
    """What is in those databases: nothing, unless the conftest.py of a folder says otherwise."""
    return MIGRATED


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database of the test's own, once on each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def sqlite_url(test_run: TestRun, database_template: Template) -> Iterator[str]:
    """The URL of a migrated SQLite file."""
    with sqlite_database(test_run, database_template) as url:
        yield url


@pytest.fixture
def postgresql_url(test_run: TestRun, database_template: Template) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database."""
    with postgresql_database(test_run, database_template) as url:
        yield url


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest, test_run: TestRun) -> Iterator[str]:
    """The URL of a database that no migration has seen, once on each kind."""
    if request.param == "sqlite":
        with sqlite_database(test_run, template=None) as url:
            yield url
    else:
        with postgresql_database(test_run, template=None) as url:
            yield url


@pytest.fixture
def private_postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL server that no other test uses, empty: to freeze, kill and start."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """How pytest-playwright starts the browser: a Chromium from packages, never a download."""
    chromium = find_chromium()
    return {
        **browser_type_launch_args,
        "executable_path": str(chromium.executable),
        "args": list(ARGUMENTS),
        "env": chromium.environment(),
    }


@pytest.fixture
def size(pytestconfig: pytest.Config) -> Callable[[int, int], int]:
    """Choose between a number for every day and the full one of `make soak`."""
    soak = bool(pytestconfig.getoption("--soak"))
    return lambda ordinary, full: full if soak else ordinary


@pytest.fixture
def tally(record_property: Callable[[str, object], None]) -> Callable[[str, float], None]:
    """Note a count, which `make soak` prints at its end."""
    return record_property
