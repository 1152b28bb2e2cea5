"""The stored rota: shifts loaded again, overrides, swaps and time off, made and withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from functools import partial
from typing import TypeVar

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.oncall import rota, rota_changes
from ivr.oncall.rota_rules import Override, Shift, TimeOff
from ivr.oncall.rota_tables import OnCallException, OnCallShift
from scheduling.database import Database
from scheduling.hours import WeeklySession
from tests.clock import MONDAY_NIGHT
from tests.oncall.clinic import CLINIC

T = TypeVar("T")
HOUR = timedelta(hours=1)
HOURS = [WeeklySession(day, time(19), time(7)) for day in range(7)]
NIGHTS = [Shift("primary", "sam", one) for one in HOURS] + [
    Shift("backup", "ana", one) for one in HOURS
]


def rung(database: Database, hours: int = 0) -> list[str]:
    """Whom an urgent call rings so many hours after MONDAY_NIGHT, 2:40 in the clinic."""
    at = MONDAY_NIGHT + hours * HOUR
    return [
        one.key for one in database.read(lambda session: rota.people_on_call(session, CLINIC, at))
    ]


def do(database: Database, unit: Callable[[Session], T]) -> T:
    return database.write(unit)


def test_whoever_is_on_duty_is_rung_first_and_everybody_where_nobody_is(database: Database) -> None:
    do(database, lambda session: rota.load_shifts(session, CLINIC, NIGHTS))
    assert (rung(database), rung(database, 5)) == (["sam", "ana"], ["ana", "sam"])


def test_loading_the_same_shifts_again_keeps_their_rows(database: Database) -> None:
    seen = []
    for shifts in (NIGHTS, NIGHTS, NIGHTS[:3]):
        do(database, partial(rota.load_shifts, clinic_id=CLINIC, shifts=shifts))
        ids = database.read(lambda session: set(session.scalars(select(OnCallShift.id))))
        seen.append(ids)
    assert seen[0] == seen[1]
    assert len(seen[0]) == 14
    assert len(seen[2]) == 3
    assert seen[2] < seen[0]


def test_a_swap_is_made_and_withdrawn_whole_and_by_name(database: Database) -> None:
    do(database, lambda session: rota.load_shifts(session, CLINIC, NIGHTS))
    mine = Override("primary", "sam", MONDAY_NIGHT, MONDAY_NIGHT + HOUR)
    yours = Override("backup", "ana", MONDAY_NIGHT, MONDAY_NIGHT + HOUR)
    change = do(
        database,
        lambda session: rota_changes.add_swap(
            session, CLINIC, mine, yours, actor="eva", now=MONDAY_NIGHT
        ),
    )
    assert (rung(database), rung(database, 1)) == (["ana", "sam"], ["sam", "ana"])

    def withdraw(session: Session) -> None:
        rota_changes.withdraw(session, CLINIC, change, actor="leo", now=MONDAY_NIGHT)

    do(database, withdraw)
    assert rung(database) == ["sam", "ana"]
    rows = database.read(lambda session: list(session.scalars(select(OnCallException))))
    assert [(row.made_by, row.withdrawn_by) for row in rows] == [("eva", "leo")] * 2
    with pytest.raises(rota_changes.UnknownRotaChange, match="look at the rota again"):
        do(database, withdraw)


def test_who_is_away_is_rung_last(database: Database) -> None:
    away = TimeOff("ana", MONDAY_NIGHT, MONDAY_NIGHT + HOUR)
    do(
        database,
        lambda session: rota_changes.add(session, CLINIC, away, actor="ana", now=MONDAY_NIGHT),
    )
    assert (rung(database), rung(database, 1)) == (["sam", "ana"], ["ana", "sam"])
