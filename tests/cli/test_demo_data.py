"""What a demonstration does to a database that already has something in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr import loading
from ivr.demo.folder import DESK_LOGIN, Secrets, secrets_in, sole_use_of
from ivr.demo.start import _prepare_database
from ivr.frontdesk import accounts
from ivr.settings import PACKAGED_CLINICS, read_settings
from scheduling.database import Base, Database
from tests.settings.environment import complete_environment


@pytest.fixture
def account(tmp_path: Path) -> Secrets:
    with sole_use_of(tmp_path / "var"):
        return secrets_in(tmp_path / "var")


@pytest.fixture
def database(empty_database_url: str) -> Iterator[Database]:
    opened = Database(empty_database_url, budget_seconds=None)
    yield opened
    opened.dispose()


def prepare(database_url: str, account: Secrets) -> None:
    """What every start of a demonstration does before its processes start."""
    settings = read_settings(complete_environment(DATABASE_URL=database_url))
    _prepare_database(settings, loading.clinics_at(PACKAGED_CLINICS), account)


def everything(database: Database) -> dict[str, list[str]]:
    return database.read(
        lambda session: {
            table.name: sorted(str(row) for row in session.execute(select(table)))
            for table in Base.metadata.sorted_tables
        }
    )


def can_sign_in(database: Database, login: str, password: str) -> bool:
    return database.read(
        lambda session: accounts.check_password(accounts.find_user(session, login), password)
    )


def hire(session: Session) -> None:
    accounts.add_user(
        session,
        clinic_id="demo",
        login="maria",
        name="Maria",
        password="four unrelated words here",
        role="front_desk",
        now=datetime.now(UTC),
    )


def test_starting_again_changes_nothing_that_is_stored(
    database: Database, empty_database_url: str, account: Secrets
) -> None:
    prepare(empty_database_url, account)
    database.write(hire)
    before = everything(database)
    assert len(before["staff_user"]) == 2

    prepare(empty_database_url, account)

    assert everything(database) == before
    assert can_sign_in(database, DESK_LOGIN, account.desk_password)
    assert can_sign_in(database, "maria", "four unrelated words here")


def test_after_its_folder_was_deleted_the_password_on_the_screen_opens_the_old_database(
    database: Database, empty_database_url: str, account: Secrets, tmp_path: Path
) -> None:
    prepare(empty_database_url, account)
    database.write(hire)
    with sole_use_of(tmp_path / "another"):
        made_anew = secrets_in(tmp_path / "another")
    assert made_anew != account

    prepare(empty_database_url, made_anew)

    assert can_sign_in(database, DESK_LOGIN, made_anew.desk_password)
    assert not can_sign_in(database, DESK_LOGIN, account.desk_password)
    assert can_sign_in(database, "maria", "four unrelated words here")
