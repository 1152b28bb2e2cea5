"""Somebody on file waits for a sooner time; the visit they have stands meanwhile."""

from __future__ import annotations

from datetime import date

from tests.calls.on_file import HEAR, MYSELF, File, austin
from tests.calls.town import NO_TEXTS, Town

THURSDAY = date(2026, 12, 3)


def test_a_patient_waits_for_a_sooner_morning_until_the_day_of_their_visit(town: Town) -> None:
    visit_id = File.of(town).visit(austin(THURSDAY, 9))
    call = town.call(*HEAR, *MYSELF, "4", "2")
    assert call.heard.startswith("Your consultation on Thursday, December 3, at 9 in the morning")
    call.press("1")
    call.press(NO_TEXTS)
    assert call.heard.startswith("You are on the waitlist until your visit on Thursday,")
    (entry,) = town.product.rows("SELECT status, day_parts, until_on, visit_id FROM waitlist_entry")
    assert (entry["status"], entry["day_parts"], str(entry["until_on"])) == (
        "waiting",
        1,
        "2026-12-03",
    )
    assert str(entry["visit_id"]).replace("-", "") == visit_id.hex
    (visit,) = town.product.rows("SELECT status FROM visit")
    assert visit["status"] == "booked"


def test_asking_again_changes_the_wish_and_not_the_place(town: Town) -> None:
    File.of(town).visit(austin(THURSDAY, 9))
    town.call(*HEAR, *MYSELF, "4", "2", "1").hang_up()
    call = town.call("2")
    call.say("is there anything sooner")
    call.press(*MYSELF)
    call.say("afternoons please")
    call.press(NO_TEXTS)
    assert call.heard.startswith("You are on the waitlist")
    (entry,) = town.product.rows("SELECT day_parts FROM waitlist_entry")
    assert entry["day_parts"] == 6


def test_who_would_rather_leave_it_waits_for_nothing(town: Town) -> None:
    File.of(town).visit(austin(THURSDAY, 9))
    call = town.call(*HEAR, *MYSELF, "4", "2", "4")
    assert call.heard.startswith("A consultation with Doctor Fura, on Thursday, December 3,")
    assert town.product.count("waitlist_entry") == 0


def test_a_patient_joins_the_waitlist_in_spanish(town: Town) -> None:
    File.of(town).visit(austin(THURSDAY, 9))
    call = town.call("9", "2")
    call.say("quiero una cita antes")
    call.press(*MYSELF)
    assert "sigue en pie. ¿Cuándo le convendría una hora más pronto?" in call.heard
    call.say("a cualquier hora")
    call.press(NO_TEXTS)
    assert call.heard.startswith("Queda en la lista de espera hasta su cita del jueves 3")
    (entry,) = town.product.rows("SELECT day_parts FROM waitlist_entry")
    assert entry["day_parts"] == 7
