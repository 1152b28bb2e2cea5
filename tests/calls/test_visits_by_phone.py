"""Somebody on file hears, confirms, moves and cancels their visits, by keys or by voice."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from tests.calls.on_file import BIRTH_KEYS, HEAR, MYSELF, PHONE_KEYS, File, austin, events, tasks
from tests.calls.town import NO_TEXTS, Town

WEDNESDAY = date(2026, 12, 2)
THURSDAY = date(2026, 12, 3)


def visits(town: Town) -> list[tuple[str, str]]:
    """When and how each stands."""
    rows = town.product.rows("SELECT starts_at, status FROM visit ORDER BY starts_at")
    return [(_utc(row["starts_at"]), str(row["status"])) for row in rows]


def _utc(stored: object) -> str:
    moment = datetime.fromisoformat(str(stored))
    moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    return f"{moment:%Y-%m-%d %H:%M}"


def test_the_next_visits_are_heard_one_by_one(town: Town) -> None:
    file = File.of(town)
    file.visit(austin(WEDNESDAY, 9))
    file.visit(austin(THURSDAY, 14))
    call = town.call(*HEAR, *MYSELF)
    assert call.heard.startswith(
        "A consultation with Doctor Fura, on Wednesday, December 2, at 9 in the morning. "
        "You have not confirmed it yet."
    )
    call.press("4", "1")
    assert "on Thursday, December 3, at 2 in the afternoon." in call.heard
    call.press("4", "1")
    assert call.heard.startswith("I find no more visits.")
    call.press("1")
    assert "on Wednesday, December 2," in call.heard
    assert town.company.refused == []


def test_a_visit_is_confirmed_and_heard_twice(town: Town) -> None:
    File.of(town).visit(austin(WEDNESDAY, 9))
    call = town.call(*HEAR, *MYSELF, "1")
    assert call.heard.startswith("Confirmed: your consultation, on Wednesday, December 2,")
    assert call.heard.count("Wednesday, December 2, at 9 in the morning") == 2
    assert visits(town) == [("2026-12-02 15:00", "confirmed")]
    assert events(town) == [("confirmed", "caller")]


def test_a_visit_is_moved_and_the_old_time_stands_until_then(town: Town) -> None:
    File.of(town).visit(austin(WEDNESDAY, 9))
    call = town.call(*HEAR, *MYSELF, "2")
    assert call.heard.startswith("I will look for another time. Your consultation on Wednesday,")
    assert "These times are free." in call.heard
    # The time it has is no other time.
    assert "Wednesday, December 2, at 9 in the morning, press" not in call.heard
    call.press("1")
    assert "Your consultation on Wednesday, December 2, at 9 in the morning would move to" in (
        call.heard
    )
    assert visits(town) == [("2026-12-02 15:00", "booked")]
    call.press("1")
    call.press(NO_TEXTS)
    assert call.heard.startswith("Moved: your consultation is now on Tuesday, November 24,")
    assert call.heard.count("Tuesday, November 24, at 10 in the morning") == 2
    assert visits(town) == [("2026-11-24 16:00", "booked")]
    assert town.product.count("hold") == 0


def test_a_visit_is_moved_by_voice(town: Town) -> None:
    File.of(town).visit(austin(WEDNESDAY, 9))
    call = town.call("2")
    call.say("I need to reschedule my appointment")
    assert "If you call for yourself, press 1." in call.heard
    call.say("for myself")
    call.say("March 4th 1940")
    call.say("my name is maria gonzalez")
    assert call.heard.startswith("I will look for another time.")
    call.say("the second one")
    assert "would move to" in call.heard
    call.say("yes")
    call.press(NO_TEXTS)
    assert call.heard.startswith("Moved: your consultation is now on ")
    assert visits(town) != [("2026-12-02 15:00", "booked")]


def test_keeping_the_old_time_after_the_read_back_frees_the_new_one(town: Town) -> None:
    File.of(town).visit(austin(WEDNESDAY, 9))
    call = town.call(*HEAR, *MYSELF, "2", "1", "3")
    assert call.heard.startswith("A consultation with Doctor Fura, on Wednesday, December 2,")
    assert visits(town) == [("2026-12-02 15:00", "booked")]
    assert town.product.count("hold") == 0


def test_hanging_up_while_moving_changes_nothing(town: Town) -> None:
    File.of(town).visit(austin(WEDNESDAY, 9))
    call = town.call(*HEAR, *MYSELF, "2", "1")
    assert town.product.count("hold") == 1
    call.hang_up()
    assert town.product.count("hold") == 0
    assert visits(town) == [("2026-12-02 15:00", "booked")]


def test_who_looks_for_a_consultation_after_moving_books_a_new_one(town: Town) -> None:
    File.of(town).visit(austin(WEDNESDAY, 9))
    call = town.call(*HEAR, *MYSELF, "2", "*", "*")
    call.press("4", "3", "2", "1", "1", "05061950", "1", "1", "1")
    assert call.heard.startswith("A consultation with Doctor Fura, on ")
    call.press("1")
    call.press(NO_TEXTS)
    assert call.heard.startswith("You are booked: ")
    assert len(visits(town)) == 2


def test_a_time_that_has_just_gone_is_answered_with_the_next_free_ones(town: Town) -> None:
    File.of(town).visit(austin(WEDNESDAY, 9))
    call = town.call(*HEAR, *MYSELF, "2")
    other = town.company.phone("+15125550143").call("+15125550100")
    other.press("2", "1", "1", "05061950", "1", "1", "1", "1")
    call.press("1")
    assert call.heard.startswith("That time has just been taken.")
    call.press("1", "1")
    call.press(NO_TEXTS)
    assert call.heard.startswith("Moved: ")


def test_a_visit_that_the_desk_has_moved_meanwhile_is_heard_again_first(town: Town) -> None:
    file = File.of(town)
    visit_id = file.visit(austin(WEDNESDAY, 9))
    call = town.call(*HEAR, *MYSELF)
    file.desk_moves(visit_id)
    ((stands_at, _),) = visits(town)
    assert stands_at.startswith("2026-12-04")
    call.press("3")
    assert call.heard.startswith("Do you want to cancel your consultation on Friday, December 4,")
    call.press("1")
    assert visits(town) == [(stands_at, "cancelled")]


@pytest.mark.parametrize("keys", [("1",), ("2", "1", "1")])
def test_nothing_is_changed_of_a_visit_that_is_not_as_it_was_heard(
    town: Town, keys: tuple[str, ...]
) -> None:
    file = File.of(town)
    visit_id = file.visit(austin(WEDNESDAY, 9))
    call = town.call(*HEAR, *MYSELF)
    *before, last = keys
    call.press(*before)
    file.desk_moves(visit_id)
    stands = visits(town)
    call.press(last)
    assert call.heard.startswith("The clinic has just changed this visit.")
    assert visits(town) == stands
    assert town.product.count("hold") == 0


def test_a_visit_is_cancelled_only_when_asked_once_more(town: Town) -> None:
    File.of(town).visit(austin(WEDNESDAY, 9))
    call = town.call(*HEAR, *MYSELF, "3")
    assert call.heard.startswith("Do you want to cancel your consultation on Wednesday,")
    call.press("2")
    assert visits(town) == [("2026-12-02 15:00", "booked")]
    call.press("3", "1")
    assert call.heard.startswith("Cancelled: your consultation on Wednesday, December 2,")
    assert visits(town) == [("2026-12-02 15:00", "cancelled")]
    assert events(town) == [("cancelled", "caller")]


def test_a_caregiver_cancels_by_voice_and_is_recorded_as_a_proxy(town: Town) -> None:
    File.of(town).visit(austin(WEDNESDAY, 9))
    call = town.call("2")
    call.say("I have to cancel an appointment")
    call.say("it's for my mother")
    assert call.heard.startswith("Please key the patient's date of birth:")
    call.press(BIRTH_KEYS, PHONE_KEYS)
    call.say("no, don't cancel it")
    assert visits(town) == [("2026-12-02 15:00", "booked")]
    call.say("cancel it")
    call.say("yes, cancel it")
    assert events(town) == [("cancelled", "caller, for the patient")]


def test_a_visit_is_moved_in_spanish(town: Town) -> None:
    File.of(town, "José Ñáñez").visit(austin(WEDNESDAY, 9))
    call = town.call("9", "2")
    call.say("quiero cambiar mi cita")
    assert call.heard.startswith("Primero, dos preguntas")
    call.say("para mí")
    call.press(BIRTH_KEYS)
    call.say("me llamo José Ñáñez")
    assert call.heard.startswith(
        "Voy a buscar otra hora. Su consulta del miércoles 2 de diciembre a las 9 de la mañana "
        "sigue en pie"
    )
    call.press("1")
    assert "pasaría al martes 24 de noviembre a las 10 de la mañana" in call.heard
    call.say("sí")
    call.press(NO_TEXTS)
    assert call.heard.startswith("Cambiada: su consulta queda para el martes 24 de noviembre")


def test_a_visit_is_heard_confirmed_and_cancelled_in_spanish(town: Town) -> None:
    File.of(town).visit(austin(WEDNESDAY, 9))
    call = town.call("9", *HEAR, *MYSELF)
    assert call.heard.startswith(
        "Una consulta con Doctor Fura, el miércoles 2 de diciembre a las 9 de la mañana. "
        "Todavía no la ha confirmado."
    )
    call.press("1")
    assert call.heard.startswith("Confirmada: su consulta, el miércoles 2 de diciembre")
    call.press("*", "*", "3", "1")
    assert call.heard.startswith("Cancelada: su consulta del miércoles 2 de diciembre")


def test_who_has_no_visit_ahead_can_book_one(town: Town) -> None:
    File.of(town)
    call = town.call(*HEAR, *MYSELF)
    assert call.heard.startswith("I find no visit ahead.")
    call.press("1")
    assert call.heard.startswith("Please say your first and last name.")


def test_a_visit_of_a_kind_no_longer_offered_is_for_the_desk_to_move(town: Town) -> None:
    File.of(town).visit(austin(WEDNESDAY, 9))
    with town.product.database.engine.begin() as connection:
        connection.execute(text("UPDATE visit_type SET active = false WHERE key = 'consultation'"))
    call = town.call(*HEAR, *MYSELF, "2")
    assert "I cannot change that visit by phone any more." in call.heard
    assert visits(town) == [("2026-12-02 15:00", "booked")]


def test_a_visit_that_has_begun_is_for_the_desk(town: Town) -> None:
    file = File.of(town)
    file.visit_today(town.product.clock().replace(hour=16, minute=10))
    call = town.call(*HEAR, *MYSELF)
    town.product.clock.advance(minutes=15)
    call.press("1")
    assert call.heard.startswith("I cannot change that visit by phone any more.")


def test_running_late_reaches_the_desk_and_the_visits_history(town: Town) -> None:
    File.of(town).visit_today(town.product.clock().replace(hour=19))
    call = town.call("2")
    call.say("I am running late")
    call.press(*MYSELF)
    assert call.heard.startswith("About how late will you be for your consultation on Monday,")
    call.say("about twenty minutes")
    assert call.heard.startswith("The front desk has been told that you will be 20 minutes late.")
    (task,) = town.product.rows("SELECT kind, note, callback_number FROM desk_task")
    assert task["kind"] == "running_late"
    assert task["note"] == (
        "Consultation on 2026-11-23 at 13:00 with Doctor Fura: about 20 minutes late."
    )
    assert task["callback_number"] == "+15125550142"
    assert events(town) == [("running_late", "caller")]


def test_nobody_runs_late_for_a_visit_of_another_day(town: Town) -> None:
    File.of(town).visit(austin(WEDNESDAY, 9))
    call = town.call("2")
    call.say("I'll be late")
    call.press(*MYSELF)
    assert call.heard.startswith("I find no visit of yours today.")
    call.press("1", "4")
    assert "late" not in call.heard
    assert tasks(town) == []


def test_a_delay_in_spanish(town: Town) -> None:
    File.of(town).visit_today(town.product.clock().replace(hour=19))
    call = town.call("9", "2")
    call.say("voy a llegar tarde")
    call.press(*MYSELF, "3")
    assert call.heard.startswith("La recepción ya tiene el aviso: llegará 30 minutos o más tarde.")
    assert tasks(town) == ["running_late"]


def test_after_verification_nobody_is_asked_again_in_the_same_call(town: Town) -> None:
    File.of(town).visit(austin(WEDNESDAY, 9))
    call = town.call(*HEAR, *MYSELF, "4", "3", *HEAR)
    assert call.heard.startswith("A consultation with Doctor Fura, on Wednesday, December 2,")
