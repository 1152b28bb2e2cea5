"""Eight processes at once: exactly one of them gets the time, on either database."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import pytest
from sqlalchemy import func, select

from scheduling import agenda
from scheduling.tables import Hold, Visit
from tests.scheduling.racers import (
    PROCESSES,
    Racers,
    book_held,
    either,
    hold_slot,
    storm,
)
from tests.scheduling.sample import CLINIC, at, hold, offered, patient
from tests.scheduling.stored_time import overlaps, stray_granules

if TYPE_CHECKING:
    from scheduling.database import Database
    from scheduling.slots import Slot

pytestmark = [pytest.mark.storm, pytest.mark.xdist_group("races")]

Size: TypeAlias = Callable[[int, int], int]
Tally: TypeAlias = Callable[[str, int], None]


def slots_for(database: Database, count: int) -> list[Slot]:
    """Slots to race for."""
    return database.read(lambda session: offered(session, after=at(0), limit=count))


def holders(count: int = PROCESSES) -> list[str]:
    """Names for racers."""
    return [f"racer {number}" for number in range(count)]


def test_one_of_eight_holders_gets_the_slot(
    racers: Racers, database: Database, database_url: str, size: Size, tally: Tally
) -> None:
    rounds = size(5, 120)
    tries: Counter[str] = Counter()
    for number, slot in enumerate(slots_for(database, rounds)):
        outcomes = racers.race(
            database_url, hold_slot, [(slot, f"{number} {name}") for name in holders()]
        )
        assert sorted(outcomes) == ["held"] + ["taken"] * 7
        tries.update(outcomes)
    tally("attempts", tries.total())
    tally("held", tries["held"])
    tally("refused", tries["taken"])
    assert tries["held"] == database.read(
        lambda session: session.scalar(select(func.count(Hold.id)))
    )


def test_an_expired_hold_is_either_booked_or_displaced(
    racers: Racers, database: Database, database_url: str, size: Size, tally: Tally
) -> None:
    """Its owner books it while seven others, for whom it has expired, want the time."""
    who = database.write(patient)
    won: Counter[str] = Counter()
    for number, slot in enumerate(slots_for(database, size(5, 120))):
        kept = database.write(partial(hold, slot=slot, holder="owner"))
        late = kept.expires_at
        contenders = [(slot, f"{number} {name}", late) for name in holders(7)]
        outcomes = racers.race(
            database_url,
            either,
            [("book", kept.id, who.id, f"owner {number}", late)]
            + [("hold", *contender) for contender in contenders],
        )
        owner, others = outcomes[0], sorted(outcomes[1:])
        if owner == "expired":
            assert others == ["held"] + ["taken"] * 6
        else:
            assert others == ["taken"] * 7
        won["displaced" if owner == "expired" else "booked"] += 1
    for outcome, count in won.items():
        tally(outcome, count)
    assert won["booked"] == database.read(
        lambda session: session.scalar(select(func.count(Visit.id)))
    )


def test_an_expired_hold_is_either_renewed_or_displaced(
    racers: Racers, database: Database, database_url: str, size: Size
) -> None:
    for number, slot in enumerate(slots_for(database, size(4, 80))):
        kept = database.write(partial(hold, slot=slot, holder="owner"))
        late = kept.expires_at
        outcomes = racers.race(
            database_url,
            either,
            [("renew", "owner", late)]
            + [("hold", slot, f"{number} {name}", late) for name in holders(7)],
        )
        winners = {"renewed": 0, "lost": 1}[outcomes[0]]
        assert sorted(outcomes[1:]) == ["held"] * winners + ["taken"] * (7 - winners)


def test_a_slot_released_in_a_race_goes_to_at_most_one(
    racers: Racers, database: Database, database_url: str, size: Size
) -> None:
    for number, slot in enumerate(slots_for(database, size(4, 80))):
        database.write(partial(hold, slot=slot, holder="owner"))
        outcomes = racers.race(
            database_url,
            either,
            [("release", "owner")] + [("hold", slot, f"{number} {name}") for name in holders(7)],
        )
        assert outcomes[1:].count("held") <= 1
        assert set(outcomes[1:]) <= {"held", "taken"}


def test_one_idempotency_key_makes_one_visit_in_eight_processes(
    racers: Racers, database: Database, database_url: str, size: Size
) -> None:
    who = database.write(patient)
    slots = slots_for(database, size(4, 80))
    for number, slot in enumerate(slots):
        kept = database.write(partial(hold, slot=slot, holder="owner"))
        outcomes = racers.race(
            database_url, book_held, [(kept.id, who.id, f"turn {number}")] * PROCESSES
        )
        assert len(set(outcomes)) == 1, outcomes
    assert database.read(lambda session: agenda.version(session, CLINIC)) == len(slots)


def test_a_storm_stores_no_overlap_and_no_stray_granule(
    racers: Racers, database: Database, database_url: str, size: Size, tally: Tally
) -> None:
    """All want overlapping times of two mornings, hold, expire and book in any order."""
    people = [
        database.write(partial(patient, phone=f"+1512555020{number}"))
        for number in range(PROCESSES)
    ]
    slot = slots_for(database, 1)[0]
    starts = [at(8, day=day) + timedelta(minutes=15 * n) for day in (2, 3) for n in range(13)]
    draw = random.Random(20261130)
    outcomes = racers.race(
        database_url,
        storm,
        [
            (slot, who.id, draw.choices(starts, k=size(8, 200)), seed)
            for seed, who in enumerate(people)
        ],
    )
    booked, refused = (
        sum(int(outcome.split("/")[part]) for outcome in outcomes) for part in (0, 1)
    )
    tally("booked", booked)
    tally("refused", refused)

    assert booked == database.read(lambda session: session.scalar(select(func.count(Visit.id))))
    assert booked >= 2
    assert database.read(overlaps) == []
    assert database.read(stray_granules) == []
