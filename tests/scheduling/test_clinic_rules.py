"""A process keeps a clinic's rules, and a change of them by anybody is seen by the next look."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, text

from scheduling import directory
from scheduling.clinic_rules import clinic_rules
from scheduling.database import Database
from scheduling.errors import UnknownVisitType
from tests.scheduling import stored_rows
from tests.scheduling.sample import CLINIC, DEFINITION, NOW, at, offered, starts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

# Table -> a change of its only row that breaks no constraint.
CHANGES = {
    "clinic": "name = 'Another'",
    "closure": "reason = 'Another'",
    "extra_session": "ends_at = ends_at",
    "provider": "name = 'Doctor Another'",
    "room": "name = 'Another'",
    "visit_type": "notice_minutes = 61",
    "visit_type_provider": "visit_type_id = visit_type_id",
    "visit_type_room": "visit_type_id = visit_type_id",
    "weekly_hours": "weekday = 6",
}
NAMED_BY_NOBODY = ("closure", "extra_session", "visit_type_provider", "visit_type_room")


@pytest.fixture
def clinic(database: Database) -> Database:
    """The sample clinic, its rules known to this process."""
    database.write(lambda session: directory.load_clinic(session, DEFINITION))
    database.read(offered)
    return database


@pytest.fixture
def filled(database_url: str) -> Iterator[Database]:
    """One row in every table."""
    database = Database(database_url, budget_seconds=30)
    stored_rows.fill(database.engine)
    yield database
    database.dispose()


def mark(database: Database) -> object:
    return database.read(
        lambda session: session.execute(text("SELECT mark FROM rules_mark")).scalar_one()
    )


def run(session: Session, statement: str) -> None:
    session.execute(text(statement))


def statements_of(database: Database) -> list[str]:
    statements: list[str] = []
    event.listen(
        database.engine, "before_cursor_execute", lambda *given: statements.append(given[2])
    )
    return statements


def test_a_second_search_reads_the_mark_and_what_is_occupied(clinic: Database) -> None:
    statements = statements_of(clinic)
    clinic.read(offered)
    read = [one for one in statements if one.lstrip().startswith("SELECT")]
    assert ["rules_mark" in read[0], *("occupancy" in one for one in read[1:])] == [True, True]


@pytest.mark.parametrize("table", CHANGES)
def test_every_change_of_a_table_of_rules_gives_another_mark(filled: Database, table: str) -> None:
    before = mark(filled)
    filled.write(partial(run, statement=f"UPDATE {table} SET {CHANGES[table]}"))  # noqa: S608  # names of this file
    changed = mark(filled)
    assert changed != before
    if table in NAMED_BY_NOBODY:
        filled.write(partial(run, statement=f"DELETE FROM {table}"))  # noqa: S608  # the same
        assert mark(filled) not in (before, changed)


def test_a_closure_entered_past_all_of_our_code_is_seen_at_once(clinic: Database) -> None:
    assert starts_of(clinic.read(offered))[0] == NOW
    clinic.write(
        lambda session: session.execute(
            text(
                "INSERT INTO closure (clinic_id, id, starts_at, ends_at, reason) "
                "VALUES (:clinic, :id, :begin, :end, 'Storm')"
            ),
            {
                "clinic": CLINIC,
                "id": stored_rows.ONLY_ID.hex,
                "begin": "2026-11-30 06:00:00.000000",
                "end": "2026-12-01 06:00:00.000000",
            },
        )
    )
    assert starts_of(clinic.read(offered))[0] == at(8)


def test_a_change_is_seen_by_a_process_that_did_not_make_it(
    clinic: Database, database_url: str
) -> None:
    another = Database(database_url)
    another.write(partial(run, statement="UPDATE visit_type SET duration_minutes = 120"))
    another.dispose()
    first = clinic.read(offered)[0]
    assert first.ends_at - first.starts_at == timedelta(hours=2)


def test_a_visit_type_that_is_no_longer_offered_is_refused_at_once(clinic: Database) -> None:
    clinic.write(partial(run, statement="UPDATE visit_type SET active = false"))
    with pytest.raises(UnknownVisitType, match="use a key of its definition"):
        clinic.read(offered)


def test_what_was_rolled_back_is_forgotten(clinic: Database) -> None:
    class ChangedTheirMind(Exception):
        pass

    def shut_and_think_again(session: Session) -> None:
        run(session, "DELETE FROM weekly_hours")
        assert offered(session) == []
        raise ChangedTheirMind

    with pytest.raises(ChangedTheirMind):
        clinic.write(shut_and_think_again)
    assert starts_of(clinic.read(offered))[0] == NOW


def test_rules_of_one_database_are_not_those_of_another(
    clinic: Database, database_url: str
) -> None:
    another = Database(database_url)
    theirs = another.read(partial(clinic_rules, clinic_id=CLINIC))
    assert theirs is not clinic.read(partial(clinic_rules, clinic_id=CLINIC))
    assert theirs is another.read(partial(clinic_rules, clinic_id=CLINIC))
    another.dispose()
