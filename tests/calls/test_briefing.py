"""Whoever accepted hears what is on file of the caller; nobody hears a name before."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest
from sqlalchemy.orm import Session

from scheduling import patients, pumps
from scheduling.requests import Request
from scheduling.states import Channel
from tests.calls.town import ALARM, Town
from tests.clock import MONDAY_NIGHT
from tests.product import BACKUP, NURSE, PATIENT


@pytest.fixture(autouse=True)
def at_night(town: Town) -> None:
    town.product.clock.now = MONDAY_NIGHT


def put_on_file(session: Session, name: str, *, pump: bool) -> None:
    """A patient with the number that the calls come from."""
    patient = patients.register_patient(
        session,
        clinic_id="demo",
        name=name,
        date_of_birth=date(1940, 3, len(name)),
        phone=PATIENT,
        language="en",
        request=Request("desk", Channel.DESK, MONDAY_NIGHT, f"patient {name}"),
    )
    if pump:
        pumps.register_pump(
            session,
            clinic_id="demo",
            patient_id=patient.id,
            alarm_on=date(2026, 12, 19),
            stable_until=None,
            filled_on=None,
            label=None,
            request=Request("desk", Channel.DESK, MONDAY_NIGHT, f"pump of {name}"),
        )


def on_file(town: Town, name: str, *, pump: bool = True) -> None:
    town.product.database.write(partial(put_on_file, name=name, pump=pump))


def test_the_name_and_the_refills_due_date_are_heard_after_acceptance_and_not_before(
    town: Town,
) -> None:
    on_file(town, "Maria Gonzalez")
    call = town.call(*ALARM)
    town.nurse.answer()
    assert "Maria" not in town.nurse.heard
    town.nurse.press("1")
    # A week before the alarm date, by the demo clinic's margin.
    assert "On file with this number: Maria Gonzalez, not verified." in town.nurse.heard
    assert "Pump refill due December 12, 2026." in town.nurse.heard
    assert call.bridged_with == NURSE


def test_no_name_is_heard_by_who_comes_second(town: Town) -> None:
    on_file(town, "Maria Gonzalez")
    call = town.call(*ALARM)
    call.hang_up()
    town.let_the_worker_work()
    town.nurse.answer()
    town.backup.answer()
    town.nurse.press("1")
    town.backup.press("1")
    assert "Maria Gonzalez" in town.nurse.heard
    assert "Maria" not in town.backup.heard


def test_a_number_that_a_household_shares_names_nobody(town: Town) -> None:
    on_file(town, "Maria Gonzalez")
    on_file(town, "Jose Gonzalez")
    town.call(*ALARM)
    town.nurse.answer()
    town.nurse.press("1")
    assert "On file" not in town.nurse.heard


def test_everybody_at_once_hears_it_too(town: Town) -> None:
    on_file(town, "Maria Gonzalez", pump=False)
    town.let_the_worker_work()
    call = town.call(*ALARM)
    town.nurse.let_ring()
    town.backup.let_ring()
    town.let_the_worker_work()
    town.backup.answer()
    town.backup.press("1")
    assert "On file with this number: Maria Gonzalez" in town.backup.heard
    assert "refill" not in town.backup.heard
    assert call.bridged_with == BACKUP
