"""`callnow rota show`."""

from __future__ import annotations

from scheduling.database import Database
from tests.cli.conftest import Callnow
from tests.product import load_demo_clinic


def test_the_rota_says_who_is_rung_from_now(callnow: Callnow, database_url: str) -> None:
    database = Database(database_url, budget_seconds=None)
    database.write(load_demo_clinic)
    database.dispose()

    shown = callnow("rota", "show", "--days", "3", DATABASE_URL=database_url)

    assert shown.exit_code == 0, shown.output
    assert shown.output.endswith(": Ana Ruiz, Sam Lee\n")
    assert shown.output.count("\n") == 1
