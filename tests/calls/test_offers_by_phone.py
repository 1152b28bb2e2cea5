"""Somebody phones while a freed time is held for them: they hear it, and take or refuse it."""

from __future__ import annotations

from datetime import date

import pytest

from ivr.simulator.testing import PlacedCall
from tests.calls.on_file import HEAR, MYSELF, File, austin
from tests.calls.town import NO_TEXTS, Town

WEDNESDAY, THURSDAY = date(2026, 11, 25), date(2026, 12, 3)
OFFER = (
    "A sooner time is free: consultation on Wednesday, November 25, at 9 in the morning, instead "
    "of Thursday, December 3, at 9 in the morning. It is kept for 15 minutes."
)


def offered(town: Town) -> File:
    """Maria waits to come sooner; a time on Wednesday has just become free, and is held for her."""
    maria = File.of(town)
    maria.waits(maria.visit(austin(THURSDAY, 9)), THURSDAY)
    other = File.of(town, "Jo Ann Smith", born=date(1950, 5, 6), phone="+15125550161")
    other.desk_cancels(other.visit(austin(WEDNESDAY, 9)))
    return maria


def states(town: Town) -> list[str]:
    """Of each offer, in order."""
    return [row["status"] for row in town.product.rows("SELECT status FROM waitlist_offer")]


def visits(town: Town) -> list[str]:
    """When the visits that stand begin, UTC."""
    rows = town.product.rows(
        "SELECT starts_at FROM visit WHERE status IN ('booked', 'confirmed') ORDER BY starts_at"
    )
    return [str(row["starts_at"])[:16] for row in rows]


def known(town: Town) -> PlacedCall:
    """A call of Maria's for her visits, as soon as she is known."""
    return town.call(*HEAR, *MYSELF)


def test_it_is_heard_before_what_they_call_for_and_moves_their_visit(town: Town) -> None:
    offered(town)
    call = known(town)
    assert call.heard.startswith(OFFER)
    call.press("1", NO_TEXTS)
    assert call.heard.startswith(
        "It is yours: consultation with Doctor Fura, on Wednesday, November 25, at 9 in the "
        "morning. Once more: Wednesday, November 25, at 9 in the morning."
    )
    assert visits(town) == ["2026-11-25 15:00"]
    assert states(town) == ["accepted"]
    assert town.company.refused == []


def test_refused_it_goes_to_somebody_else_and_their_place_and_visit_stay(town: Town) -> None:
    offered(town)
    call = known(town)
    call.say("no thanks")
    assert call.heard.startswith("Then it goes to somebody else, and you stay on the waitlist.")
    call.press("1")
    assert call.heard.startswith("A consultation with Doctor Fura, on Thursday, December 3,")
    assert states(town) == ["declined"]
    assert visits(town) == ["2026-12-03 15:00"]
    (entry,) = town.product.rows("SELECT status FROM waitlist_entry")
    assert entry["status"] == "waiting"


def test_who_would_decide_later_goes_on_and_is_not_told_again_in_this_call(town: Town) -> None:
    offered(town)
    call = known(town)
    call.press("3")
    assert call.heard.startswith("A consultation with Doctor Fura, on Thursday, December 3,")
    call.press("4", "3", "2", "3")
    assert call.heard.startswith("A consultation with Doctor Fura, on Thursday, December 3,")
    assert states(town) == ["open"]
    call.hang_up()
    town.product.clock.advance(minutes=4)
    assert "It is kept for 11 minutes." in known(town).heard


@pytest.mark.parametrize("key", ["1", "2"])
def test_one_that_has_been_passed_on_meanwhile_is_gone(town: Town, key: str) -> None:
    offered(town)
    call = known(town)
    with town.product.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE waitlist_offer SET status = 'lapsed'")
    call.press(key)
    assert call.heard.startswith("I am sorry, that time is no longer kept for you.")
    call.press("1")
    assert call.heard.startswith("A consultation with Doctor Fura, on Thursday, December 3,")
    assert visits(town) == ["2026-12-03 15:00"]


def test_one_whose_time_is_up_is_not_told(town: Town) -> None:
    offered(town)
    town.product.clock.advance(minutes=15)
    assert known(town).heard.startswith("A consultation with Doctor Fura, on Thursday, December 3,")


def test_it_is_told_to_nobody_who_is_not_known(town: Town) -> None:
    offered(town)
    call = town.call(*HEAR, "1", "03041941", MYSELF[2])
    assert "A sooner time" not in call.heard_in_all


def test_it_is_taken_in_spanish(town: Town) -> None:
    offered(town)
    call = town.call("9", *HEAR, *MYSELF)
    assert call.heard.startswith(
        "Hay una hora antes: consulta el miércoles 25 de noviembre a las 9 de la mañana, en vez "
        "del jueves 3 de diciembre a las 9 de la mañana. Se guarda 15 minutos."
    )
    call.say("sí, la tomo")
    call.press(NO_TEXTS)
    assert call.heard.startswith("Es suya: consulta con Doctor Fura, el miércoles 25")
    assert visits(town) == ["2026-11-25 15:00"]
