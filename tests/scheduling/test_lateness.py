"""A patient runs late: the visit's history says so, once, and every open board looks again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from scheduling import agenda, lateness, visits
from scheduling.database import new_id
from scheduling.errors import IllegalStep, InvalidInput, NotYet, UnknownVisit
from scheduling.tables import VisitEvent
from tests.scheduling.sample import CLINIC, at, book_first_free, by_desk, request

if TYPE_CHECKING:
    from scheduling.database import Database
    from scheduling.tables import Visit


@pytest.fixture
def visit(database: Database) -> Visit:
    """A consultation on Tuesday 1 December, 8:00 to 9:00."""
    return database.write(lambda session: book_first_free(session, after=at(0)))


def announce(database: Database, visit: Visit, **changed: Any) -> Visit:
    """Ten minutes late, said at half past seven on its day."""
    given = {
        "clinic_id": CLINIC,
        "visit_id": visit.id,
        "minutes": 10,
        "request": request("late", now=at(7, 30)),
        **changed,
    }
    return database.write(lambda session: lateness.announce(session, **given))


def said(database: Database) -> list[tuple[str, object]]:
    """Each event of lateness, with its minutes."""
    rows = database.read(
        lambda session: session.execute(
            select(VisitEvent.kind, VisitEvent.detail).where(
                VisitEvent.kind == lateness.RUNNING_LATE
            )
        ).all()
    )
    return [(kind, detail["minutes"]) for kind, detail in rows]


def test_it_stands_in_the_history_and_the_visit_stays_as_it_is(
    database: Database, visit: Visit
) -> None:
    before = database.read(lambda session: agenda.version(session, CLINIC))
    late = announce(database, visit)
    assert said(database) == [("running_late", "10")]
    assert (late.status, late.version) == (visit.status, visit.version)
    assert database.read(lambda session: agenda.version(session, CLINIC)) == before + 1


def test_the_same_request_again_says_nothing_more(database: Database, visit: Visit) -> None:
    announce(database, visit)
    announce(database, visit)
    assert len(said(database)) == 1


def test_who_is_expected_at_eight_may_still_say_so_at_five_past(
    database: Database, visit: Visit
) -> None:
    announce(database, visit, request=request("late", now=at(8, 5)))
    assert len(said(database)) == 1


def test_only_on_the_day_of_the_visit(database: Database, visit: Visit) -> None:
    for moment in (at(7, 30) - timedelta(days=1), at(7, 30) + timedelta(days=1)):
        with pytest.raises(NotYet):
            announce(database, visit, request=request("late", now=moment))
    assert said(database) == []


def test_nobody_waits_for_a_visit_that_was_cancelled(database: Database, visit: Visit) -> None:
    database.write(
        lambda session: visits.cancel(
            session, clinic_id=CLINIC, visit_id=visit.id, request=by_desk(), reason="ill"
        )
    )
    with pytest.raises(IllegalStep):
        announce(database, visit)


@pytest.mark.parametrize("minutes", [0, -5, 241])
def test_minutes_that_cannot_be_meant_are_refused(
    database: Database, visit: Visit, minutes: int
) -> None:
    with pytest.raises(InvalidInput):
        announce(database, visit, minutes=minutes)


def test_a_visit_that_does_not_exist_is_named(database: Database, visit: Visit) -> None:
    with pytest.raises(UnknownVisit):
        announce(database, visit, visit_id=new_id())
