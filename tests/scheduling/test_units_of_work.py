"""A unit of work is stored whole or not at all, and retried whole where the database asks."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, StatementError

from scheduling import directory
from scheduling.database import Database, DatabaseUnavailable, LostRace
from scheduling.engines import ATTEMPTS, database_url
from scheduling.tables import AgendaChange, Clinic, Closure, Patient
from tests.scheduling.sample import CLINIC, DEFINITION, at, patient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session


@pytest.fixture
def on_postgresql(postgresql_url: str) -> Iterator[Database]:
    """The sample clinic on PostgreSQL, for what SQLite does not know."""
    database = Database(postgresql_url, budget_seconds=30)
    database.write(lambda session: directory.load_clinic(session, DEFINITION))
    yield database
    database.dispose()


@pytest.fixture
def hurried_on_sqlite(sqlite_url: str) -> Iterator[Database]:
    """The sample clinic on SQLite, with a third of a second for a unit."""
    database = Database(sqlite_url, budget_seconds=0.3)
    database.write(lambda session: directory.load_clinic(session, DEFINITION))
    yield database
    database.dispose()


def patients(database: Database) -> int | None:
    """How many are stored."""
    return database.read(lambda session: session.scalar(select(func.count(Patient.id))))


def count_up(session: Session) -> None:
    """Change a row that others change too."""
    session.execute(update(AgendaChange).values(version=AgendaChange.version + 1))


def version(database: Database) -> int | None:
    """What count_up() has counted."""
    return database.read(lambda session: session.scalar(select(AgendaChange.version)))


def test_a_unit_that_raises_stores_nothing(database: Database) -> None:
    def work(session: Session) -> None:
        patient(session)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write(work)
    assert patients(database) == 0


def test_a_read_stores_nothing(database: Database) -> None:
    database.read(patient)
    assert patients(database) == 0


def test_what_a_unit_returns_can_be_used_after_it(database: Database) -> None:
    assert database.write(patient).name == "Ann Lee"


def test_a_lost_race_is_run_again_from_the_start(database: Database) -> None:
    attempts = []

    def work(session: Session) -> None:
        attempts.append(patients(database))
        patient(session)
        if len(attempts) == 1:
            raise LostRace

    # On SQLite the unit itself is the only writer, so its look aside must not write.
    database.write(work)
    assert attempts == [0, 0]
    assert patients(database) == 1


def test_a_race_that_is_always_lost_ends(database: Database) -> None:
    attempts = []

    def work(session: Session) -> None:
        attempts.append(1)
        raise LostRace

    with pytest.raises(DatabaseUnavailable, match="gave up"):
        database.write(work)
    assert len(attempts) == ATTEMPTS
    # Losing a race says nothing about the server: the next unit is let through at once.
    assert database.write(lambda session: patient(session).name) == "Ann Lee"


def test_a_serialization_failure_is_retried_whole(on_postgresql: Database) -> None:
    attempts = []

    def work(session: Session) -> None:
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        seen = session.scalar(select(AgendaChange.version))
        attempts.append(seen)
        if len(attempts) == 1:
            on_postgresql.write(count_up)
        patient(session)
        count_up(session)

    on_postgresql.write(work)
    assert attempts == [0, 1]
    assert version(on_postgresql) == 2
    assert patients(on_postgresql) == 1


def test_a_deadlock_is_retried_whole(on_postgresql: Database) -> None:
    """Two units lock two rows in opposite order; PostgreSQL ends one, which then runs again."""
    both_hold_their_first = threading.Barrier(2, timeout=30)
    rows = ("one", "two")
    on_postgresql.write(
        lambda session: session.add_all(
            [
                Clinic(
                    id=row,
                    name=row,
                    timezone="America/Chicago",
                    observes_holidays=False,
                    phone_number=f"+1512555019{digit}",
                )
                for digit, row in enumerate(rows)
            ]
        )
    )
    attempts: list[str] = []

    def renaming(order: tuple[str, str]) -> None:
        def work(session: Session) -> None:
            attempts.append(order[0])
            # Of two that look at the same moment both would be ended.
            patience = "20ms" if order == rows else "10s"
            session.execute(text(f"SET LOCAL deadlock_timeout = '{patience}'"))
            for row in order:
                session.execute(
                    update(Clinic).where(Clinic.id == row).values(name=Clinic.name + "!")
                )
                if row == order[0] and len(attempts) <= 2:
                    both_hold_their_first.wait()

        on_postgresql.write(work)

    threads = [threading.Thread(target=renaming, args=(order,)) for order in (rows, rows[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    names = on_postgresql.read(
        lambda session: session.scalars(
            select(Clinic.name).where(Clinic.id.in_(rows)).order_by(Clinic.id)
        ).all()
    )
    assert names == ["one!!", "two!!"]
    assert len(attempts) == 3


def test_a_writer_waits_for_another_writer_to_finish(sqlite_url: str) -> None:
    database = Database(sqlite_url, budget_seconds=30)
    database.write(lambda session: directory.load_clinic(session, DEFINITION))
    writing, may_finish = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        count_up(session)
        writing.set()
        assert may_finish.wait(30)

    first = threading.Thread(target=database.write, args=(slow,))
    first.start()
    assert writing.wait(30)
    # A reader waits for nobody, and sees nothing of what is not yet committed.
    assert version(database) == 0
    second = threading.Thread(target=database.write, args=(count_up,))
    second.start()
    may_finish.set()
    first.join(30)
    second.join(30)
    assert version(database) == 2
    database.dispose()


def test_a_file_that_stays_locked_is_unavailable_within_the_budget(
    hurried_on_sqlite: Database, sqlite_url: str
) -> None:
    other = sqlite3.connect(str(make_url(sqlite_url).database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    attempts = []

    def work(session: Session) -> None:
        attempts.append(1)
        count_up(session)

    with pytest.raises(DatabaseUnavailable):
        hurried_on_sqlite.write(work)
    other.execute("ROLLBACK")
    other.close()
    assert attempts == []


def test_a_naive_datetime_is_refused_before_it_is_stored(database: Database) -> None:
    naive = datetime(2026, 12, 1, 8)  # noqa: DTZ001  # the mistake under test

    def work(session: Session) -> None:
        session.add(Closure(clinic_id=CLINIC, starts_at=naive, ends_at=at(9), reason="x"))

    with pytest.raises(StatementError, match="naive datetime"):
        database.write(work)
    assert database.read(lambda session: session.scalars(select(Closure)).all()) == []


def test_an_instant_comes_back_in_utc_whatever_zone_it_was_given_in(database: Database) -> None:
    chicago = timezone(timedelta(hours=-6))
    given = datetime(2026, 12, 1, 8, 0, 0, 123456, chicago)

    def work(session: Session) -> None:
        session.add(
            Closure(
                clinic_id=CLINIC,
                starts_at=given,
                ends_at=given + timedelta(microseconds=1),
                reason="x",
            )
        )

    database.write(work)
    stored = database.read(lambda session: session.scalars(select(Closure.starts_at)).one())
    assert (stored, stored.tzinfo) == (given, UTC)


def test_an_unmigrated_database_is_a_fault_and_not_an_outage(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    with pytest.raises(Exception, match=r"no such table|does not exist") as fault:
        database.read(lambda session: session.scalar(select(Clinic.id)))
    assert not isinstance(fault.value, DatabaseUnavailable)
    database.dispose()


def test_a_foreign_key_holds_on_sqlite_too(database: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        database.write(lambda session: session.add(AgendaChange(clinic_id="nowhere", version=0)))


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_postgresql_url_means_psycopg_3(scheme: str) -> None:
    assert database_url(f"{scheme}://user@host/name").drivername == "postgresql+psycopg"


@pytest.mark.parametrize("url", ["mysql://host/name", "oracle://host/name"])
def test_another_database_is_refused_with_what_to_use(url: str) -> None:
    with pytest.raises(ValueError, match=r"sqlite:///FILE or postgresql://"):
        database_url(url)


def test_a_file_that_cannot_be_opened_is_unavailable(tmp_path: object) -> None:
    database = Database(f"sqlite:///{tmp_path}/no/such/folder/callnow.db")
    with pytest.raises(DatabaseUnavailable) as refused:
        database.read(lambda session: session.scalar(select(Clinic.id)))
    assert isinstance(refused.value.__cause__, OperationalError)
