"""What becomes of an urgent call, for each outcome of each leg that reaches for a person.

Shown by neighbours, and not again here:

- the nurse's ring accepted, unanswered, busy, failed, passed, silent, rejected, or taken by a
  voicemail: test_urgent_calls.py
- a page and everybody's calls accepted: test_paged_until_accepted.py, test_everybody_at_once.py
- what the carrier itself does wrong: test_carrier_in_trouble.py

On SQLite alone: what is shown is who rings next, and neighbours hold both databases to the same.
"""

from __future__ import annotations

import pytest
from sqlalchemy import text

from ivr.simulator.testing import Handset
from tests.calls.outcomes import (
    NOT_ACCEPTED,
    NOT_REACHED,
    NOT_TAKEN,
    Move,
    Outcome,
    accepts,
    minutes_pass,
    missed,
    nobody_was_left_in_silence,
    ticket,
    waiting,
)
from tests.calls.town import ALARM, Town
from tests.product import BACKUP, NURSE, PATIENT

each_way = pytest.mark.parametrize("outcome", NOT_TAKEN.values(), ids=NOT_TAKEN)


@pytest.fixture
def town(town_at_night: Town) -> Town:
    return town_at_night


# The caller's own call: the nurse's leg, then the backup's.


@pytest.mark.parametrize("how", ["hung up", "another key"])
def test_a_nurse_who_picked_up_and_did_not_accept_has_not_got_it(town: Town, how: str) -> None:
    call = town.call(*ALARM)
    NOT_ACCEPTED[how].once_it_rings(town.nurse)
    assert call.bridged_with is None
    assert town.backup.ringing


@pytest.mark.parametrize(
    "number", ["+1512555", "+15125550177"], ids=["no telephone number", "nobody's"]
)
def test_an_invalid_number_on_the_list_is_stepped_over_at_once(town: Town, number: str) -> None:
    with town.product.database.engine.begin() as connection:
        change = text("UPDATE on_call_person SET number = :number WHERE key = 'ana-ruiz'")
        connection.execute(change, {"number": number})
    call = town.call(*ALARM)
    assert [town.nurse.ringing, town.backup.ringing] == [False, True]
    accepts(town.backup)
    assert call.bridged_with == BACKUP
    nobody_was_left_in_silence(town, call)


@each_way
def test_where_the_backup_does_not_take_it_either_everybody_is_called(
    town: Town, outcome: Outcome
) -> None:
    outcome.before(town.backup)
    call = town.call(*ALARM)
    town.nurse.let_ring()
    outcome.once_it_rings(town.backup)
    assert "Nobody has answered yet, so I am calling everybody at once." in call.heard
    assert ticket(town)[1] is None
    town.let_the_worker_work()
    accepts(town.nurse)
    assert call.bridged_with == NURSE
    nobody_was_left_in_silence(town, call)


# Everybody's calls, while the caller waits.


@each_way
def test_whoever_does_not_take_it_keeps_nobody_else_from_it(town: Town, outcome: Outcome) -> None:
    call = waiting(town)
    outcome.before(town.nurse)
    town.let_the_worker_work()
    outcome.once_it_rings(town.nurse)
    assert [call.bridged_with, town.backup.ringing] == [None, True]
    accepts(town.backup)
    assert call.bridged_with == BACKUP
    nobody_was_left_in_silence(town, call)


# The calls that page, when the caller has hung up.


@each_way
def test_a_page_that_was_not_taken_comes_again_two_minutes_later(
    town: Town, outcome: Outcome
) -> None:
    missed(town)
    outcome.before(town.nurse)
    town.let_the_worker_work()
    assert town.backup.ringing
    outcome.once_it_rings(town.nurse)
    town.backup.let_ring()
    assert ticket(town)[1] is None
    town.nurse.be_free()
    minutes_pass(town, 2)
    town.let_the_worker_work()
    assert [town.nurse.ringing, town.backup.ringing] == [True, True]


# The call back: whoever accepted presses 1 and is connected with the patient.


def called_back(town: Town, outcome: Outcome) -> None:
    missed(town)
    town.let_the_worker_work()
    accepts(town.nurse)
    outcome.before(town.patient)
    town.nurse.press("1")
    outcome.once_it_rings(town.patient)


@pytest.mark.parametrize("outcome", NOT_REACHED.values(), ids=NOT_REACHED)
def test_a_patient_who_is_not_reached_is_tried_again_on_one_key(
    town: Town, outcome: Outcome
) -> None:
    called_back(town, outcome)
    assert "They did not answer on 5 1 2, 5 5 5, 0 1 4 2." in town.nurse.heard
    assert ticket(town) == ("accepted", "ana-ruiz")
    town.patient.be_free()
    town.nurse.press("1")
    town.patient.answer()
    assert town.patient.bridged_with == NURSE


@pytest.mark.parametrize("who", ["patient", "voicemail"])
def test_whoever_answers_the_call_back_talks_with_the_nurse_and_no_key_is_asked(
    town: Town, who: str
) -> None:
    called_back(town, Outcome())
    call = town.patient.answer() if who == "patient" else town.patient.voicemail_picks_up()
    assert town.nurse.bridged_with == PATIENT
    call.hang_up()
    assert ticket(town) == ("called_back", "ana-ruiz")


@pytest.mark.parametrize("move", [Handset.hang_up, Handset.stay_silent, lambda p: p.press("5")])
def test_a_nurse_who_would_rather_call_back_herself_keeps_the_ticket(
    town: Town, move: Move
) -> None:
    missed(town)
    town.let_the_worker_work()
    accepts(town.nurse)
    move(town.nurse)
    assert not town.patient.ringing
    minutes_pass(town, 3)
    town.let_the_worker_work()
    assert [town.nurse.ringing, town.backup.ringing] == [False, False]
    assert ticket(town) == ("accepted", "ana-ruiz")
