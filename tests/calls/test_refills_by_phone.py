"""A patient with a pump books its refill by phone, or is led to whoever has to arrange it."""

from __future__ import annotations

from datetime import date, timedelta

from tests.calls.on_file import (
    BIRTH_KEYS,
    HEAR,
    MYSELF,
    PHONE,
    PHONE_KEYS,
    REFILL,
    File,
    austin,
    events,
    tasks,
)
from tests.calls.town import NO_TEXTS, Town
from tests.product import LINE

DUE = date(2026, 12, 13)
ALARM = DUE + timedelta(days=7)
"""The clock stands at Monday, November 23: the window of this refill is open."""
TUESDAY = date(2026, 12, 1)


def refills(town: Town) -> list[tuple[str, str | None]]:
    """Each refill's status and callback number."""
    rows = town.product.rows(
        "SELECT status, callback_number FROM visit WHERE pump_id IS NOT NULL ORDER BY starts_at"
    )
    return [(str(row["status"]), row["callback_number"]) for row in rows]


def test_a_refill_is_booked_by_keys_before_it_is_due(town: Town) -> None:
    file = File.of(town)
    pump = file.pump(ALARM)
    call = town.call(*REFILL, *MYSELF)
    assert call.heard.startswith("May we call you back on the number you are calling from,")
    call.press("1")
    assert call.heard.startswith("These times are free.")
    assert call.heard.count("November 30") == 3
    call.press("1")
    assert call.heard.startswith("A pump refill with ")
    call.press("1")
    call.press(NO_TEXTS)
    assert call.heard.startswith("You are booked: Monday, November 30, at 8 in the morning. ")
    assert refills(town) == [("booked", "+15125550142")]
    (visit,) = town.product.rows("SELECT pump_id FROM visit WHERE pump_id IS NOT NULL")
    assert str(visit["pump_id"]).replace("-", "") == pump.hex
    (recall,) = town.product.rows("SELECT status FROM recall")
    assert recall["status"] == "booked"
    assert events(town) == [("booked", "caller")]


def test_a_refill_is_booked_by_voice_for_somebody_else(town: Town) -> None:
    File.of(town).pump(ALARM)
    call = town.call("2")
    call.say("a refill please")
    call.say("for my husband")
    call.say("March 4th 1940")
    call.say("Maria Gonzalez")
    call.say("yes")
    call.say("the first one")
    call.say("book it")
    call.press(NO_TEXTS)
    assert call.heard.startswith("You are booked: ")
    assert events(town) == [("booked", "caller, for the patient")]


def test_a_refill_is_booked_in_spanish(town: Town) -> None:
    File.of(town).pump(ALARM)
    call = town.call("9", "2")
    call.say("una recarga de la bomba")
    call.press(*MYSELF, "1", "1")
    assert call.heard.startswith("Una recarga de la bomba con ")
    call.press("1")
    call.press(NO_TEXTS)
    assert call.heard.startswith("Cita reservada: el lunes 30 de noviembre a las 8 de la mañana.")


def test_who_calls_from_a_number_on_file_is_not_asked_for_one(town: Town) -> None:
    File.of(town).pump(ALARM)
    call = town.company.phone(PHONE).call(LINE)
    call.press(*REFILL, *MYSELF)
    assert call.heard.startswith("These times are free.")
    call.press("1", "1")
    assert refills(town) == [("booked", PHONE)]


def test_no_time_after_the_due_date_is_offered(town: Town) -> None:
    File.of(town).pump(date(2026, 12, 8))
    call = town.call(*REFILL, *MYSELF, "1")
    heard = [call.heard]
    while "For another time, press 4." in call.heard and len(heard) < 60:
        call.press("4", "1")
        heard.append(call.heard)
    # Due on Tuesday, December 1: its last time is that afternoon's.
    assert "Tuesday, December 1, at 4" in "".join(heard[-2:])
    assert not any("December 2," in one for one in heard)


def test_an_overdue_refill_goes_to_the_on_call_staff_as_an_alarm(town: Town) -> None:
    File.of(town).pump(date(2026, 11, 28))
    call = town.call(*REFILL, *MYSELF)
    assert call.heard.startswith("This refill has to be arranged by our on-call staff now.")
    assert "dial 9 1 1" in call.heard
    assert town.nurse.ringing
    (ticket,) = town.product.rows("SELECT category FROM ticket")
    assert ticket["category"] == "alarm"
    assert refills(town) == []


def test_an_overdue_refill_is_said_whatever_its_patient_calls_about(town: Town) -> None:
    file = File.of(town)
    file.pump(date(2026, 11, 28))
    file.visit(austin(TUESDAY, 9))
    call = town.call(*HEAR, *MYSELF)
    assert call.heard.startswith("A pump refill is overdue.")
    call.press("2")
    assert call.heard.startswith("A consultation with Doctor Fura, on Tuesday, December 1,")
    assert town.product.count("ticket") == 0


def test_silence_about_an_overdue_refill_rings_the_on_call_staff(town: Town) -> None:
    file = File.of(town)
    file.pump(date(2026, 11, 28))
    call = town.call(*HEAR, *MYSELF)
    call.stay_silent()
    assert town.nurse.ringing


def test_a_refill_that_is_booked_already_is_heard(town: Town) -> None:
    file = File.of(town)
    file.visit(austin(TUESDAY, 9), pump=file.pump(ALARM))
    call = town.call(*REFILL, *MYSELF)
    assert call.heard.startswith("A pump refill with Doctor Fura, on Tuesday,")
    assert len(refills(town)) == 1


def test_of_two_pumps_the_one_without_a_visit_is_booked(town: Town) -> None:
    file = File.of(town)
    file.visit(austin(TUESDAY, 9), pump=file.pump(ALARM, label="left"))
    other = file.pump(ALARM + timedelta(days=2), was_here=False, label="right")
    call = town.call(*REFILL, *MYSELF, "1", "1", "1")
    call.press(NO_TEXTS)
    assert call.heard.startswith("You are booked: ")
    booked = town.product.rows("SELECT pump_id FROM visit WHERE booked_channel = 'phone'")
    assert [str(row["pump_id"]).replace("-", "") for row in booked] == [other.hex]


def test_a_refill_booked_for_after_it_is_due_goes_to_the_on_call_staff(town: Town) -> None:
    file = File.of(town)
    file.visit(austin(TUESDAY, 9), pump=file.pump(date(2026, 12, 6)))
    town.call(*REFILL, *MYSELF)
    assert town.nurse.ringing


def test_a_refill_far_ahead_is_told_by_its_own_dates(town: Town) -> None:
    File.of(town).pump(date(2027, 4, 8))
    call = town.call(*REFILL, *MYSELF)
    # Due on April 1; bookable for 21 days up to it, and 60 days ahead.
    assert call.heard.startswith(
        "Your next refill is due by April 1, 2027. You can book it by phone from January 10, 2027."
    )
    assert tasks(town) == []


def test_without_a_pump_on_file_the_desk_arranges_it(town: Town) -> None:
    File.of(town)
    call = town.call(*REFILL, *MYSELF)
    assert call.heard.startswith("I cannot book this refill by phone, so I have told the front")
    call.hang_up()
    (task,) = town.product.rows("SELECT kind, callback_number FROM desk_task")
    assert (task["kind"], task["callback_number"]) == ("refill_to_arrange", "+15125550142")


def test_a_refill_whose_drug_cannot_be_prepared_in_time_goes_to_the_desk(town: Town) -> None:
    File.of(town).pump(date(2026, 12, 2))
    call = town.call(*REFILL, *MYSELF)
    assert call.heard.startswith("I cannot book this refill by phone")
    assert tasks(town) == ["refill_to_arrange"]


def test_it_is_urgent_where_the_desk_does_not_open_before_it_is_due(town: Town) -> None:
    file = File.of(town)
    file.pump(date(2026, 12, 6))
    # Due on Sunday, November 29; this is Friday evening.
    town.product.clock.now = austin(date(2026, 11, 27), 18)
    call = town.call(*REFILL, *MYSELF)
    assert call.heard.startswith("This refill has to be arranged by our on-call staff now.")
    assert town.product.count("ticket") == 1


def test_a_refill_is_never_given_up_without_another_one(town: Town) -> None:
    file = File.of(town)
    file.visit(austin(TUESDAY, 9), pump=file.pump(ALARM))
    call = town.call(*HEAR, *MYSELF, "3")
    assert call.heard.startswith("I only give up a refill for another one.")
    call.press("2")
    assert call.heard.startswith("The front desk has been told, and will call you.")
    assert refills(town) == [("booked", PHONE)]
    (task,) = town.product.rows("SELECT kind, note FROM desk_task")
    assert task["kind"] == "refill_cancellation"
    assert task["note"] == (
        "Refill on 2026-12-01 at 09:00 with Doctor Fura: the caller wants to give it up. It stands."
    )


def test_a_refill_is_moved_within_its_window(town: Town) -> None:
    file = File.of(town)
    file.visit(austin(TUESDAY, 9), pump=file.pump(ALARM))
    call = town.call("9", "2")
    call.say("quiero cancelar mi cita")
    call.press(*MYSELF)
    assert call.heard.startswith("Una recarga solo se cambia por otra.")
    call.say("otro día")
    assert "Están libres:" in call.heard
    call.press("1", "1")
    call.press(NO_TEXTS)
    assert call.heard.startswith("Cambiada: su recarga de la bomba queda para el lunes 30 de")
    assert refills(town) == [("booked", PHONE)]
    assert events(town) == [("rescheduled", "caller")]


def test_a_refill_of_a_patient_never_seen_here_goes_to_the_desk(town: Town) -> None:
    File.of(town).pump(ALARM, was_here=False)
    town.call(*REFILL, *MYSELF).hang_up()
    assert tasks(town) == ["refill_to_arrange"]


def test_two_calls_at_once_book_one_refill(town: Town) -> None:
    File.of(town).pump(ALARM)
    first = town.call(*REFILL, *MYSELF, "1", "1")
    second = town.company.phone("+15125550143").call(LINE)
    second.press(*REFILL, "1", BIRTH_KEYS, PHONE_KEYS, "1", "2")
    first.press("1")
    second.press("1")
    assert second.heard.startswith("You already have a visit booked")
    assert len(refills(town)) == 1


def test_the_patients_own_visits_are_in_the_way(town: Town) -> None:
    file = File.of(town)
    file.pump(ALARM)
    file.visit(austin(date(2026, 11, 30), 8))
    call = town.call(*REFILL, *MYSELF, "1")
    assert "Monday, November 30, at 8:45 in the morning" in call.heard
    assert "at 8 in the morning" not in call.heard
