"""What a caller gave is forgotten an hour after the call; the path the call took stays."""

from __future__ import annotations

from tests.calls.town import Town

TO_THE_READ_BACK = ("2", "1", "1", "03041940", "1", "1", "1")


def kept(town: Town) -> list[tuple[str, bool, bool]]:
    return [
        (row["node"], row["state"] is not None, row["answer"] is not None)
        for row in town.product.rows("SELECT node, state, answer FROM call_turn ORDER BY turn")
    ]


def test_answers_are_kept_for_an_hour_and_then_emptied(town: Town) -> None:
    town.call(*TO_THE_READ_BACK).hang_up()
    town.product.clock.advance(minutes=59)
    town.let_the_worker_work()
    assert all(state and answer for _, state, answer in kept(town))
    town.product.clock.advance(minutes=2)
    town.let_the_worker_work()
    assert not any(state or answer for _, state, answer in kept(town))
    assert [node for node, _, _ in kept(town)][-2:] == ["offer_slots", "read_back"]


def test_a_call_whose_end_was_never_reported_is_emptied_too(town: Town) -> None:
    town.call(*TO_THE_READ_BACK)
    town.product.clock.advance(hours=7)
    town.let_the_worker_work()
    town.product.clock.advance(hours=1, minutes=1)
    town.let_the_worker_work()
    assert not any(state or answer for _, state, answer in kept(town))


def test_a_hold_that_lapsed_is_cleared_away(town: Town) -> None:
    town.call(*TO_THE_READ_BACK)
    assert town.product.count("hold") == 1
    town.product.clock.advance(minutes=10)
    town.let_the_worker_work()
    assert (town.product.count("hold"), town.product.count("occupancy")) == (0, 0)
