"""Past time is forgotten, a little at a go; time to come stays guarded."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from ivr import housekeeping
from scheduling import pruning
from scheduling.errors import SlotTaken
from scheduling.occupancy import GRANULE_SECONDS
from scheduling.pruning import KEPT, prune_past_time
from scheduling.tables import Occupancy, Visit
from tests.scheduling.sample import CLINIC, at, book, hold, offered, patient
from tests.scheduling.stored_time import stray_granules

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from scheduling.database import Database


def book_on(session: Session, day: int) -> None:
    """Ann Lee at 8 o'clock on a day of December: 8:00 to 9:00, of provider and patient."""
    slot = offered(session, after=at(7, day=day), limit=1)[0]
    assert slot.starts_at == at(8, day=day)
    book(session, hold(session, slot, f"CA{day}"), patient(session))


def left(session: Session) -> list[int]:
    """The starts of all granules there are, each once."""
    return sorted(set(session.scalars(select(Occupancy.granule_start))))


def prune(database: Database, now: datetime, **asked: Any) -> int:
    return database.write(partial(prune_past_time, clinic_id=CLINIC, now=now, **asked))


def test_time_that_ended_a_day_ago_is_forgotten_and_no_other(database: Database) -> None:
    for day in (1, 2, 3):
        database.write(partial(book_on, day=day))
    before = database.read(left)

    # The day after, at 8:32: 8:30 of the first day ended 24 hours and 2 minutes ago.
    assert prune(database, at(8, 32, day=2)) == 1

    half_past = int(at(8, 30).timestamp())
    assert database.read(left) == [one for one in before if one >= half_past]
    assert prune(database, at(9, day=2)) == 1
    assert prune(database, at(9, day=2)) == 0
    # Today's and tomorrow's.
    assert database.read(left) == [one for one in before if one >= at(8, day=2).timestamp()]


def test_a_granule_goes_exactly_when_its_end_is_a_day_old(database: Database) -> None:
    database.write(partial(book_on, day=1))
    first_ends = at(8) + timedelta(seconds=GRANULE_SECONDS)

    assert prune(database, first_ends + KEPT - timedelta(seconds=1)) == 0
    assert prune(database, first_ends + KEPT) == 1
    assert min(database.read(left)) == first_ends.timestamp()


def test_visits_stay_and_what_lies_ahead_is_still_guarded(database: Database) -> None:
    for day in (1, 4):
        database.write(partial(book_on, day=day))
    taken = database.read(lambda session: offered(session, after=at(7, day=3), limit=1)[0])

    prune(database, at(12, day=3))

    assert len(database.read(lambda session: session.scalars(select(Visit)).all())) == 2
    assert taken.starts_at == at(8, day=3)
    database.write(partial(hold, slot=taken, holder="CA8"))
    with pytest.raises(SlotTaken):
        database.write(partial(hold, slot=taken, holder="CA9"))
    ahead = [one for one in database.read(stray_granules) if one[1] >= at(0, day=3).timestamp()]
    assert ahead == []


def test_a_go_takes_no_more_visits_than_it_may_and_the_next_one_goes_on(
    database: Database,
) -> None:
    for day in (1, 2, 3):
        database.write(partial(book_on, day=day))
    much_later = at(12, day=20)

    assert prune(database, much_later, at_most=2) == 2
    assert prune(database, much_later, at_most=0) == 0
    assert prune(database, much_later, at_most=2) == 1
    assert database.read(left) == []


def test_a_hold_is_left_to_those_who_free_holds(database: Database) -> None:
    database.write(lambda session: hold(session, offered(session, after=at(7), limit=1)[0]))
    before = database.read(left)

    assert prune(database, at(12, day=20)) == 0
    assert database.read(left) == before


def test_a_worker_that_tidies_up_forgets_it_and_not_too_much_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in (1, 2):
        database.write(partial(book_on, day=day))
    monkeypatch.setattr(pruning, "VISITS_AT_ONCE", 1)

    database.write(partial(housekeeping.tidy, now=at(12, day=20)))
    assert min(database.read(left)) == at(8, day=2).timestamp()
    database.write(partial(housekeeping.tidy, now=at(12, day=20)))
    assert database.read(left) == []
