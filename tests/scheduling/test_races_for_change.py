"""Eight processes that book, cancel and move at once: one winner each time, nothing overlaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import pytest
from sqlalchemy import func, select

from scheduling import directory
from scheduling.tables import Patient, Provider, Visit
from tests.scheduling import change_racers
from tests.scheduling.racers import PROCESSES, Racers, either
from tests.scheduling.sample import (
    CLINIC,
    TWO_PROVIDERS_ONE_ROOM,
    at,
    book,
    hold,
    offered,
    patient,
)
from tests.scheduling.stored_time import overlaps, stray_granules

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.database import Database
    from scheduling.slots import Slot

pytestmark = [pytest.mark.storm, pytest.mark.xdist_group("races")]

Size: TypeAlias = Callable[[int, int], int]
Tally: TypeAlias = Callable[[str, int], None]


def people(database: Database, count: int = PROCESSES) -> list[UUID]:
    """Patients, each with a number of their own."""
    return [
        database.write(partial(patient, phone=f"+151255502{number:02}")).id
        for number in range(count)
    ]


def slots(database: Database, count: int) -> list[Slot]:
    return database.read(lambda session: offered(session, after=at(0), limit=count))


def visit_at(database: Database, slot: Slot, who: UUID, key: str) -> UUID:
    """A visit that is there before the race."""

    def work(session: Session) -> UUID:
        owner = session.get_one(Patient, (CLINIC, who))
        return book(session, hold(session, slot, key), owner, idempotency_key=key).id

    return database.write(work)


def expect_whole(database: Database) -> None:
    """Nothing overlaps, no granule is left over, none is missing."""
    assert database.read(overlaps) == []
    assert database.read(stray_granules) == []


def test_one_of_eight_bookers_gets_the_slot(
    racers: Racers, database: Database, database_url: str, size: Size, tally: Tally
) -> None:
    who = people(database)
    came_of: Counter[str] = Counter()
    rounds = slots(database, size(4, 120))
    for number, slot in enumerate(rounds):
        outcomes = racers.race(
            database_url,
            change_racers.book_slot,
            [(slot, one, f"{number} {one}") for one in who],
        )
        assert sorted(outcomes) == ["booked"] + ["taken"] * 7
        came_of.update(outcomes)
    for outcome, count in came_of.items():
        tally(outcome, count)
    stored = database.read(lambda session: session.scalar(select(func.count(Visit.id))))
    assert stored == came_of["booked"] == len(rounds)
    expect_whole(database)


def test_a_hold_or_a_booking_wins_and_never_both(
    racers: Racers, database: Database, database_url: str, size: Size, tally: Tally
) -> None:
    who = people(database, 4)
    came_of: Counter[str] = Counter()
    for number, slot in enumerate(slots(database, size(4, 120))):
        holders = [("hold", slot, f"{number} holder {n}") for n in range(4)]
        bookers = [("book_slot", slot, one, f"{number} {one}") for one in who]
        outcomes = racers.race(database_url, either, holders + bookers)
        won = [outcome for outcome in outcomes if outcome in ("held", "booked")]
        assert len(won) == 1, outcomes
        assert outcomes.count("taken") == 7
        came_of.update(won)
    for outcome, count in came_of.items():
        tally(outcome, count)
    expect_whole(database)


def test_a_cancelled_time_goes_to_at_most_one_and_only_after_it_is_free(
    racers: Racers, database: Database, database_url: str, size: Size, tally: Tally
) -> None:
    """Two cancel one visit while six want its time."""
    who = people(database)
    came_of: Counter[str] = Counter()
    for number, slot in enumerate(slots(database, size(4, 100))):
        visit = visit_at(database, slot, who[0], f"before {number}")
        cancels = [("cancel", visit, f"{number} cancel {n}") for n in range(2)]
        bookers = [("book_slot", slot, one, f"{number} {one}") for one in who[2:]]
        outcomes = racers.race(database_url, either, cancels + bookers)
        assert sorted(outcomes[:2]) == ["cancelled", "refused"]
        assert outcomes[2:].count("booked") <= 1
        assert set(outcomes[2:]) <= {"booked", "taken"}
        came_of.update(outcomes)
    for outcome, count in came_of.items():
        tally(outcome, count)
    expect_whole(database)


def test_eight_who_want_each_others_times_all_keep_what_they_had(
    racers: Racers, database: Database, database_url: str, size: Size, tally: Tally
) -> None:
    """A ring: each wants the next one's time, and nobody's is free."""
    who = people(database)
    first = slots(database, PROCESSES)
    ids = [
        visit_at(database, slot, one, f"before {one}") for slot, one in zip(first, who, strict=True)
    ]
    for number in range(size(3, 60)):
        outcomes = racers.race(
            database_url,
            change_racers.move,
            [
                (visit, first[(position + 1) % PROCESSES], f"{number} {visit}")
                for position, visit in enumerate(ids)
            ],
        )
        assert outcomes == ["taken"] * PROCESSES
    tally("moves refused", size(3, 60) * PROCESSES)
    starts = database.read(
        lambda session: {visit.id: visit.starts_at for visit in session.scalars(select(Visit))}
    )
    assert starts == {visit: slot.starts_at for visit, slot in zip(ids, first, strict=True)}
    expect_whole(database)


def test_one_of_eight_movers_gets_the_free_time_and_the_others_keep_theirs(
    racers: Racers, database: Database, database_url: str, size: Size, tally: Tally
) -> None:
    who = people(database)
    taken = slots(database, PROCESSES)
    ids = [
        visit_at(database, slot, one, f"before {one}") for slot, one in zip(taken, who, strict=True)
    ]
    for number in range(size(4, 80)):
        # What the last winner left, or the first slot after all of theirs.
        free = database.read(lambda session: offered(session, after=at(0), limit=1))[0]
        outcomes = racers.race(
            database_url,
            change_racers.move,
            [(visit, free, f"{number} {visit}") for visit in ids],
        )
        assert sorted(outcomes) == ["moved"] + ["taken"] * 7
    tally("moved", size(4, 80))
    stored = database.read(lambda session: session.scalar(select(func.count(Visit.id))))
    assert stored == PROCESSES
    expect_whole(database)


def test_two_providers_and_one_room_see_one_patient_at_a_time(
    racers: Racers, database: Database, database_url: str, size: Size, tally: Tally
) -> None:
    """Half of the racers want one provider, half the other, all the same room and time."""
    database.write(lambda session: directory.load_clinic(session, TWO_PROVIDERS_ONE_ROOM))
    who = people(database)
    came_of: Counter[str] = Counter()
    for number, slot in enumerate(slots(database, size(4, 100))):
        both = database.read(partial(_with_each_provider, slot=slot))
        outcomes = racers.race(
            database_url,
            change_racers.book_slot,
            [(both[position % 2], one, f"{number} {one}") for position, one in enumerate(who)],
        )
        assert sorted(outcomes) == ["booked"] + ["taken"] * 7
        came_of.update(outcomes)
    for outcome, count in came_of.items():
        tally(outcome, count)
    expect_whole(database)


def _with_each_provider(session: Session, slot: Slot) -> list[Slot]:
    providers = session.scalars(
        select(Provider.id).where(Provider.clinic_id == CLINIC, Provider.active)
    ).all()
    return [replace(slot, provider_id=provider) for provider in providers]
