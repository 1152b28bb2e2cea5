"""Bad input, at every entry point of scheduling: a named error each, and nothing is stored.

The table is in tests/scheduling/bad_input; values that refuse themselves when they are built are
in test_bad_values.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Select, Table, literal_column, select

from scheduling.database import Base, Database
from scheduling.errors import SchedulingError
from tests.conftest import DATABASES
from tests.provision.databases import TestRun, postgresql_database, sqlite_database
from tests.scheduling.bad_input import references, texts, times
from tests.scheduling.bad_input.busy_clinic import BusyClinic, open_clinic
from tests.scheduling.bad_input.good_calls import Call, good_calls

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.scheduling.bad_input.case import Case

CASES = [*times.CASES, *texts.CASES, *references.CASES]
CALLS = list(dict.fromkeys(case.call for case in CASES))


class Watched:
    """The busy clinic, and what was stored when it was last looked at."""

    def __init__(self, clinic: BusyClinic) -> None:
        self.clinic = clinic
        self._seen = clinic.database.read(_rows)

    def has_changed(self) -> bool:
        """Since the last look."""
        before, self._seen = self._seen, self.clinic.database.read(_rows)
        return before != self._seen


def _rows(session: Session) -> dict[str, list[str]]:
    """Every row of every table, as the driver gives it."""
    return {
        table.name: sorted(map(repr, session.execute(_all_of(table))))
        for table in Base.metadata.sorted_tables
    }


@lru_cache
def _all_of(table: Table) -> Select[Any]:
    return select(literal_column("*")).select_from(table)


@pytest.fixture(scope="module", params=DATABASES)
def watched(request: pytest.FixtureRequest, test_run: TestRun) -> Iterator[Watched]:
    """One clinic for all cases, since none of them may leave anything in it."""
    provide = sqlite_database if request.param == "sqlite" else postgresql_database
    with provide(test_run) as url:
        database = Database(url, budget_seconds=30)
        yield Watched(open_clinic(database))
        database.dispose()


@pytest.mark.parametrize("call", CALLS)
def test_bad_input_is_refused_by_name_and_nothing_is_stored(watched: Watched, call: Call) -> None:
    outcomes = {case: _outcome(watched.clinic, case) for case in CASES if case.call is call}
    assert {case.what: outcome.__name__ for case, outcome in outcomes.items()} == {
        case.what: case.error.__name__ for case in outcomes
    }
    assert not watched.has_changed()


def _outcome(here: BusyClinic, case: Case) -> type[Exception]:
    arguments = {**good_calls(here)[case.call], **case.changed(here)}

    def work(session: Session) -> type[Exception]:
        try:
            case.call(session, **arguments)
        except SchedulingError as refusal:
            # The unit of work goes on and is committed: the refusal alone must leave nothing.
            return type(refusal)
        raise _NotRefused

    try:
        return here.database.write(work)
    except Exception as error:  # noqa: BLE001  # whatever it is, the test shall show it
        return type(error)


class _NotRefused(Exception):
    """Ends a unit of work that has accepted what it should have refused."""


class _TakeBack(Exception):
    """Ends a unit of work that shall leave nothing."""


@pytest.mark.parametrize("call", CALLS)
def test_each_of_these_calls_is_accepted_without_the_mistake(watched: Watched, call: Call) -> None:
    def work(session: Session) -> Any:
        call(session, **good_calls(watched.clinic)[call])
        raise _TakeBack

    with pytest.raises(_TakeBack):
        watched.clinic.database.write(work)
