"""The carrier fails while somebody is reached for: its REST interface, then its webhooks.

Shown by neighbours, and not again here:

- every webhook delivered twice, or eight times at once: tests/carrier/test_repeated_webhooks.py
- what a worker does whose carrier stays broken: tests/worker/test_worker.py
- what every refusal of the carrier's means: tests/worker/test_rest.py

On SQLite alone: what is shown is who rings next, and neighbours hold both databases to the same.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.simulator.testing import PlannedFailure
from tests.calls.outcomes import LOST, accepts, happened, minutes_pass, missed, ticket
from tests.calls.town import ALARM, Town
from tests.product import NURSE


@pytest.fixture
def town(town_at_night: Town) -> Town:
    return town_at_night


# The REST interface, over which the calls to everybody are placed.

TROUBLES = {
    "429": PlannedFailure(),
    "500": PlannedFailure(500, 20500, "Internal Server Error"),
    "connection broken": PlannedFailure(unheard=True),
    "time-out": PlannedFailure(unanswered=True),
}
TAKEN_ALL_THE_SAME = {
    "500": PlannedFailure(500, 20500, "Internal Server Error", after_accepting=True),
    "connection broken": PlannedFailure(lost=True),
    "time-out": PlannedFailure(after_accepting=True, unanswered=True),
}


def in_trouble(town: Town, trouble: PlannedFailure) -> None:
    """Everybody is to be called, and both calls meet the trouble."""
    missed(town)
    town.company.fail_rest(replace(trouble, path="Calls"), times=2)
    town.let_the_worker_work(patience_seconds=0.1)


def accepted_once_and_for_all(town: Town) -> None:
    accepts(town.nurse)
    minutes_pass(town, 5)
    town.let_the_worker_work()
    assert [town.nurse.ringing, town.backup.ringing] == [False, False]
    assert ticket(town) == ("accepted", "ana-ruiz")
    assert happened(town).count("accepted") == 1


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
def test_a_call_that_the_carrier_did_not_take_is_placed_again_within_seconds(
    town: Town, trouble: PlannedFailure
) -> None:
    in_trouble(town, trouble)
    assert [town.nurse.ringing, town.backup.ringing] == [False, False]
    minutes_pass(town, 3 / 60)
    town.let_the_worker_work()
    assert [town.nurse.ringing, town.backup.ringing] == [True, True]
    accepted_once_and_for_all(town)


@pytest.mark.parametrize("trouble", TAKEN_ALL_THE_SAME.values(), ids=TAKEN_ALL_THE_SAME)
def test_a_call_whose_answer_was_lost_rings_and_its_second_one_harms_nothing(
    town: Town, trouble: PlannedFailure
) -> None:
    in_trouble(town, trouble)
    assert [town.nurse.ringing, town.backup.ringing] == [True, True]
    minutes_pass(town, 3 / 60)
    # Placed again, and finds both lines busy with the first one.
    town.let_the_worker_work()
    accepts(town.nurse)
    # Nobody knows the id of this call, so it rings on until it is answered or rings out.
    accepts(town.backup)
    assert "Ana Ruiz has already taken this call." in town.backup.heard
    minutes_pass(town, 5)
    town.let_the_worker_work()
    assert [town.nurse.ringing, town.backup.ringing] == [False, False]
    assert ticket(town) == ("accepted", "ana-ruiz")


def test_a_number_that_the_carrier_refuses_goes_to_the_desk_and_the_others_ring(town: Town) -> None:
    missed(town)
    town.company.fail_rest(PlannedFailure(400, 21211, "Invalid 'To' Phone Number", path="Calls"))
    town.let_the_worker_work()
    assert [town.nurse.ringing, town.backup.ringing] == [False, True]
    (task,) = town.product.rows("SELECT callback_number FROM desk_task WHERE kind = 'page_failed'")
    assert task["callback_number"] == NURSE
    town.backup.let_ring()
    minutes_pass(town, 2)
    town.let_the_worker_work()
    assert town.nurse.ringing


def test_while_the_carrier_is_away_the_desk_has_its_alarm_and_afterwards_everybody_rings(
    town: Town,
) -> None:
    missed(town)
    town.company.fail_rest(PlannedFailure(503, 20503, "Service Unavailable"), times=10_000)
    for _ in range(4):
        minutes_pass(town, 4)
        town.let_the_worker_work()
    assert town.product.rows("SELECT id FROM desk_task WHERE kind = 'urgent_unanswered'")
    town.company.exchange.planned.clear()
    minutes_pass(town, 2)
    while town.let_the_worker_work():
        pass
    assert [town.nurse.ringing, town.backup.ringing, town.supervisor.ringing] == [True] * 3


# What the carrier tells us: late, in another order, or never.


def test_a_caller_whose_hang_up_is_never_told_is_paged_for_all_the_same(town: Town) -> None:
    call = town.call(*ALARM)
    # How the ring ended, and that the call did.
    town.company.next_webhook(*LOST, *LOST)
    call.hang_up()
    assert "caller_left" not in happened(town)
    minutes_pass(town, 81 / 60)
    town.let_the_worker_work()
    accepted_once_and_for_all(town)


def test_a_hang_up_that_is_told_after_somebody_accepted_takes_nothing_from_them(town: Town) -> None:
    call = town.call(*ALARM)
    town.company.next_webhook(*LOST, *LOST)
    call.hang_up()
    late = town.company.webhooks[-1]
    minutes_pass(town, 81 / 60)
    town.let_the_worker_work()
    accepts(town.nurse)
    town.company.replay(late)
    assert "call_ended" in happened(town)
    assert ticket(town) == ("accepted", "ana-ruiz")


def test_a_hang_up_that_is_told_before_the_ring_it_ended_pages_everybody_at_once(
    town: Town,
) -> None:
    call = town.call(*ALARM)
    town.company.next_webhook(*LOST, *LOST)
    call.hang_up()
    ring, _, end, _ = town.company.webhooks[-4:]
    assert "/voice/turn/" in ring.url
    town.company.replay(end)
    town.company.replay(ring)
    town.let_the_worker_work()
    assert town.backup.ringing
    accepted_once_and_for_all(town)


def test_a_key_that_never_arrives_connects_nobody_and_the_backup_rings(town: Town) -> None:
    call = town.call(*ALARM)
    town.nurse.answer()
    town.company.next_webhook(*LOST)
    town.nurse.press("1")
    assert call.bridged_with is None
    assert town.backup.ringing


def test_a_line_that_breaks_between_the_key_and_the_connection_has_helped_nobody(
    town: Town,
) -> None:
    call = town.call(*ALARM)
    town.nurse.answer()
    town.company.next_webhook("answer lost", "answer lost")
    town.nurse.press("1")
    assert happened(town).count("accepted") == 1
    assert [call.bridged_with, call.is_over, town.nurse.ringing] == [None, False, True]
    accepts(town.nurse)
    assert call.bridged_with == NURSE
    assert ticket(town) == ("accepted", "ana-ruiz")
