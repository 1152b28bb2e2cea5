"""kill -9 in the middle of a booking storm: nothing half-stored, nothing acknowledged lost."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import pytest
from sqlalchemy import func, select

from ivr.migrations.run import migrate
from scheduling import directory
from scheduling.database import Database
from scheduling.tables import Visit
from tests.scheduling.sample import DEFINITION, patient
from tests.scheduling.stored_time import overlaps, stray_granules
from tests.scheduling.storm_processes import StormProcesses, lost

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.provision.postgres import PostgresServer

pytestmark = [pytest.mark.storm, pytest.mark.xdist_group("storms")]

Size: TypeAlias = Callable[[int, int], int]
Tally: TypeAlias = Callable[[str, int], None]

PROCESSES = 4


def with_people(database: Database, count: int = 6) -> None:
    """Patients whom the storm may book, some of whom it will want in two places at once."""
    for number in range(count):
        database.write(partial(patient, phone=f"+151255502{number:02}"))


def expect_whole(database: Database) -> None:
    """No half visit, no granule without its visit, no two at once."""
    assert database.read(stray_granules) == []
    assert database.read(overlaps) == []


def test_bookers_that_are_killed_leave_nothing_half_done(
    database: Database, database_url: str, size: Size, tally: Tally
) -> None:
    with_people(database)
    draw = random.Random(20261201)
    acknowledged = 0
    for number in range(size(1, 25)):
        seeds = range(number * PROCESSES, (number + 1) * PROCESSES)
        with StormProcesses(database_url, seeds) as storm:
            storm.await_changes(draw.randint(20, 120))
            storm.kill()
            told = storm.told()
            acknowledged += storm.acknowledged
        expect_whole(database)
        assert database.read(partial(lost, told=told, processes=PROCESSES)) == []
    tally("changes acknowledged", acknowledged)
    tally("visits stored", database.read(_count))


def test_a_server_that_is_killed_comes_back_with_every_acknowledged_change(
    private_postgres: PostgresServer, size: Size, tally: Tally
) -> None:
    url = private_postgres.url()
    migrate(url)
    database = Database(url, budget_seconds=30)
    database.write(partial(directory.load_clinic, definition=DEFINITION))
    with_people(database)
    acknowledged = 0
    for number in range(size(1, 8)):
        seeds = range(number * PROCESSES, (number + 1) * PROCESSES)
        with StormProcesses(url, seeds) as storm:
            storm.await_changes(40)
            private_postgres.kill()
            storm.kill()
            told = storm.told()
            acknowledged += storm.acknowledged
        database.dispose()
        private_postgres.start()
        expect_whole(database)
        assert database.read(partial(lost, told=told, processes=PROCESSES)) == []
    tally("changes acknowledged", acknowledged)
    tally("visits stored", database.read(_count))
    database.dispose()


def _count(session: Session) -> int:
    return session.scalar(select(func.count(Visit.id))) or 0
