"""Visits of an old book: the past on record, the time ahead taken, nothing stored twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, text

from scheduling import visits
from scheduling.database import Database
from scheduling.states import VisitStatus
from scheduling.tables import Occupancy, Recall, Visit, VisitEvent
from tests.scheduling.old_book import (
    ANN,
    BETH,
    PUMP,
    everything,
    imports,
    imports_visits,
    load,
    stored_visits,
    visit_of,
    wall,
)
from tests.scheduling.sample import (
    CLINIC,
    CONSULTATION,
    DEFINITION,
    NOW,
    TWO_PROVIDERS_ONE_ROOM,
    at,
    by_desk,
    offered,
    starts_of,
)
from tests.scheduling.stored_time import stray_granules

LATER = timedelta(minutes=5)
COMPLETED = VisitStatus.COMPLETED
CANCELLED = VisitStatus.CANCELLED


def stray_granules_ahead(session: Any) -> list[Any]:
    """As stray_granules(), but past visits keep no time."""
    return [one for one in stray_granules(session) if one[1] >= NOW.timestamp()]


def test_visits_ahead_take_their_time_and_past_ones_are_on_record(database: Database) -> None:
    imports(database, ANN, BETH)

    report = imports_visits(
        database,
        visit_of(ANN, 2, wall(9, day=20, month=10), status=COMPLETED),
        visit_of(ANN, 3, wall(8)),
        visit_of(BETH, 4, wall(9), minutes=90),
        visit_of(BETH, 5, wall(11), status=CANCELLED),
    )

    assert report.done == {
        "completed visits added": 1,
        "booked visits added": 2,
        "cancelled visits added": 1,
    }
    assert report.warnings == []
    # In October the clinic's clock is five hours behind UTC.
    assert stored_visits(database) == [
        (datetime(2026, 10, 20, 14, tzinfo=UTC), "completed"),
        (at(8), "booked"),
        (at(9), "booked"),
        (at(11), "cancelled"),
    ]
    left = database.read(lambda session: starts_of(offered(session, after=at(7), limit=2)))
    assert left == [at(10, 30), at(8, day=2)]
    assert database.read(stray_granules_ahead) == []


def test_an_imported_visit_is_a_visit_like_any_other(database: Database) -> None:
    imports(database, ANN)
    imports_visits(database, visit_of(ANN, 2, wall(8)))

    def move_and_cancel(session: Any) -> None:
        visit = session.scalars(select(Visit)).one()
        assert (visit.booked_channel, visit.version) == ("import", 1)
        event = session.scalars(select(VisitEvent)).one()
        assert (event.kind, event.channel, event.actor) == ("imported", "import", "operator")
        slot = offered(session, after=at(9), limit=1)[0]
        visits.reschedule(
            session, clinic_id=CLINIC, visit_id=visit.id, slot=slot, request=by_desk("a move")
        )
        assert stray_granules(session) == []
        visits.cancel(
            session, clinic_id=CLINIC, visit_id=visit.id, request=by_desk("x"), reason="asked"
        )
        assert session.scalars(select(Occupancy)).all() == []

    database.write(move_and_cancel)


def test_the_same_rows_again_change_nothing_also_where_a_visit_has_moved_since(
    database: Database,
) -> None:
    imports(database, ANN)
    rows = (
        visit_of(ANN, 2, wall(9, day=20, month=10), status=COMPLETED),
        visit_of(ANN, 3, wall(8)),
    )
    imports_visits(database, *rows)

    def move(session: Any) -> None:
        visit = session.scalars(select(Visit).where(Visit.status == "booked")).one()
        slot = offered(session, after=at(9), limit=1)[0]
        visits.reschedule(
            session, clinic_id=CLINIC, visit_id=visit.id, slot=slot, request=by_desk()
        )

    database.write(move)
    before = everything(database)

    report = imports_visits(database, *rows, later=LATER)

    assert (report.done, report.unchanged, report.warnings) == ({}, 2, [])
    assert everything(database) == before


def test_a_corrected_row_does_not_double_a_visit_and_the_book_stands(database: Database) -> None:
    imports(database, ANN)
    imports_visits(database, visit_of(ANN, 2, wall(8)))

    report = imports_visits(
        database, visit_of(ANN, 2, wall(8), status=CANCELLED, phone=None), later=LATER
    )

    assert report.done == {}
    (warning,) = report.warnings
    assert str(warning).startswith("line 2, status: is booked in the book: the book stands")
    assert stored_visits(database) == [(at(8), "booked")]


def test_a_time_outside_hours_or_notice_is_stored_and_told(database: Database) -> None:
    load(database, replace(DEFINITION, visit_types=(replace(CONSULTATION, notice_minutes=1440),)))
    imports(database, ANN)

    report = imports_visits(
        database,
        visit_of(ANN, 2, wall(11, day=30, month=11)),
        visit_of(ANN, 3, wall(13)),
        visit_of(ANN, 4, wall(9, day=5)),
    )

    assert report.done == {"booked visits added": 3}
    assert [str(one).partition(":")[0] for one in report.warnings] == [
        "line 3, starts",
        "line 4, starts",
    ]


def test_a_refill_ahead_answers_the_recall_of_its_pump(database: Database) -> None:
    load(database)
    imports(database, replace(ANN, pump=PUMP))

    imports_visits(
        database,
        visit_of(ANN, 2, wall(9, day=20, month=9), visit_type="refill", status=COMPLETED),
        visit_of(ANN, 3, wall(8, day=8), visit_type="refill"),
        visit_of(ANN, 4, wall(8, day=15), visit_type="refill"),
    )

    def look(session: Any) -> None:
        recall = session.scalars(select(Recall)).one()
        first_ahead = session.scalars(select(Visit).where(Visit.starts_at == at(8, day=8))).one()
        assert (recall.status, recall.visit_id) == ("booked", first_ahead.id)
        assert {one.pump_id for one in session.scalars(select(Visit))} == {recall.pump_id}

    database.read(look)


def test_what_is_past_and_still_booked_is_told(database: Database) -> None:
    imports(database, ANN)

    report = imports_visits(database, visit_of(ANN, 2, wall(9, day=20, month=10)))

    (warning,) = report.warnings
    assert warning.column == "status"
    assert database.read(lambda session: session.scalars(select(Occupancy)).all()) == []


def test_visits_of_providers_and_types_that_are_no_more_stand_and_are_told(
    database: Database,
) -> None:
    load(database, TWO_PROVIDERS_ONE_ROOM)
    load(
        database,
        replace(
            DEFINITION,
            visit_types=(replace(CONSULTATION, needs_room=True),),
            rooms=TWO_PROVIDERS_ONE_ROOM.rooms,
        ),
    )
    imports(database, ANN)

    report = imports_visits(database, visit_of(ANN, 2, wall(8), provider="adams"))

    assert [one.column for one in report.warnings] == ["provider", "room", "starts"]


def test_postgresql_knows_at_once_of_what_was_imported(postgresql_url: str) -> None:
    database = Database(postgresql_url, budget_seconds=None)
    load(database)
    imports(database, replace(ANN, pump=PUMP), BETH)
    imports_visits(database, visit_of(ANN, 2, wall(9, day=20, month=10)))

    def rows_it_knows_of(session: Any) -> dict[str, float]:
        return {
            name: rows
            for name, rows in session.execute(text("SELECT relname, reltuples FROM pg_class"))
            if name in ("patient", "pump", "visit")
        }

    known = database.read(rows_it_knows_of)
    database.dispose()
    assert known == {"patient": 2, "pump": 1, "visit": 1}
