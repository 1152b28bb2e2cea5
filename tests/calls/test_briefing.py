"""Whoever accepted hears what is on file of the caller; nobody hears a name before."""

from __future__ import annotations

import pytest

from tests.calls.known_number import on_file
from tests.calls.town import ALARM, Town
from tests.clock import MONDAY_NIGHT
from tests.product import BACKUP, NURSE


@pytest.fixture(autouse=True)
def at_night(town: Town) -> None:
    town.product.clock.now = MONDAY_NIGHT


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
