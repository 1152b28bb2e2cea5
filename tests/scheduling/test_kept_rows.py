"""The database itself keeps logs and visits, whoever writes to it and by whatever code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from scheduling.database import Database
from tests.scheduling import stored_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

LOGS = ("visit_event", "patient_event", "patient_consent", "patient_note", "recall_attempt")
# In the order in which nothing refers to what goes.
OF_A_PATIENT = (
    "recall_attempt",
    "waitlist_offer",
    "waitlist_entry",
    "recall",
    "visit_event",
    "occupancy",
    "visit",
    "pump",
    "patient_event",
    "patient_consent",
    "patient_note",
    "patient",
)
NOT_KEPT = ("waitlist_offer", "waitlist_entry", "occupancy")


@pytest.fixture
def filled(database_url: str) -> Iterator[Database]:
    """One row in every table."""
    database = Database(database_url, budget_seconds=30)
    stored_rows.fill(database.engine)
    yield database
    database.dispose()


def run(database: Database, *statements: str) -> None:
    def work(session: Session) -> None:
        for statement in statements:
            session.execute(text(statement))

    database.write(work)


def test_no_log_can_be_rewritten(filled: Database) -> None:
    for log in LOGS:
        with pytest.raises(IntegrityError, match="never changed"):
            run(filled, f"UPDATE {log} SET actor = 'somebody else'")


def test_nothing_of_a_patient_can_be_deleted_by_accident(filled: Database) -> None:
    for position, table in enumerate(OF_A_PATIENT):
        if table in NOT_KEPT:
            continue
        before = [f"DELETE FROM {other}" for other in OF_A_PATIENT[:position] if other in NOT_KEPT]
        with pytest.raises(IntegrityError, match="kept until deletion is requested"):
            run(filled, *before, f"DELETE FROM {table}")


def test_what_was_asked_to_be_deleted_can_be(filled: Database) -> None:
    run(
        filled,
        "UPDATE patient SET deletion_requested_at = created_at",
        *(f"DELETE FROM {table}" for table in OF_A_PATIENT),
    )
    left = stored_rows.contents(filled.engine)
    assert all(left[table] == [] for table in OF_A_PATIENT)
