"""Somebody on call is rung to try: only a person who presses the key has been reached."""

from __future__ import annotations

import pytest

from ivr.oncall import trial_rings
from ivr.oncall.trial_rings import Outcome
from ivr.simulator.testing import PlannedFailure
from tests.calls.town import Town
from tests.product import LINE


def ask(town: Town) -> None:
    """What the button on the rota's page does."""
    product = town.product
    product.database.write(
        lambda session: trial_rings.ring(
            session,
            clinic_id="demo",
            person_key="ana-ruiz",
            link_base=product.settings.public_base_url,
            by="Rosa Diaz",
            now=product.clock(),
        )
    )
    town.let_the_worker_work()


def outcome(town: Town) -> Outcome:
    """What the page shows beside her name."""
    latest = town.product.database.read(lambda session: trial_rings.latest(session, "demo"))
    return latest["ana-ruiz"].outcome


def test_a_nurse_who_presses_1_is_reached(town: Town) -> None:
    ask(town)
    assert town.nurse.ringing_from == LINE
    assert outcome(town) is Outcome.RUNG
    town.nurse.answer()
    assert "This is a test of the clinic's urgent line. Nobody is waiting." in town.nurse.heard
    town.nurse.press("1")
    assert "The test is passed." in town.nurse.heard
    assert outcome(town) is Outcome.CONFIRMED


@pytest.mark.parametrize("how", ["she does not answer", "voicemail", "another key"])
def test_nobody_else_is(town: Town, how: str) -> None:
    ask(town)
    if how == "she does not answer":
        town.nurse.let_ring()
    else:
        town.nurse.answer()
        if how == "another key":
            town.nurse.press("2")
        else:
            town.nurse.hang_up()
    assert outcome(town) is Outcome.RUNG


def test_a_test_opens_no_ticket(town: Town) -> None:
    ask(town)
    town.nurse.answer()
    town.nurse.press("1")
    assert town.product.count("ticket") == 0


def test_one_that_her_phone_refuses_is_told_as_what_it_is(town: Town) -> None:
    town.company.fail_rest(PlannedFailure(http_status=400, code=21211))
    ask(town)
    assert outcome(town) is Outcome.FAILED
    (task,) = town.product.rows("SELECT kind, callback_number, note FROM desk_task")
    assert task == {
        "kind": "trial_failed",
        "callback_number": town.nurse.number,
        "note": (
            "The test call did not go out. The number is mistyped: no telephone can have it (the "
            "telephone company's code 21211). No caller was waiting: correct the number, and ring "
            "it again to try."
        ),
    }


def test_one_that_the_carrier_never_placed_is_not_laid_to_her_phone(town: Town) -> None:
    town.company.fail_rest(PlannedFailure(http_status=401, code=20003))
    ask(town)
    notes = [row["note"] for row in town.product.rows("SELECT note FROM desk_task")]
    assert all(note.startswith("The test call did not go out: ") for note in notes)
