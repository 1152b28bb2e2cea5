"""What a test run installs for itself is really there, and goes away again."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest
from playwright.sync_api import Page
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

from ivr.migrations.run import current_revision, head_revision
from tests.provision.databases import TestRun
from tests.provision.node import NodeUnavailable, find_node
from tests.provision.npm_lock import LOCK, without_addresses
from tests.provision.postgres import PostgresServer
from tests.provision.shared_postgres import shared_server_url, stop_shared_server


def test_a_test_gets_a_database_at_the_newest_revision(database_url: str) -> None:
    assert current_revision(_with_driver(database_url)) == head_revision()


def test_the_two_databases_have_the_same_tables(sqlite_url: str, postgresql_url: str) -> None:
    assert _tables(sqlite_url) == _tables(postgresql_url) != []


@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_stores_is_gone_in_the_next(database_url: str, turn: int) -> None:
    engine = create_engine(_with_driver(database_url))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE left_behind (turn INTEGER)"))
    engine.dispose()


def test_an_empty_database_has_no_tables(empty_database_url: str) -> None:
    assert _tables(empty_database_url) == []


def test_sqlite_databases_of_tests_keep_a_write_ahead_log(sqlite_url: str) -> None:
    engine = create_engine(sqlite_url)
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
    engine.dispose()


def test_a_frozen_server_answers_nobody_until_it_is_thawed(
    private_postgres: PostgresServer,
) -> None:
    private_postgres.freeze()
    with pytest.raises(psycopg.OperationalError, match="timeout"):
        psycopg.connect(private_postgres.url(), connect_timeout=2)
    private_postgres.thaw()
    assert _answers(private_postgres.url())


def test_a_killed_server_starts_again_with_its_data(private_postgres: PostgresServer) -> None:
    with psycopg.connect(private_postgres.url()) as connection:
        connection.execute("CREATE TABLE kept (id INTEGER)")
    private_postgres.kill()
    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(private_postgres.url())
    private_postgres.start()
    with psycopg.connect(private_postgres.url()) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_a_durable_server_waits_for_the_disk() -> None:
    with (
        PostgresServer(durable=True) as server,
        psycopg.connect(server.url()) as connection,
    ):
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_the_shared_server_is_started_once_and_ends_with_its_run(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, text=True
    ) as some_run:
        url = shared_server_url(tmp_path, some_run.pid)
        assert shared_server_url(tmp_path, some_run.pid) == url
        assert _answers(url)
        guardian = psutil.Process(int((tmp_path / "postgres-pid").read_text()))
        some_run.communicate("\n")
    guardian.wait(timeout=20)
    assert not _answers(url)
    assert not tmp_path.exists()


def test_the_shared_server_is_gone_once_it_was_told_to_stop(tmp_path: Path) -> None:
    run = TestRun(tmp_path, psutil.Process().pid)
    url = shared_server_url(run.folder, run.pid)
    stop_shared_server(run.folder)
    assert not _answers(url)


def test_a_bare_machine_is_told_how_to_get_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    with pytest.raises(NodeUnavailable, match="make setup"):
        find_node.__wrapped__()


def test_the_lock_of_the_front_end_holds_hashes_and_no_address() -> None:
    lock = LOCK.read_text(encoding="utf-8")
    assert "sha512-" in lock
    assert "://" not in lock
    asks = '{"packages": {"a": {"version": "1", "funding": {"url": "https://pay.example"}}}}'
    assert "://" not in without_addresses(asks)


def test_a_browser_shows_a_page(page: Page) -> None:
    page.set_content("<h1>Call Now</h1><button onclick='this.textContent=2+2'>?</button>")
    page.get_by_role("button").click()
    assert page.get_by_role("button").inner_text() == "4"


def test_counts_are_chosen_by_the_size_of_the_run(
    size: Callable[[int, int], int], pytestconfig: pytest.Config
) -> None:
    assert size(3, 300) == (300 if pytestconfig.getoption("--soak") else 3)


def _with_driver(url: str) -> str:
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.render_as_string(hide_password=False)


def _tables(url: str) -> list[str]:
    engine = create_engine(_with_driver(url))
    try:
        return sorted(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
