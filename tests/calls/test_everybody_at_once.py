"""Nobody took the single rings: everybody's phone is called, and the caller waits for whoever
accepts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ivr.simulator.testing import PlacedCall
from tests.calls.town import ALARM, Town
from tests.clock import MONDAY_NIGHT
from tests.product import BACKUP, NURSE


@pytest.fixture(autouse=True)
def at_night_with_a_worker(town: Town) -> None:
    town.product.clock.now = MONDAY_NIGHT
    town.let_the_worker_work()


def waiting(town: Town) -> PlacedCall:
    """A caller for whom the nurse's and the backup's phone rang out, and both are called again."""
    call = town.call(*ALARM)
    town.nurse.let_ring()
    town.backup.let_ring()
    assert "I am calling everybody at once." in call.heard
    town.let_the_worker_work()
    return call


def ticket(town: Town) -> tuple[str, str | None]:
    (row,) = town.product.rows(
        "SELECT t.status, p.key FROM ticket t LEFT JOIN on_call_person p ON p.id = t.accepted_by"
    )
    return str(row["status"]), row["key"]


def test_both_phones_ring_at_once_and_the_key_fetches_the_caller(town: Town) -> None:
    call = waiting(town)
    assert town.nurse.ringing
    assert town.backup.ringing
    town.backup.answer()
    assert "A pump alarm or a missed refill." in town.backup.heard
    town.backup.press("1")
    assert call.bridged_with == BACKUP
    assert ticket(town) == ("accepted", "sam-lee")


def test_the_other_phone_falls_silent_once_somebody_has_accepted(town: Town) -> None:
    waiting(town)
    town.backup.answer()
    town.backup.press("1")
    town.let_the_worker_work()
    assert not town.nurse.ringing


def test_one_voicemail_cannot_win(town: Town) -> None:
    call = waiting(town)
    town.nurse.voicemail_picks_up()
    assert call.bridged_with is None
    assert town.backup.ringing
    town.backup.answer()
    town.backup.press("1")
    assert call.bridged_with == BACKUP


def test_who_accepts_second_hears_who_has_it(town: Town) -> None:
    call = waiting(town)
    town.nurse.answer()
    town.backup.answer()
    town.nurse.press("1")
    town.backup.press("1")
    assert call.bridged_with == NURSE
    assert "Ana Ruiz has already taken this call." in town.backup.heard


def test_who_waits_hears_something_every_ten_seconds_and_after_a_minute_what_comes_next(
    town: Town,
) -> None:
    call = waiting(town)
    town.nurse.switch_off()
    town.backup.switch_off()
    town.company.elapse(75)
    assert "I am calling everybody on call at once." in call.heard_in_all
    assert "hang up and dial 9 1 1" in call.heard_in_all
    assert "We have paged the on-call staff to call you back." in call.heard_in_all
    assert call.longest_silence <= timedelta(seconds=10)
    assert town.company.refused == []


def test_hanging_up_in_the_queue_is_no_end(town: Town) -> None:
    call = waiting(town)
    town.nurse.let_ring()
    town.backup.let_ring()
    town.product.clock.advance(seconds=20)
    call.hang_up()
    assert ticket(town)[1] is None
    town.let_the_worker_work()
    assert town.nurse.ringing


def test_who_accepts_for_a_caller_who_has_hung_up_calls_back_on_one_key(town: Town) -> None:
    call = waiting(town)
    town.nurse.answer()
    call.hang_up()
    town.nurse.press("1")
    assert "Please call back now" in town.nurse.heard
    town.nurse.press("1")
    assert town.patient.ringing


def test_where_the_carrier_takes_no_calls_they_are_rung_one_after_the_other_again(
    town: Town,
) -> None:
    call = town.call(*ALARM)
    town.nurse.let_ring()
    town.backup.let_ring()
    # No call is placed for a whole minute.
    town.company.elapse(75)
    assert town.nurse.ringing
    town.nurse.answer()
    town.nurse.press("1")
    assert call.bridged_with == NURSE


def test_a_talk_that_ends_at_once_is_no_help(town: Town) -> None:
    call = waiting(town)
    town.nurse.answer()
    town.nurse.press("1")
    call.hang_up()
    assert ticket(town)[1] is None
    town.let_the_worker_work()
    assert town.nurse.ringing


def test_a_caller_who_is_still_told_of_everybody_gets_no_promise_of_a_dead_worker(
    town: Town,
) -> None:
    town.product.clock.advance(minutes=5)
    call = town.call(*ALARM)
    town.nurse.let_ring()
    town.backup.let_ring()
    assert "calling everybody at once" not in call.heard
