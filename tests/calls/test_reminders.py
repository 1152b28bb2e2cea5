"""Patients are reminded of their visits, by the way they agreed to, once; and what they answer."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import text

from ivr.messages.patients import planning
from ivr.simulator.testing import Handset, PlannedFailure
from scheduling import visits
from scheduling.contact import ConsentKind
from tests.calls.on_file import BIRTH_KEYS, PHONE, PHONE_KEYS, File, austin, by_desk, tasks
from tests.calls.test_confirmation_texts import agrees, notices
from tests.calls.town import Town
from tests.product import BASE, DESK_PHONE, LINE

TUESDAY, WEDNESDAY, THURSDAY = date(2026, 12, 1), date(2026, 12, 2), date(2026, 12, 3)
"""The tests begin on Monday, 23 November, at 10:00."""
SUNDAY = date(2026, 11, 29)
CALL = ConsentKind.CALL


def work(town: Town, at: datetime | None = None) -> None:
    """A worker works until nothing is due any more, from `at` on."""
    if at is not None:
        town.product.clock.now = at
    for turn in range(30):
        town.product.clock.advance(seconds=11)
        done = town.let_the_worker_work()
        # Reminders are planned every half minute.
        if turn > 4 and not done and not pending(town):
            return


def pending(town: Town) -> int:
    """Messages that are due."""
    rows = town.product.rows("SELECT due_at FROM outbox_message WHERE state = 'pending'")
    return sum(
        datetime.fromisoformat(str(row["due_at"])).replace(tzinfo=None)
        <= town.product.clock.now.replace(tzinfo=None)
        for row in rows
    )


def inbox(town: Town, number: str = PHONE) -> list[str]:
    """What has arrived at a telephone."""
    return [one.body for one in town.company.sms_inbox(number) if one.direction == "in"]


def answered(town: Town) -> list[str | None]:
    """What was answered to each reminder."""
    rows = town.product.rows("SELECT answer FROM visit_notice ORDER BY id")
    return [row["answer"] for row in rows]


def status_of(town: Town) -> list[str]:
    """How each visit stands."""
    return [str(row["status"]) for row in town.product.rows("SELECT status FROM visit ORDER BY id")]


def called(town: Town, file: File) -> Handset:
    """The patient, who agreed to calls alone, is called a day before and picks up."""
    agrees(file, CALL)
    file.visit(austin(WEDNESDAY, 9))
    work(town, austin(TUESDAY, 9))
    phone = town.company.phone(PHONE)
    assert phone.ringing
    return phone


def test_they_are_texted_three_days_and_one_day_before_and_once(town: Town) -> None:
    file = File.of(town)
    agrees(file)
    file.visit(austin(WEDNESDAY, 9))
    work(town, austin(SUNDAY, 8, 59) - timedelta(minutes=5))
    assert inbox(town) == []
    work(town, austin(SUNDAY, 9))
    said = (
        "Dr. Fura's clinic: reminder of your appointment Wed, Dec 2, 9:00 AM. Reply 1 to confirm, "
        f"2 to change, 9 to opt out. Questions: {LINE}."
    )
    assert inbox(town) == [said]
    work(town, austin(TUESDAY, 8, 55))
    assert inbox(town) == [said]
    work(town, austin(TUESDAY, 9))
    assert inbox(town) == [said, said]
    work(town, austin(WEDNESDAY, 8))
    assert inbox(town) == [said, said]
    assert notices(town) == [("three_days", None), ("one_day", None)]
    assert tasks(town) == []


def test_of_more_than_one_round_can_plan_tomorrows_come_first(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "AT_ONCE", 1)
    for name, number, day in (
        ("Jo Ann Smith", "+15125550161", THURSDAY + timedelta(days=1)),
        ("Sue Park", "+15125550162", WEDNESDAY),
    ):
        file = File.of(town, name, born=date(1950, 5, 6), phone=number)
        agrees(file)
        file.visit(austin(day, 9))
    town.product.clock.now = austin(TUESDAY, 9)
    plan = partial(planning.plan, clinic_id="demo", base=BASE, now=town.product.clock.now)
    assert town.product.database.write(plan) == 1
    (stored,) = town.product.rows("SELECT body FROM outbox_message")
    assert "Wed, Dec 2, 9:00 AM" in str(stored["body"])


def test_two_visits_of_a_day_are_one_message(town: Town) -> None:
    file = File.of(town)
    agrees(file)
    file.visit(austin(WEDNESDAY, 9))
    file.visit(austin(WEDNESDAY, 14))
    work(town, austin(SUNDAY, 9))
    (said,) = inbox(town)
    assert "your appointments Wed, Dec 2, 9:00 AM and 2:00 PM." in said
    assert [one for one, _ in notices(town)] == ["three_days", "three_days"]


def test_one_of_two_that_is_cancelled_before_takes_only_itself_out_of_the_message(
    town: Town,
) -> None:
    file = File.of(town)
    agrees(file)
    morning = file.visit(austin(WEDNESDAY, 9))
    file.visit(austin(WEDNESDAY, 14))
    town.company.fail_rest(PlannedFailure(429, 20429), times=1)
    town.product.clock.now = austin(SUNDAY, 9)
    town.let_the_worker_work()
    assert inbox(town) == []
    desk_cancels(town, morning)
    work(town, austin(SUNDAY, 14, 1))
    (said,) = inbox(town)
    assert "reminder of your appointment Wed, Dec 2, 2:00 PM." in said


def desk_cancels(town: Town, visit_id: object) -> None:
    """By the book alone, as an import's correction does: nobody withdraws what waits."""
    town.product.database.write(
        lambda session: visits.cancel(
            session,
            clinic_id="demo",
            visit_id=visit_id,  # type: ignore[arg-type]  # as visit() returns it
            reason="asked for",
            request=by_desk(town, f"cancelled {visit_id}"),
        )
    )


def test_a_visit_moved_after_its_reminder_went_out_is_reminded_of_anew(town: Town) -> None:
    file = File.of(town)
    agrees(file)
    visit = file.visit(austin(WEDNESDAY, 9))
    work(town, austin(SUNDAY, 9))
    assert len(inbox(town)) == 1
    file.desk_moves(visit)
    (row,) = town.product.rows("SELECT starts_at FROM visit")
    assert "2026-12-04 16:00" in str(row["starts_at"])
    # Nothing more of the old time; of the new one three days and one day before.
    work(town, austin(TUESDAY, 9))
    assert len(inbox(town)) == 1
    work(town, austin(TUESDAY, 10))
    work(town, austin(THURSDAY, 10))
    assert [said.split("appointment ")[1][:11] for said in inbox(town)[1:]] == ["Fri, Dec 4,"] * 2


@pytest.mark.parametrize("planned", [True, False])
def test_a_cancelled_visit_takes_its_reminder_with_it(town: Town, planned: bool) -> None:
    file = File.of(town)
    agrees(file)
    visit = file.visit(austin(WEDNESDAY, 9))
    if planned:
        town.company.fail_rest(PlannedFailure(429, 20429))
        town.product.clock.now = austin(SUNDAY, 9)
        town.let_the_worker_work()
    desk_cancels(town, visit)
    work(town, austin(SUNDAY, 9, 5))
    work(town, austin(TUESDAY, 9))
    assert inbox(town) == []
    assert tasks(town) == []


def test_who_lives_in_another_zone_is_texted_in_their_own_day(town: Town) -> None:
    file = File.of(town)
    agrees(file)
    with town.product.database.engine.begin() as connection:
        connection.execute(text("UPDATE patient SET timezone = 'Pacific/Honolulu'"))
    file.visit(austin(WEDNESDAY, 9))
    # 9:00 in Austin is 5:00 in Honolulu, and 12:00 is 8:00 there.
    work(town, austin(TUESDAY, 11, 50))
    assert inbox(town) == []
    work(town, austin(TUESDAY, 12))
    (said,) = inbox(town)
    assert "Wed, Dec 2, 9:00 AM (clinic time)." in said


def test_at_night_nobody_is_reminded_of_what_fell_due_while_nothing_worked(town: Town) -> None:
    file = File.of(town)
    agrees(file)
    file.visit(austin(THURSDAY, 14))
    work(town, austin(WEDNESDAY, 22))
    assert inbox(town) == []
    work(town, austin(THURSDAY, 7, 50))
    assert inbox(town) == []
    work(town, austin(THURSDAY, 8))
    assert len(inbox(town)) == 1


def test_what_could_not_be_sent_in_time_is_the_desks(town: Town) -> None:
    file = File.of(town)
    agrees(file)
    file.visit(austin(WEDNESDAY, 9))
    work(town, austin(WEDNESDAY, 8))
    assert inbox(town) == []
    assert notices(town) == [("one_day", "too_late")]
    assert tasks(town) == ["reminder_failed"]
    (task,) = town.product.rows("SELECT note FROM desk_task")
    assert task["note"] == (
        "Nobody was reminded of the visit on 2026-12-02 at 09:00. Could not be sent in time. "
        "Call now: the visit is near."
    )


def test_who_agreed_to_nothing_is_left_alone_and_the_desk_can_see_it(town: Town) -> None:
    file = File.of(town)
    file.visit(austin(WEDNESDAY, 9))
    work(town, austin(TUESDAY, 9))
    assert notices(town) == [("one_day", "no_consent")]
    assert inbox(town) == []
    assert tasks(town) == []


def test_one_number_gets_only_so_many_messages_a_day(town: Town) -> None:
    for hour in (8, 9, 10, 11, 13, 14, 15, 16):
        file = File.of(town, f"Person {hour}", born=date(1940, 1, hour))
        agrees(file)
        file.visit(austin(WEDNESDAY, hour))
    work(town, austin(TUESDAY, 16, 30))
    assert len(inbox(town)) == 6
    assert [why for _, why in notices(town)].count("enough") == 2
    assert tasks(town) == ["reminder_failed", "reminder_failed"]


def test_a_key_of_the_phone_that_was_called_confirms(town: Town) -> None:
    phone = called(town, File.of(town))
    call = phone.answer()
    assert call.heard.startswith(
        "Hello. This is Doctor Fura's clinic, with a reminder of your appointment on "
        "Wednesday, December 2, at 9 in the morning."
    )
    for word in ("consultation", "Gonzalez", "Maria", "911"):
        assert word not in call.heard
    assert "press 9" in call.heard
    call.press("1")
    assert "it is confirmed" in call.heard
    assert call.is_over
    assert status_of(town) == ["confirmed"]
    assert answered(town) == ["confirmed"]
    assert town.company.refused == []


def test_who_wants_another_time_says_who_they_are_and_gets_one(town: Town) -> None:
    phone = called(town, File.of(town))
    call = phone.answer()
    call.press("2")
    assert "If you call for yourself, press 1." in call.heard
    assert answered(town) == ["change"]
    call.press("1", BIRTH_KEYS, PHONE_KEYS)
    assert call.heard.startswith("I will look for another time.")
    call.press("1", "1", "2")
    assert call.heard.startswith("Moved: your consultation is now on ")
    assert town.company.refused == []


def test_zero_brings_a_person_and_urgent_words_help(town: Town) -> None:
    phone = called(town, File.of(town))
    call = phone.answer()
    call.press("0")
    assert answered(town) == ["person"]
    assert "press 1" in call.heard
    call.stay_silent()
    assert town.company.phone(DESK_PHONE).ringing
    call.hang_up()
    town.company.phone(PHONE)


def test_urgent_words_in_the_reminder_open_a_ticket(town: Town) -> None:
    phone = called(town, File.of(town))
    call = phone.answer()
    call.say("emergency")
    (ticket,) = town.product.rows("SELECT callback_number FROM ticket")
    assert ticket["callback_number"] == PHONE


def test_nine_ends_calls_and_texts_and_the_visit_stands(town: Town) -> None:
    phone = called(town, File.of(town))
    call = phone.answer()
    call.press("9")
    assert "Your appointment stands." in call.heard
    assert call.is_over
    assert tasks(town) == ["opt_out"]
    assert status_of(town) == ["booked"]
    (row,) = town.product.rows("SELECT granted, number FROM text_consent")
    assert (bool(row["granted"]), row["number"]) == (False, PHONE)


def test_a_voicemail_gets_the_minimum_after_its_tone(town: Town) -> None:
    phone = called(town, File.of(town))
    call = phone.voicemail_picks_up()
    assert call.heard == (
        "Hello. This is Doctor Fura's clinic, with a reminder of your appointment on "
        "Wednesday, December 2, at 9 in the morning. To change it, please call us back at this "
        "number. Goodbye."
    )
    (row,) = town.product.rows("SELECT delivery FROM outbox_message")
    assert row["delivery"] == "machine"
    assert tasks(town) == []


def test_a_phone_that_nobody_answers_is_the_desks(town: Town) -> None:
    phone = called(town, File.of(town))
    phone.let_ring()
    assert not phone.ringing
    (row,) = town.product.rows("SELECT delivery, state FROM outbox_message")
    assert (row["delivery"], row["state"]) == ("no-answer", "sent")
    assert tasks(town) == ["reminder_failed"]


def test_silence_to_the_reminder_leaves_the_visit_as_it_is(town: Town) -> None:
    phone = called(town, File.of(town))
    call = phone.answer()
    for _ in range(3):
        call.stay_silent()
    assert call.is_over
    assert "Your appointment stands." in call.heard
    assert (status_of(town), answered(town)) == (["booked"], [None])


def test_a_visit_cancelled_while_the_phone_rang_is_spoken_of_no_more(town: Town) -> None:
    phone = called(town, File.of(town))
    (row,) = town.product.rows("SELECT id FROM visit")
    desk_cancels(town, UUID(str(row["id"])))
    call = phone.answer()
    assert "has changed meanwhile" in call.heard
    assert "December" not in call.heard
    assert call.is_over


def test_they_are_reminded_in_spanish(town: Town) -> None:
    file = File.of(town)
    with town.product.database.engine.begin() as connection:
        connection.execute(text("UPDATE patient SET language = 'es'"))
    call = called(town, file).answer()
    assert call.heard.startswith(
        "Hola. Le llama la clínica del doctor Fura para recordarle su cita del miércoles 2 de "
        "diciembre a las 9 de la mañana."
    )
    call.press("1")
    assert "confirmada" in call.heard
