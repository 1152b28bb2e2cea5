"""The migrations lead from nothing to what the models say, on both databases."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from ivr.migrations import run
from scheduling import directory
from scheduling.database import Base, Database
from tests.scheduling.sample import DEFINITION, at, book_first_free, offered, starts_of


def tables(url: str) -> set[str]:
    """The names of the tables that a database has."""
    database = Database(url)
    try:
        return set(inspect(database.engine).get_table_names())
    finally:
        database.dispose()


def test_an_empty_database_comes_up_to_what_the_models_say(empty_database_url: str) -> None:
    assert run.current_revision(empty_database_url) is None
    run.migrate(empty_database_url)
    run.check(empty_database_url)
    assert run.current_revision(empty_database_url) == run.head_revision()
    assert tables(empty_database_url) == {*Base.metadata.tables, "alembic_version"}


def test_a_session_tells_its_databases_revision(database_url: str) -> None:
    database = Database(database_url)
    assert database.read(run.current_revision) == run.head_revision()
    database.dispose()


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    run.migrate(database_url)
    run.check(database_url)


def test_migrations_can_be_taken_back_and_made_again(database_url: str) -> None:
    run.downgrade(database_url, "base")
    assert tables(database_url) == {"alembic_version"}
    run.migrate(database_url)
    run.check(database_url)


def test_each_revision_keeps_what_is_stored(empty_database_url: str) -> None:
    run.migrate(empty_database_url, "0001")
    database = Database(empty_database_url)
    database.write(lambda session: directory.load_clinic(session, DEFINITION))
    visit = database.write(lambda session: book_first_free(session, after=at(0)))
    database.dispose()
    run.migrate(empty_database_url)
    database = Database(empty_database_url)
    left = database.read(lambda session: offered(session, after=at(0)))
    assert visit.starts_at == at(8)
    assert starts_of(left) == [at(9), at(10), at(11)]
    database.dispose()


def test_two_processes_may_migrate_at_once(empty_database_url: str) -> None:
    failures: list[BaseException] = []

    def migrate() -> None:
        try:
            run.migrate(empty_database_url)
        except BaseException as failure:  # noqa: BLE001  # whatever it is, the test shall show it
            failures.append(failure)

    threads = [threading.Thread(target=migrate) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    run.check(empty_database_url)


def test_a_failed_migration_leaves_the_database_as_it_was(empty_database_url: str) -> None:
    run.migrate(empty_database_url, "0001")
    before = tables(empty_database_url)
    database = Database(empty_database_url)
    with database.engine.begin() as connection:
        # In the way of a later revision, which has created other tables by then.
        Base.metadata.tables["staff_user"].create(connection)
    database.dispose()
    with pytest.raises(DBAPIError, match="staff_user"):
        run.migrate(empty_database_url)
    assert tables(empty_database_url) == before | {"staff_user"}
    assert run.current_revision(empty_database_url) == "0001"
