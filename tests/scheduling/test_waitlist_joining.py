"""Joining the waitlist, changing what one waits for, the desk's view of it, and leaving."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from scheduling import agenda, directory, merging, patients
from scheduling.errors import (
    IllegalStep,
    InvalidInput,
    KeyReused,
    NotBookable,
    SchedulingError,
    TooLate,
    UnknownPatient,
    UnknownProvider,
    UnknownVisit,
    UnknownVisitType,
    UnknownWaitlistEntry,
)
from scheduling.preferences import DayPart, Wishes
from scheduling.tables import WaitlistEntry
from scheduling.waitlist import joining, waiting
from scheduling.waitlist.ordering import Precedence
from tests.scheduling.sample import CLINIC, NOW, WITH_REFILLS, at, by_desk, request
from tests.scheduling.waiting_line import UNTIL, Line

if TYPE_CHECKING:
    from scheduling.database import Database
    from scheduling.waitlist.waiting import Waiting

MONDAYS = Wishes(weekdays=frozenset({0}), day_parts=DayPart.EVENING, until_on=UNTIL)


@pytest.fixture
def line(database: Database) -> Line:
    """A clinic for consultations and refills, where nobody waits yet."""
    database.write(lambda session: directory.load_clinic(session, WITH_REFILLS))
    return Line(database)


def queue(database: Database) -> list[Waiting]:
    """The waitlist as the desk sees it now."""
    return database.read(lambda session: waiting.queue(session, CLINIC, NOW))


def names(database: Database) -> list[str | None]:
    """Who waits, the first in line first."""
    return [one.patient_name for one in queue(database)]


def test_who_asks_again_changes_what_they_wait_for_and_keeps_their_place(
    database: Database, line: Line
) -> None:
    ann = line.person("Ann")
    first = line.joins(ann)
    line.newcomer("Ben")
    again = line.joins(ann, MONDAYS)
    assert (again.id, again.joined_at) == (first.id, first.joined_at)
    assert names(database) == ["Ann", "Ben"]
    assert queue(database)[0].wishes == Wishes(
        weekdays=frozenset({0}),
        day_parts=DayPart.EVENING,
        from_on=date(2026, 11, 29),
        until_on=UNTIL,
    )


def test_a_repeated_request_does_not_undo_what_came_after_it(
    database: Database, line: Line
) -> None:
    ann = line.person("Ann")
    first = line.joins(ann, key="a turn")
    line.joins(ann, MONDAYS, key="the next turn")
    assert line.joins(ann, key="a turn").id == first.id
    assert queue(database)[0].wishes.day_parts == DayPart.EVENING
    line.leaves(first, "the end")
    assert line.joins(ann, key="a turn").status == "left"
    with pytest.raises(KeyReused):
        line.leaves(first, "a turn")


def test_who_waits_for_two_kinds_of_visit_has_two_places(database: Database, line: Line) -> None:
    ann = line.person("Ann")
    line.pump(ann, date(2026, 12, 17))
    entries = [line.joins(ann), line.joins(ann, visit_type_key="refill")]
    theirs = database.read(lambda session: waiting.entries_of(session, CLINIC, ann.id))
    assert [one.id for one in theirs] == [one.id for one in entries]


def test_the_desk_sees_who_waits_in_order_and_for_what(database: Database, line: Line) -> None:
    freed = line.visit(line.person("Zoe"), at(8))
    ann = line.person("Ann")
    own = line.visit(ann, at(8, day=4))
    line.joins(ann, visit=own)
    line.newcomer("Ben")
    pumped = line.person("Cal")
    line.pump(pumped, date(2026, 12, 17))
    line.joins(pumped, visit_type_key="refill")
    line.newcomer("Past", until_on=date(2026, 11, 29))
    line.leaves(line.newcomer("Gone"))
    dead = line.newcomer("Dead")
    database.write(
        lambda session: patients.update_patient(
            session,
            clinic_id=CLINIC,
            patient_id=dead.patient_id,
            request=by_desk("died"),
            deceased_on=date(2026, 11, 29),
        )
    )
    line.cancels(freed)
    seen = queue(database)
    assert [(one.patient_name, one.visit_type_key, one.precedence) for one in seen] == [
        ("Cal", "refill", Precedence.REFILL_IN_WINDOW),
        ("Ann", "consultation", Precedence.EVERYBODY),
        ("Ben", "consultation", Precedence.EVERYBODY),
    ]
    assert (seen[1].visit_id, seen[1].visit_at) == (own.id, at(8, day=4))
    offer = seen[1].offer
    assert offer is not None
    assert offer.starts_at == at(8)
    assert (seen[0].offer, seen[2].offer) == (None, None)


def test_who_leaves_is_offered_nothing_and_what_was_held_for_them_goes_on(
    database: Database, line: Line
) -> None:
    visit = line.visit(line.person("Zoe"), at(8))
    ann = line.newcomer("Ann")
    line.newcomer("Ben")
    line.cancels(visit)
    line.leaves(ann, "once")
    assert line.status(ann) == "left"
    line.leaves(ann, "once")
    line.leaves(ann, "again")
    assert line.told() == [("Ann", at(8), "declined"), ("Ben", at(8), "open")]
    assert names(database) == ["Ben"]


def test_who_waits_no_more_cannot_leave(database: Database, line: Line) -> None:
    visit = line.visit(line.person("Zoe"), at(8))
    ann = line.newcomer("Ann")
    line.cancels(visit)
    line.accepts(line.offer())
    with pytest.raises(UnknownWaitlistEntry, match="booked"):
        line.leaves(ann)
    with pytest.raises(UnknownWaitlistEntry):
        database.write(
            lambda session: joining.leave(
                session, clinic_id=CLINIC, entry_id=uuid4(), request=request()
            )
        )


def test_whoever_has_the_id_of_a_merged_record_waits_as_the_one_that_counts(
    database: Database, line: Line
) -> None:
    kept, merged = line.person("Ann"), line.person("Anne")
    database.write(
        lambda session: merging.merge(
            session,
            clinic_id=CLINIC,
            keep_id=kept.id,
            merge_id=merged.id,
            request=by_desk("merge"),
        )
    )
    assert line.joins(merged).patient_id == kept.id
    assert names(database) == ["Ann"]


def test_a_wish_that_cannot_be_met_is_refused_by_name_and_nothing_is_stored(
    database: Database, line: Line
) -> None:
    ann, zoe = line.person("Ann"), line.person("Zoe")
    gone = line.visit(ann, at(8))
    line.cancels(gone)
    hers = line.visit(zoe, at(9))
    own = line.visit(ann, at(10))
    before = database.read(lambda session: agenda.version(session, CLINIC))
    given = {"patient_id": ann.id, "visit_type_key": "consultation", "now": NOW}
    wishes = Wishes(until_on=UNTIL)
    table: list[tuple[type[SchedulingError], dict[str, Any]]] = [
        (InvalidInput, {"wishes": Wishes()}),
        (InvalidInput, {"wishes": Wishes(until_on=date(2026, 11, 29))}),
        (UnknownProvider, {"wishes": Wishes(until_on=UNTIL, provider_id=uuid4())}),
        (UnknownVisitType, {"visit_type_key": "x" * 10_000}),
        (UnknownPatient, {"patient_id": uuid4()}),
        (NotBookable, {"visit_type_key": "refill"}),
        (UnknownVisit, {"visit_id": uuid4()}),
        (UnknownVisit, {"visit_id": hers.id}),
        (IllegalStep, {"visit_id": gone.id}),
        (TooLate, {"visit_id": own.id, "now": at(10)}),
    ]
    for error, changed in table:
        asked = {"wishes": wishes, **given, **changed}
        by = request("join", now=asked.pop("now"))
        with pytest.raises(error):
            database.write(partial(joining.join, clinic_id=CLINIC, request=by, **asked))
    assert database.read(lambda session: session.scalar(select(func.count(WaitlistEntry.id)))) == 0
    assert database.read(lambda session: agenda.version(session, CLINIC)) == before
