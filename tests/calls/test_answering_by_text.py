"""Patients answer our texts, and write their own: on the local phone, urgent words first."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.calls.on_file import PHONE, File, austin, tasks
from tests.calls.test_confirmation_texts import agrees
from tests.calls.test_reminders import SUNDAY, WEDNESDAY, answered, desk_cancels, status_of, work
from tests.calls.town import Town
from tests.product import LINE, PATIENT

IF_URGENT = f"If it is urgent, call {LINE} and press 1. In an emergency call 911."
SI_ES_URGENTE = f"Si es urgente, llame al {LINE} y oprima 1. En una emergencia llame al 911."


def texts(town: Town, body: str, number: str = PHONE) -> str | None:
    """Send a text to the line; what it is answered with."""
    phone = town.company.phone(number)
    before = len(phone.texts)
    phone.send_sms(LINE, body)
    new = [one.body for one in phone.texts[before:] if one.direction == "in"]
    assert len(new) <= 1
    return new[0] if new else None


def delivered_again(town: Town, place: int) -> str:
    """The text of this place, 0 being the first, comes once more; what it is answered with."""
    incoming = [one for one in town.company.webhooks if one.url.endswith("/sms/incoming")]
    return town.company.replay(incoming[place]).text


def reminded(town: Town, *hours: int) -> File:
    """Somebody who has just got the text about their visits of Wednesday at these hours."""
    file = File.of(town)
    agrees(file)
    for hour in hours or (9,):
        file.visit(austin(WEDNESDAY, hour))
    work(town, austin(SUNDAY, 14))
    assert len(town.company.sms_inbox(PHONE)) == 1
    return file


@pytest.mark.parametrize("words", ["1", " 1. ", "Yes", "SÍ", "Confirm!", "confirmo"])
def test_one_confirms_and_is_told_what_was_confirmed(town: Town, words: str) -> None:
    reminded(town)
    assert texts(town, words) == (
        "Dr. Fura's clinic: thank you. We expect you Wed, Dec 2, 9:00 AM. To change it, reply 2 "
        f"or call {LINE}."
    )
    assert (status_of(town), answered(town), tasks(town)) == (["confirmed"], ["confirmed"], [])


def test_one_confirms_all_that_the_text_told(town: Town) -> None:
    reminded(town, 9, 14)
    said = texts(town, "1")
    assert said is not None
    assert "We expect you Wed, Dec 2, 9:00 AM and 2:00 PM." in said
    assert status_of(town) == ["confirmed", "confirmed"]


def test_the_same_text_delivered_again_confirms_once_and_answers_the_same(town: Town) -> None:
    reminded(town)
    first = texts(town, "1")
    (webhook,) = [one for one in town.company.webhooks if one.url.endswith("/sms/incoming")]
    again = town.company.replay(webhook)
    assert again.status_code == 200
    assert first is not None
    assert "We expect you Wed, Dec 2" in again.text
    (row,) = town.product.rows("SELECT count(*) AS n FROM visit_event WHERE kind = 'confirmed'")
    assert row["n"] == 1


@pytest.mark.parametrize("words", ["0", "persona"])
def test_whoever_asks_for_a_person_out_of_the_blue_hears_by_when_they_are_called(
    town: Town, words: str
) -> None:
    said = texts(town, words, PATIENT)
    assert said is not None
    assert ("will call you by" if words == "0" else "le llamara a mas tardar") in said
    (task,) = town.product.rows("SELECT kind, note FROM desk_task")
    assert task["kind"] == "text_message"
    assert task["note"].startswith("Wants to be called. They were told: by ")


def test_zero_asks_for_a_person_and_says_when_the_desk_opens_and_calls(town: Town) -> None:
    reminded(town)
    said = texts(town, "0")
    assert said == (
        "Dr. Fura's clinic: the front desk opens Mon, Nov 30, 8:00 AM and will call you by Mon, "
        f"Nov 30, 5:00 PM. {IF_URGENT}"
    )
    assert (answered(town), tasks(town)) == (["person"], ["text_message"])
    (task,) = town.product.rows("SELECT note FROM desk_task")
    assert task["note"] == (
        "Wants to speak with somebody. They were told: by Mon, Nov 30, 5:00 PM. “0”"
    )


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ((8, 0), "will call you by Mon, Nov 30, 5:00 PM."),
        ((16, 30), "will call you by Mon, Nov 30, 5:00 PM."),
        ((16, 31), "opens Tue, Dec 1, 8:00 AM and will call you by Tue, Dec 1, 5:00 PM."),
        ((17, 0), "opens Tue, Dec 1, 8:00 AM and will call you by Tue, Dec 1, 5:00 PM."),
    ],
)
def test_an_open_desk_calls_before_it_closes_and_promises_nothing_in_its_last_half_hour(
    town: Town, moment: tuple[int, int], said: str
) -> None:
    reminded(town)
    town.product.clock.now = austin(date(2026, 11, 30), *moment)
    assert f"the front desk {said}" in (texts(town, "0") or "")


def test_a_desk_that_is_away_for_weeks_promises_no_day(town: Town) -> None:
    reminded(town)
    with town.product.database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM weekly_hours")
    assert texts(town, "0") == (
        f"Dr. Fura's clinic: the front desk will call you when it is open. {IF_URGENT}"
    )


def test_a_visit_that_changed_since_is_not_confirmed_by_mistake(town: Town) -> None:
    reminded(town)
    (row,) = town.product.rows("SELECT id FROM visit")
    desk_cancels(town, UUID(str(row["id"])))
    said = texts(town, "1")
    assert said is not None
    assert "is no longer as our last text said, so nothing was changed" in said
    assert (status_of(town), tasks(town)) == (["cancelled"], ["text_message"])


def test_whoever_was_not_texted_confirms_nothing(town: Town) -> None:
    reminded(town)
    said = texts(town, "1", PATIENT)
    assert said == (
        f"Dr. Fura's clinic: the front desk will read this when it is open. {IF_URGENT}"
    )
    assert (status_of(town), tasks(town)) == (["booked"], ["text_message"])


def test_after_a_week_a_one_is_about_nothing_we_know(town: Town) -> None:
    reminded(town)
    town.product.clock.advance(days=7, hours=1)
    said = texts(town, "1")
    assert said is not None
    assert "will read this" in said
    assert status_of(town) == ["booked"]


def test_a_spanish_file_is_answered_in_spanish(town: Town) -> None:
    reminded(town)
    with town.product.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE patient SET language = 'es'")
    assert texts(town, "1") == (
        "Dr. Fura's clinic: gracias. Le esperamos el mié 2 dic, 9:00 a.m. Para cambiarla, responda "
        f"2 o llame al {LINE}."
    )
    assert texts(town, "¿puedo llevar a mi hija?") == (
        f"Dr. Fura's clinic: la clinica leera esto cuando abra. {SI_ES_URGENTE}"
    )


def test_yes_but_is_no_yes(town: Town) -> None:
    reminded(town)
    said = texts(town, "Yes but I will be ten minutes late")
    assert said is not None
    assert "will read this" in said
    assert (status_of(town), tasks(town)) == (["booked"], ["text_message"])


@pytest.mark.parametrize("words", ["STOP", "cancel", "9"])
def test_an_opt_out_counts_at_once_and_the_visit_stands(town: Town, words: str) -> None:
    reminded(town)
    said = texts(town, words)
    # The carrier answers its own words; the key is ours.
    assert (said is None) == (words != "9")
    assert (status_of(town), tasks(town)) == (["booked"], ["opt_out"])
    work(town, austin(WEDNESDAY, 8))
    assert len(town.company.sms_inbox(PHONE)) == (2 if words == "9" else 1)


@pytest.mark.parametrize("words", ["HELP", "info", "Ayuda"])
def test_help_says_who_we_are_and_how_to_get_help_at_once(town: Town, words: str) -> None:
    said = texts(town, words, PATIENT)
    assert said is not None
    assert LINE in said
    assert "911" in said
    assert town.product.count("ticket") == 0


@pytest.mark.parametrize(
    ("words", "category"),
    [
        ("my pump is beeping", "alarm"),
        ("1 but I have a fever and chills", "symptom"),
        ("la bomba está pitando", "alarm"),
        ("STOP it hurts, this is an emergency", None),
    ],
)
def test_urgent_words_bring_the_911_text_and_a_ticket_that_is_paged_for(
    town: Town, words: str, category: str | None
) -> None:
    reminded(town)
    said = texts(town, words)
    assert said == (
        "Dr. Fura's clinic: if this is an emergency, call 911 now. We are calling our on-call "
        f"staff about your text, number 1. Do not wait for it: call {LINE} and press 1."
    )
    assert status_of(town) == ["booked"]
    (ticket,) = town.product.rows("SELECT category, callback_number, status FROM ticket")
    assert ticket["callback_number"] == PHONE
    assert category is None or ticket["category"] == category
    assert tasks(town) == ["text_message"]
    town.product.clock.advance(seconds=2)
    town.let_the_worker_work()
    (page, *_) = town.company.sms_inbox(town.nurse.number)
    assert "urgent ticket 1 is waiting" in page.body
    assert town.company.refused == []


def test_the_nurse_is_called_accepts_and_reaches_whoever_wrote(town: Town) -> None:
    texts(town, "my pump is beeping", PATIENT)
    for _ in range(20):
        town.product.clock.advance(seconds=5)
        town.let_the_worker_work()
        if town.nurse.ringing:
            break
    assert town.nurse.ringing
    call = town.nurse.answer()
    call.press("1")
    (ticket,) = town.product.rows("SELECT status FROM ticket")
    assert ticket["status"] in ("accepted", "called_back")


def test_a_second_urgent_text_opens_no_second_ticket(town: Town) -> None:
    texts(town, "my pump is beeping", PATIENT)
    said = texts(town, "it is still beeping, I have a fever", PATIENT)
    assert said is not None
    assert "number 1." in said
    (ticket,) = town.product.rows("SELECT number FROM ticket")
    assert ticket["number"] == 1
    assert tasks(town) == ["text_message", "text_message"]


@settings(
    max_examples=60,
    deadline=timedelta(seconds=2),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(body=st.text(max_size=200))
def test_whatever_is_written_gets_a_valid_answer_that_names_nobody(town: Town, body: str) -> None:
    before = len(town.company.refused)
    said = texts(town, body, PATIENT) if body.strip() else None
    assert len(town.company.refused) == before
    for secret in ("Gonzalez", "Maria", "pump", "refill"):
        assert said is None or secret not in said
