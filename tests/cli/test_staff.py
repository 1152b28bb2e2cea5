"""`callnow staff`: setting a PIN, and whose is missing."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ivr.oncall import pins
from ivr.oncall.pin_tables import OnCallPin
from scheduling.database import Database
from tests.cli.conftest import Callnow
from tests.product import load_demo_clinic

PIN = "294617"


@pytest.fixture
def url(database_url: str) -> str:
    """A database with the demo clinic in it."""
    database = Database(database_url, budget_seconds=None)
    database.write(load_demo_clinic)
    database.dispose()
    return database_url


def stored(url: str) -> list[str]:
    database = Database(url, budget_seconds=None)
    hashes = database.read(lambda session: list(session.scalars(select(OnCallPin.pin_hash))))
    database.dispose()
    return hashes


def test_a_pin_is_asked_for_twice_and_never_shown(callnow: Callnow, url: str) -> None:
    done = callnow("staff", "pin", "ana-ruiz", given=f"{PIN}\n{PIN}\n", DATABASE_URL=url)
    assert done.exit_code == 0, done.output
    assert "Ana Ruiz may now call the line" in done.output
    assert PIN not in done.output
    (pin_hash,) = stored(url)
    assert pins.is_pin(pin_hash, PIN)


def test_two_that_differ_are_asked_for_again(callnow: Callnow, url: str) -> None:
    given = f"{PIN}\n294618\n{PIN}\n{PIN}\n"
    assert callnow("staff", "pin", "ana-ruiz", given=given, DATABASE_URL=url).exit_code == 0
    assert len(stored(url)) == 1


@pytest.mark.parametrize("pin", ["123456", "000000", "12345"])
def test_one_that_is_easily_guessed_is_refused_and_not_repeated(
    callnow: Callnow, url: str, pin: str
) -> None:
    done = callnow("staff", "pin", "ana-ruiz", given=f"{pin}\n{pin}\n", DATABASE_URL=url)
    assert done.exit_code == 1
    assert "choose" in done.output
    assert pin not in done.output
    assert stored(url) == []


def test_somebody_who_is_not_on_the_list_is_not_asked_for_one(callnow: Callnow, url: str) -> None:
    done = callnow("staff", "pin", "nobody", DATABASE_URL=url)
    assert done.exit_code == 1
    assert "add them to clinic.toml" in done.output
    assert "PIN:" not in done.output


def test_the_list_says_who_has_no_pin_yet(callnow: Callnow, url: str) -> None:
    callnow("staff", "pin", "ana-ruiz", given=f"{PIN}\n{PIN}\n", DATABASE_URL=url)
    listed = callnow("staff", "list", DATABASE_URL=url)
    assert listed.output.splitlines() == [
        "ana-ruiz (Ana Ruiz): PIN set",
        "sam-lee (Sam Lee): no PIN yet",
        "supervisor (Supervisor): no PIN yet",
    ]
