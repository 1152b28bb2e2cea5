"""Who agreed to calls alone is called: a time is kept for them, or it is time to come back."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from ivr.simulator.testing import Handset
from scheduling.contact import ConsentKind
from tests.calls.on_file import BIRTH_KEYS, PHONE, PHONE_KEYS, File, austin, tasks
from tests.calls.test_confirmation_texts import agrees
from tests.calls.test_offers_by_phone import states, visits
from tests.calls.test_recall_texts import DUE, before
from tests.calls.test_reminders import inbox, work
from tests.calls.test_waitlist_end_to_end import LATER, WEDNESDAY, waiting, works
from tests.calls.town import Town

CALL = ConsentKind.CALL
HELLO = "Hello. This is Doctor Fura's clinic."
SECOND, THIRD = "+15125550161", "+15125550162"


def freed(town: Town) -> None:
    """Maria's visit of Wednesday at 9 is cancelled; Jo, who takes calls alone, and Sue wait."""
    maria = File.of(town)
    visit = maria.visit(austin(WEDNESDAY, 9))
    jo = waiting(town, "Jo Ann Smith", SECOND, LATER[0], consent=False)
    agrees(jo, CALL)
    town.product.clock.advance(minutes=1)
    waiting(town, "Sue Park", THIRD, LATER[1])
    maria.desk_cancels(visit)
    works(town)


def offered(town: Town) -> Handset:
    """Jo's phone, which rings because of it."""
    freed(town)
    phone = town.company.phone(SECOND)
    assert phone.ringing
    return phone


def done_by(town: Town) -> list[str | None]:
    """Who ticked off each thing to do."""
    return [row["done_by"] for row in town.product.rows("SELECT done_by FROM desk_task")]


def test_whom_we_call_hears_the_time_neutrally_and_takes_it_by_one_key(town: Town) -> None:
    call = offered(town).answer()
    assert call.heard.startswith(
        f"{HELLO} A sooner appointment is free: Wednesday, November 25, at 9 in the morning, "
        "instead of Thursday, December 3, at 9 in the morning."
    )
    for word in ("Smith", "pump", "refill", "consultation", "pain"):
        assert word not in call.heard
    call.press("1")
    assert "It is yours. We expect you on Wednesday, November 25" in call.heard
    call.press("1")
    assert call.heard.startswith("It is yours.")
    call.stay_silent()
    assert call.is_over
    # Her own time of December 3 goes to whoever waits for it.
    assert (sorted(states(town)), visits(town)[0]) == (["accepted", "open"], "2026-11-25 15:00")
    (event,) = town.product.rows("SELECT actor FROM visit_event WHERE kind = 'rescheduled'")
    assert event["actor"] == "patient, called"


def test_whoever_lets_it_go_keeps_their_place_and_it_goes_to_the_next(town: Town) -> None:
    call = offered(town).answer()
    call.press("2")
    assert "You keep your place in line" in call.heard
    assert call.is_over
    works(town)
    assert len(inbox(town, THIRD)) == 1
    assert sorted(states(town)) == ["declined", "open"]


def test_a_voicemail_hears_until_when_and_a_call_back_takes_it(town: Town) -> None:
    call = offered(town).voicemail_picks_up()
    assert call.heard == (
        f"{HELLO} A sooner appointment is free: Wednesday, November 25, at 9 in the morning. "
        "It is kept for you for 15 minutes. To take it, please call us back at this number. "
        "Goodbye."
    )
    assert states(town) == ["open"]


def test_silence_passes_it_on(town: Town) -> None:
    phone = offered(town)
    phone.let_ring()
    works(town, minutes=16)
    assert sorted(states(town)) == ["lapsed", "open"]
    assert len(inbox(town, THIRD)) == 1


def test_what_the_desk_was_to_do_about_it_is_ticked_off_once_it_is_passed_on(town: Town) -> None:
    offered(town).let_ring()
    works(town, minutes=2)
    assert (tasks(town), done_by(town)) == (["text_failed"], [None])
    works(town, minutes=16)
    works(town, minutes=2)
    assert sorted(states(town)) == ["lapsed", "open"]
    assert done_by(town) == ["Call Now"]


def test_what_is_taken_while_the_phone_rings_is_not_offered(town: Town) -> None:
    phone = offered(town)
    town.product.clock.advance(minutes=16)
    call = phone.answer()
    assert "We called about a free time, which is gone meanwhile." in call.heard
    assert call.is_over


def test_nine_stops_calls_and_texts_and_the_desk_asks_what_they_meant(town: Town) -> None:
    call = offered(town).answer()
    call.press("9")
    assert "We will call and text this phone no more by machine." in call.heard
    assert call.is_over
    assert tasks(town) == ["opt_out"]


def test_urgent_words_lead_to_help_from_there_too(town: Town) -> None:
    call = offered(town).answer()
    call.say("my pump is beeping")
    assert [row["category"] for row in town.product.rows("SELECT category FROM ticket")] == [
        "alarm"
    ]


def recalled(town: Town, file: File | None = None) -> Handset:
    """Maria, who takes calls alone and whose refill is due in three weeks, is called."""
    file = file or File.of(town)
    agrees(file, CALL)
    file.pump(DUE + timedelta(days=7))
    work(town, austin(before(21), 9))
    phone = town.company.phone(PHONE)
    assert phone.ringing
    return phone


def test_who_has_to_come_back_hears_so_neutrally_and_books_after_two_identifiers(
    town: Town,
) -> None:
    call = recalled(town).answer()
    assert call.heard.startswith(f"{HELLO} It is time to make your next appointment.")
    for word in ("Maria", "pump", "refill", "pain"):
        assert word not in call.heard
    call.press("1")
    assert "If you call for yourself, press 1." in call.heard
    call.press("1", BIRTH_KEYS, PHONE_KEYS)
    assert call.heard.startswith("These times are free. For Wednesday, December 2")


def test_they_may_have_the_desk_call_them(town: Town) -> None:
    call = recalled(town).answer()
    call.press("2")
    call.press("1")
    assert call.is_over
    (task,) = town.product.rows("SELECT kind, callback_number FROM desk_task")
    assert (task["kind"], task["callback_number"]) == ("callback", PHONE)


def test_a_voicemail_hears_no_more_than_that(town: Town) -> None:
    call = recalled(town).voicemail_picks_up()
    assert call.heard == (
        f"{HELLO} It is time to make your next appointment. Please call us back at this number. "
        "Goodbye."
    )


def test_each_step_is_called_about_once(town: Town) -> None:
    recalled(town).answer().hang_up()
    work(town, austin(before(15), 12))
    assert not town.company.phone(PHONE).ringing
    work(town, austin(before(14), 12))
    assert town.company.phone(PHONE).ringing


def test_a_booking_while_the_phone_rings_is_not_asked_for_again(town: Town) -> None:
    file = File.of(town)
    phone = recalled(town, file)
    (pump,) = town.product.rows("SELECT id FROM pump")
    file.visit(austin(before(11), 9), pump=UUID(str(pump["id"])))
    call = phone.answer()
    assert "an appointment that has changed meanwhile" in call.heard
    assert call.is_over
