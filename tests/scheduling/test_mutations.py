"""The races and storms can fail: they do, as soon as the key or the transaction is gone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.scheduling import change_racers
from tests.scheduling.racers import PROCESSES, Racers
from tests.scheduling.sample import at, offered, patient
from tests.scheduling.stored_time import overlaps, stray_granules
from tests.scheduling.storm_processes import StormProcesses

if TYPE_CHECKING:
    from scheduling.database import Database

pytestmark = [pytest.mark.storm, pytest.mark.xdist_group("races")]

STORMS = 10
"""At most: whether a kill falls into the middle of a change is chance, and one storm may miss."""

WITHOUT_KEY = {
    "sqlite": (
        "CREATE TABLE copied AS SELECT * FROM occupancy",
        "DROP TABLE occupancy",
        "ALTER TABLE copied RENAME TO occupancy",
    ),
    "postgresql": ("ALTER TABLE occupancy DROP CONSTRAINT pk_occupancy",),
}


def test_without_the_primary_key_a_race_has_several_winners(
    racers: Racers, database: Database, database_url: str
) -> None:
    with database.engine.begin() as connection:
        for statement in WITHOUT_KEY[connection.dialect.name]:
            connection.exec_driver_sql(statement)
    slot = database.read(lambda session: offered(session, after=at(0), limit=1))[0]
    who = [
        database.write(partial(patient, phone=f"+151255502{number:02}")).id
        for number in range(PROCESSES)
    ]
    outcomes = racers.race(
        database_url, change_racers.book_slot, [(slot, one, f"{one}") for one in who]
    )
    assert outcomes.count("booked") > 1
    assert database.read(overlaps) != []


def test_without_transactions_a_storm_leaves_half_visits(
    database: Database, database_url: str
) -> None:
    for number in range(6):
        database.write(partial(patient, phone=f"+151255502{number:02}"))
    for number in range(STORMS):
        seeds = range(4 * number, 4 * number + 4)
        with StormProcesses(database_url, seeds, "--without-transactions") as storm:
            storm.await_changes(60)
            storm.kill()
        if database.read(stray_granules):
            return
    raise AssertionError(f"{STORMS} storms without transactions left no half visit")
