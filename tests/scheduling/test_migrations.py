"""The migrations lead from nothing to what the models say, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, inspect
from sqlalchemy.exc import DBAPIError

from ivr.migrations import run
from scheduling import booking
from scheduling.database import Base, Database
from tests.scheduling import stored_rows
from tests.scheduling.sample import request


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


def test_every_revision_keeps_all_that_was_stored_in_the_one_before(
    empty_database_url: str,
) -> None:
    """So a database of any of them comes up with its data: what one keeps, the next one keeps."""
    revisions = run.revisions()
    run.migrate(empty_database_url, revisions[0])
    for following in revisions[1:]:
        database = Database(empty_database_url)
        stored_rows.clear(database.engine)
        stored_rows.fill(database.engine)
        before = stored_rows.contents(database.engine)
        database.dispose()
        run.migrate(empty_database_url, following)
        assert_kept(empty_database_url, before, following)
    run.check(empty_database_url)


def test_the_first_revision_keeps_all_that_is_stored_on_the_whole_way(
    empty_database_url: str,
) -> None:
    run.migrate(empty_database_url, run.revisions()[0])
    database = Database(empty_database_url)
    stored_rows.fill(database.engine)
    before = stored_rows.contents(database.engine)
    database.dispose()
    run.migrate(empty_database_url)
    assert_kept(empty_database_url, before, "head")
    run.check(empty_database_url)


def assert_kept(url: str, before: Mapping[str, list[dict[str, Any]]], revision: str) -> None:
    database = Database(url)
    after = stored_rows.contents(database.engine)
    database.dispose()
    for table, rows in before.items():
        assert len(rows) == len(after[table]) == 1
        assert rows[0].items() <= after[table][0].items(), f"{table} at {revision}"


def test_a_booking_of_an_earlier_revision_is_still_the_answer_to_its_request(
    empty_database_url: str,
) -> None:
    run.migrate(empty_database_url, "0005")
    database = Database(empty_database_url)
    stored_rows.fill(database.engine)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE visit_event SET kind = 'booked'")
    run.migrate(empty_database_url)

    again = database.write(
        lambda session: booking.book_hold(
            session,
            clinic_id="demo",
            hold_id=stored_rows.ONLY_ID,
            patient_id=stored_rows.ONLY_ID,
            callback_number=None,
            request=request("x"),
        )
    )
    database.dispose()
    assert again.id == stored_rows.ONLY_ID


def test_every_check_of_the_models_is_in_the_migrated_database(database_url: str) -> None:
    """SQLite rebuilds a table to change it, and what is not carried over is lost without a word."""
    database = Database(database_url)
    inspector = inspect(database.engine)
    for table in Base.metadata.tables.values():
        declared = {one.name for one in table.constraints if isinstance(one, CheckConstraint)}
        stored = {one["name"] for one in inspector.get_check_constraints(table.name)}
        assert stored == declared, table.name
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
