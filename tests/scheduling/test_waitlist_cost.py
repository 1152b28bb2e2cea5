"""What asking the line costs whoever frees time: little, and never their own step."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, text

from scheduling import directory
from scheduling.database import Database, new_id
from scheduling.preferences import DayPart
from scheduling.tables import Patient, WaitlistEntry
from scheduling.waitlist.offering import offer_freed_time
from tests.scheduling.sample import CLINIC, DEFINITION, NOW, at, hold, offered
from tests.scheduling.waiting_line import UNTIL, Line

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from scheduling.intervals import Interval

FREED = (at(8), at(9))


@pytest.fixture
def line(database: Database) -> Line:
    """A clinic where nobody waits yet."""
    return Line(database)


def test_a_long_line_costs_no_more_look_ups_than_a_short_one(
    database: Database, line: Line
) -> None:
    """The last one in line takes it, after one, then after 501 who would like another time."""
    statements: list[str] = []
    event.listen(
        database.engine, "before_cursor_execute", lambda *given: statements.append(given[2])
    )

    def look_ups(freed: Interval) -> int:
        statements.clear()
        assert database.write(partial(offer_freed_time, clinic_id=CLINIC, freed=freed, now=NOW))
        return len(statements)

    database.read(offered)  # the clinic's rules are read once for both
    entry = line.newcomer("Ann", day_parts=DayPart.AFTERNOON)
    line.newcomer("Ben")
    for_two = look_ups((at(8), at(9)))
    database.write(partial(five_hundred_like, entry=entry))
    line.newcomer("Cal")
    assert look_ups((at(9), at(10))) == for_two
    assert line.told() == [("Ben", at(8), "open"), ("Cal", at(9), "open")]


def five_hundred_like(session: Session, entry: WaitlistEntry) -> None:
    """More people with the same wishes, who joined before anybody else."""
    for number in range(500):
        who = Patient(
            clinic_id=CLINIC,
            id=new_id(),
            date_of_birth=date(1950, 2, 28),
            language="en",
            created_at=NOW,
        )
        session.add(who)
        session.flush()
        session.add(
            WaitlistEntry(
                clinic_id=CLINIC,
                patient_id=who.id,
                visit_type_id=entry.visit_type_id,
                day_parts=entry.day_parts,
                from_on=entry.from_on,
                until_on=UNTIL,
                joined_at=NOW - timedelta(days=30),
                idempotency_key=f"like {number}",
            )
        )
    session.flush()


def test_time_that_is_taken_at_the_same_moment_goes_to_nobody_and_fails_nobody(
    postgresql_url: str,
) -> None:
    """A caller holds it, but has not committed yet, while the line is asked."""
    database = Database(postgresql_url, budget_seconds=30)
    database.write(lambda session: directory.load_clinic(session, DEFINITION))
    line = Line(database)
    entry = line.newcomer("Ann")
    result: list[object] = []

    def ask() -> None:
        result.append(
            database.write(partial(offer_freed_time, clinic_id=CLINIC, freed=FREED, now=NOW))
        )

    asking = threading.Thread(target=ask)

    def take(session: Session) -> None:
        slot = offered(session, after=at(0), limit=1)[0]
        hold(session, slot, holder="a caller")
        asking.start()
        while not database.read(is_waiting_for_a_lock):
            assert asking.is_alive()

    database.write(take)
    asking.join(20)
    assert result == [None]
    assert line.status(entry) == "waiting"
    database.dispose()


def is_waiting_for_a_lock(session: Session) -> bool:
    """Whether any of the database's sessions waits for another."""
    return bool(
        session.scalar(text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
    )
