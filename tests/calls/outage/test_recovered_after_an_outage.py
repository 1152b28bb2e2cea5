"""The database is away while a pump beeps: the call is answered all the same, and is found again.

In the outage the caller hears the 911 sentence and on-call phones ring. Once the database is back,
a ticket stands there as if it had never been away.
"""

from __future__ import annotations

import pytest

from ivr.recovery.calls import AT_ONCE
from ivr.simulator.testing import PlacedCall, PlannedFailure
from tests.calls.outage.away import (
    answers_again,
    back,
    the_web_process_dies,
    tickets,
)
from tests.calls.town import ALARM, Town
from tests.carrier.outages import Outage
from tests.product import BACKUP, LINE, NURSE, PATIENT

EVERY_WAY = ["sqlite-locked", "pg-refused", "pg-frozen", "pg-black-holed"]


def events(town: Town) -> list[str]:
    """What happened to all of them."""
    rows = town.product.rows("SELECT kind FROM ticket_event ORDER BY ticket_id, sequence")
    return [str(row["kind"]) for row in rows]


def nobody_answers(call: PlacedCall, town: Town) -> None:
    """The on-call phones ring in vain, and the caller gives up."""
    assert "dial 9 1 1" in call.heard_in_all
    town.nurse.let_ring()
    town.backup.let_ring()
    call.hang_up()


def accepted_in_outage(town: Town, call: PlacedCall) -> None:
    """The nurse presses 1, and the two talk for a minute."""
    town.nurse.answer()
    town.nurse.press("1")
    assert call.bridged_with == NURSE
    town.company.elapse(60)
    call.hang_up()


@pytest.mark.parametrize("outage", EVERY_WAY, indirect=True)
def test_a_call_that_the_nurse_accepted_stands_there_as_hers(outage: Outage, town: Town) -> None:
    with outage.happening():
        accepted_in_outage(town, town.call())
    back(outage, town)
    # Any next call to this process, and it stores what it had in mind.
    town.call().hang_up()
    town.let_the_worker_work()
    assert tickets(town) == [("accepted", PATIENT)]
    assert not town.nurse.ringing


def test_who_called_is_found_though_only_the_process_that_heard_the_nurse_survived(
    outage: Outage, town: Town
) -> None:
    with outage.happening():
        accepted_in_outage(town, town.call())
    town.product.app.extensions["callnow_unrecorded"]._waiting.popleft()
    back(outage, town)
    town.call().hang_up()
    assert tickets(town) == [("accepted", None)]
    town.let_the_worker_work()
    assert tickets(town) == [("accepted", PATIENT)]


def test_who_called_is_known_from_the_calls_beginning_where_only_the_nurse_tells_of_it(
    outage: Outage, town: Town
) -> None:
    call = town.call()
    with outage.happening():
        call.press("1")
        accepted_in_outage(town, call)
    town.product.app.extensions["callnow_unrecorded"]._waiting.popleft()
    back(outage, town)
    town.call().hang_up()
    assert tickets(town) == [("accepted", PATIENT)]


@pytest.mark.parametrize("outage", EVERY_WAY, indirect=True)
def test_a_call_that_nobody_answered_is_paged_for_at_the_workers_first_look(
    outage: Outage, town: Town
) -> None:
    with outage.happening():
        nobody_answers(town.call(), town)
    the_web_process_dies(town)
    back(outage, town)
    town.let_the_worker_work()
    assert tickets(town) == [("open", PATIENT)]
    assert events(town) == ["opened", "recovered", "caller_left", "repaged"]
    assert town.nurse.ringing_from == LINE
    town.nurse.answer()
    town.nurse.press("1")
    assert "Please call back now, on 5 1 2, 5 5 5, 0 1 4 2." in town.nurse.heard


@pytest.mark.parametrize("outage", EVERY_WAY, indirect=True)
@pytest.mark.parametrize("died", [False, True], ids=["web lives", "web died"])
def test_a_call_that_lost_the_database_on_its_way_is_paged_for(
    outage: Outage, town: Town, *, died: bool
) -> None:
    call = town.call()
    with outage.happening():
        call.press("1")
        nobody_answers(call, town)
    if died:
        the_web_process_dies(town)
    back(outage, town)
    town.let_the_worker_work()
    assert tickets(town) == [("open", PATIENT)]
    assert town.nurse.ringing


def test_one_that_goes_on_after_the_database_is_back_is_found_by_whom_it_rang(
    outage: Outage, town: Town
) -> None:
    call = town.call()
    with outage.happening():
        call.press("1")
        assert town.nurse.ringing
    the_web_process_dies(town)
    answers_again(outage, town)
    town.nurse.let_ring()
    call.hang_up()
    town.let_the_worker_work()
    assert tickets(town) == [("open", PATIENT)]


def test_whoever_hung_up_meanwhile_is_called_back_for_nobody_heard_what_they_pressed(
    outage: Outage, town: Town
) -> None:
    with town.company.time_held():
        call = town.call()
        with outage.happening():
            town.company.settle()
            call.hang_up()
        the_web_process_dies(town)
        back(outage, town)
    town.let_the_worker_work()
    assert tickets(town) == [("open", PATIENT)]


def test_the_language_chosen_before_is_not_forgotten(outage: Outage, town: Town) -> None:
    call = town.call("9")
    with outage.happening():
        call.press("1")
        nobody_answers(call, town)
    the_web_process_dies(town)
    back(outage, town)
    town.let_the_worker_work()
    town.nurse.answer()
    assert "The caller speaks Spanish" in town.nurse.heard


def test_looking_again_makes_no_second_ticket(outage: Outage, town: Town) -> None:
    with outage.happening():
        nobody_answers(town.call(), town)
    back(outage, town)
    for _ in range(3):
        town.let_the_worker_work()
        town.company.elapse(61)
    town.call().hang_up()
    assert len(tickets(town)) == 1
    assert events(town).count("recovered") == 1


def test_more_calls_than_one_look_makes_up_for_all_get_their_tickets(
    outage: Outage, town: Town
) -> None:
    """Hundreds may come; the pages of the first go out before the last are found."""
    callers = [f"+1512556{number:04}" for number in range(AT_ONCE + 3)]
    with outage.happening():
        for number in callers:
            town.company.phone(number).call(LINE).hang_up()
    the_web_process_dies(town)
    back(outage, town)
    town.let_the_worker_work()
    assert len(tickets(town)) == AT_ONCE
    town.let_the_worker_work()
    assert sorted(number or "" for _, number in tickets(town)) == callers


def test_a_carrier_that_fails_at_first_loses_nothing(outage: Outage, town: Town) -> None:
    with outage.happening():
        nobody_answers(town.call(), town)
    the_web_process_dies(town)
    back(outage, town)
    failure = PlannedFailure(http_status=500, code=20500, path="Calls", method="GET")
    town.company.fail_rest(failure, times=2)
    for _ in range(2):
        town.let_the_worker_work()
        assert tickets(town) == []
    town.let_the_worker_work()
    assert tickets(town) == [("open", PATIENT)]


def test_whoever_calls_three_times_in_an_outage_is_called_back_once(
    outage: Outage, town: Town
) -> None:
    with outage.happening():
        for _ in range(3):
            nobody_answers(town.call(), town)
        withheld = town.call(withhold_number=True)
        nobody_answers(withheld, town)
    the_web_process_dies(town)
    back(outage, town)
    # A phone rings for one ticket at a time.
    for _ in range(2):
        while town.let_the_worker_work():
            for phone in (town.nurse, town.backup):
                if phone.ringing:
                    phone.let_ring()
        town.company.elapse(50)
    assert tickets(town) == [("open", PATIENT), ("open", None)]
    assert events(town).count("recovered") == 4
    called = town.product.rows("SELECT to_number FROM outbox_message WHERE kind = 'page_call'")
    assert [row["to_number"] for row in called].count(NURSE) == 2


def test_whoever_is_accepted_at_their_second_call_is_not_called_for_the_first(
    outage: Outage, town: Town
) -> None:
    with outage.happening():
        nobody_answers(town.call(), town)
        accepted_in_outage(town, town.call())
    back(outage, town)
    town.call().hang_up()
    town.let_the_worker_work()
    assert tickets(town) == [("accepted", PATIENT)]


def test_a_line_that_broke_right_after_the_key_is_paged_for(outage: Outage, town: Town) -> None:
    with outage.happening():
        call = town.call()
        town.nurse.answer()
        town.nurse.press("1")
        town.company.elapse(5)
        call.hang_up()
    back(outage, town)
    town.let_the_worker_work()
    town.call().hang_up()
    assert tickets(town) == [("open", PATIENT)]
    assert town.nurse.ringing


def test_a_ticket_accepted_while_the_database_was_away_is_the_nurses_afterwards(
    outage: Outage, town: Town
) -> None:
    call = town.call(*ALARM)
    with outage.happening():
        accepted_in_outage(town, call)
    back(outage, town)
    town.call().hang_up()
    town.let_the_worker_work()
    assert tickets(town) == [("accepted", PATIENT)]
    assert not town.nurse.ringing


def test_it_does_not_take_the_ticket_from_whoever_accepted_since(
    outage: Outage, town: Town
) -> None:
    call = town.call(*ALARM)
    with outage.happening():
        accepted_in_outage(town, call)
    back(outage, town)
    town.let_the_worker_work()
    unrecorded = town.product.app.extensions["callnow_unrecorded"]
    kept = list(unrecorded._waiting)
    unrecorded._waiting.clear()
    town.backup.answer()
    town.backup.press("1")
    unrecorded._waiting.extend(kept)
    unrecorded.record()
    (holder,) = town.product.rows(
        "SELECT person.number AS number FROM ticket JOIN on_call_person AS person"
        " ON person.id = ticket.accepted_by"
    )
    assert holder["number"] == BACKUP


def test_a_call_that_only_asks_for_a_visit_gets_no_ticket(outage: Outage, town: Town) -> None:
    call = town.call("2")
    for _ in range(2):
        town.company.elapse(61)
        town.let_the_worker_work()
        if not call.is_over:
            call.hang_up()
    assert tickets(town) == []
