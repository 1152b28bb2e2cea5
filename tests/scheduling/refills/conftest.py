"""The sample clinic with refills, a patient, and her pump."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from scheduling import directory
from tests.scheduling.refills.sample import check_of, pump_of
from tests.scheduling.sample import WITH_REFILLS, patient

if TYPE_CHECKING:
    from scheduling.database import Database
    from scheduling.tables import Patient, Pump, Recall


@pytest.fixture
def database(database: Database) -> Database:
    """The sample clinic, with a visit type that refills pumps."""
    database.write(lambda session: directory.load_clinic(session, WITH_REFILLS))
    return database


@pytest.fixture
def ann(database: Database) -> Patient:
    """A patient."""
    return database.write(patient)


@pytest.fixture
def pump(database: Database, ann: Patient) -> Pump:
    """Ann's: alarm on 20 January 2027, refill due on the 13th."""
    return database.write(partial(pump_of, who=ann))


@pytest.fixture
def check(database: Database, ann: Patient) -> Recall:
    """Ann's yearly check, which is due on 20 January 2027."""
    return database.write(partial(check_of, who=ann))
