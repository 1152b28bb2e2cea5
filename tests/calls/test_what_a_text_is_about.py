"""What was texted last is not always what an answer is about: nothing is changed on a guess."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from ivr.messages.patients import notices
from ivr.messages.patients.wording import Occasion
from scheduling.tables import Visit
from tests.calls.on_file import CLINIC, PHONE, File, austin, tasks
from tests.calls.test_answering_by_text import reminded, texts
from tests.calls.test_confirmation_texts import agrees
from tests.calls.test_household_by_text import AFTERNOON, MORNING, household, starts, statuses
from tests.calls.test_reminders import WEDNESDAY, inbox, status_of, work
from tests.calls.test_waitlist_end_to_end import SECOND, scene, works
from tests.calls.town import Town
from tests.product import BASE, LINE, incoming

FREED = "Wed, Nov 25, 9:00 AM"
TAKEN = f"Dr. Fura's clinic: it is yours. We expect you {FREED}. Questions: {LINE}."


def says(town: Town, body: str, number: str = PHONE) -> str | None:
    """Some seconds later they text this; what it is answered with."""
    town.product.clock.advance(seconds=5)
    return texts(town, body, number)


def note(town: Town) -> str:
    """What the desk is told last."""
    rows = town.product.rows("SELECT note FROM desk_task ORDER BY created_at DESC, id DESC")
    return str(rows[0]["note"])


def offered(town: Town) -> None:
    """Jo has been offered the time that Maria gave up."""
    File.of(town).desk_cancels(scene(town))
    works(town)
    assert len(inbox(town, SECOND)) == 1


@pytest.mark.parametrize("words", ["1", "Ok", "yes"])
def test_who_thanks_for_a_time_they_took_is_told_again_that_it_is_theirs(
    town: Town, words: str
) -> None:
    offered(town)
    assert says(town, "1", SECOND) == TAKEN
    assert says(town, words, SECOND) == TAKEN
    assert tasks(town) == []


@pytest.mark.parametrize("words", ["2", "0", "no"])
def test_who_wants_something_else_than_the_time_they_took_is_called(town: Town, words: str) -> None:
    offered(town)
    says(town, "1", SECOND)
    assert "the front desk will call you by" in (says(town, words, SECOND) or "")
    assert f"Took {FREED} from the waitlist, and wants something else now." in note(town)


def test_an_offer_that_has_lapsed_hides_no_reminder_that_waits(town: Town) -> None:
    reminded(town)
    file = File.of(town, "Jo Ann Smith", born=date(1950, 5, 6), phone=PHONE)
    agrees(file)
    later = date(2026, 12, 10)
    file.waits(file.visit(austin(later, 9)), later)
    third = File.of(town, "Ed Moss", born=date(1951, 5, 6), phone="+15125550169")
    third.desk_cancels(third.visit(austin(date(2026, 12, 3), 10)))
    works(town)
    assert "is free. It is kept for you" in inbox(town, PHONE)[-1]
    works(town, hours=4)
    assert "thank you. We expect you Wed, Dec 2, 9:00 AM" in (says(town, "1") or "")
    assert status_of(town)[0] == "confirmed"


def test_beside_a_fresh_reminder_an_offer_is_taken_only_by_its_letter(town: Town) -> None:
    household(town, 9)
    jo = File.of(town, "Jo Ann Smith", born=date(1950, 5, 6), phone=PHONE)
    agrees(jo)
    later = date(2026, 12, 10)
    jo.waits(jo.visit(austin(later, 9)), later)
    ed = File.of(town, "Ed Moss", born=date(1951, 5, 6), phone="+15125550169")
    ed.desk_cancels(ed.visit(austin(date(2026, 12, 3), 10)))
    works(town)
    before = starts(town)
    assert says(town, "1") == (
        "Dr. Fura's clinic: do you answer about the new time that we keep for you, or about an "
        "appointment that you have? Reply with its letter. A: the new time, Thu, Dec 3, 10:00 AM; "
        f"B: the appointment, {MORNING}. Nothing is done until you do."
    )
    assert starts(town) == before
    assert "will read this" in (says(town, "all") or "")
    assert f"We expect you {MORNING}" in (says(town, "B") or "")
    assert "it is yours. We expect you Thu, Dec 3, 10:00 AM" in (says(town, "A") or "")


def test_after_a_confirmation_two_changes_the_visit_that_was_confirmed(town: Town) -> None:
    household(town)
    says(town, "1")
    assert f"We expect you {MORNING}. To change it, reply 2" in (says(town, "A") or "")
    assert f"Your appointment {MORNING} stands until you choose." in (says(town, "2") or "")


def test_after_confirming_all_two_asks_which_is_to_be_changed(town: Town) -> None:
    household(town)
    says(town, "1")
    says(town, "ALL")
    assert f"A: {MORNING}; B: {AFTERNOON}." in (says(town, "2") or "")
    assert town.product.count("hold") == 0
    assert f"Your appointment {AFTERNOON} stands" in (says(town, "B") or "")


def test_the_question_still_counts_after_one_of_its_letters(town: Town) -> None:
    household(town)
    for words in ("1", "A", "B"):
        says(town, words)
    assert statuses(town) == ["confirmed", "confirmed"]


def test_a_two_that_is_sent_twice_moves_nothing(town: Town) -> None:
    reminded(town)
    before = starts(town)
    assert says(town, "2") == says(town, "2")
    assert starts(town) == before
    town.product.clock.advance(seconds=21)
    assert "moved. We expect you " in (says(town, "2") or "")


def test_times_that_nobody_chose_are_not_chosen_by_the_answer_to_anothers_reminder(
    town: Town,
) -> None:
    household(town)
    says(town, "2")
    assert f"Your appointment {MORNING} stands" in (says(town, "A") or "")
    town.product.clock.advance(hours=20)
    before = starts(town)
    assert "moved" not in (says(town, "1") or "")
    assert starts(town) == before


def is_told_of_its_end(town: Town, visit_id: UUID) -> None:
    """The visit is cancelled, and its patient texted so."""
    File.of(town, "Any Body").desk_cancels(visit_id)

    def tell(session: Session) -> None:
        visit = session.get_one(Visit, (CLINIC, visit_id))
        now = town.product.clock()
        notices.tell(session, visit=visit, occasion=Occasion.CANCELLED, base=BASE, now=now)

    town.product.database.write(tell)
    work(town)
    assert "is cancelled" in inbox(town, PHONE)[-1]


def cancelled(town: Town) -> None:
    """A patient who has been texted that their visit is cancelled."""
    (visit,) = household(town, 9)
    is_told_of_its_end(town, visit)


def test_who_takes_note_of_a_cancellation_is_told_the_same_again(town: Town) -> None:
    cancelled(town)
    assert says(town, "Ok") == (
        f"Dr. Fura's clinic: yes, your appointment of {MORNING} is cancelled. For a new one call "
        f"{LINE}, or reply 2 and the front desk calls you."
    )
    assert tasks(town) == []


@pytest.mark.parametrize("words", ["2", "0"])
def test_who_wants_something_after_a_cancellation_is_called(town: Town, words: str) -> None:
    cancelled(town)
    assert "the front desk" in (says(town, words) or "")
    assert f"Their appointment of {MORNING} was cancelled, and they want to be called" in note(town)


def test_a_cancellation_that_came_last_does_not_hide_the_others_reminder(town: Town) -> None:
    first, _second = household(town)
    is_told_of_its_end(town, first)
    assert f"Reply with its letter, or ALL. A: {AFTERNOON}." in (says(town, "1") or "")
    says(town, "A")
    assert statuses(town) == ["cancelled", "confirmed"]


def test_no_times_are_offered_for_a_visit_that_has_begun(town: Town) -> None:
    reminded(town)
    says(town, "2")
    town.product.clock.now = austin(WEDNESDAY, 9, 5)
    assert "is no longer as our last text said" in (says(town, "change") or "")
    assert town.product.count("hold") == 0


@pytest.mark.parametrize("words", ["Yes", "YES"])
def test_a_yes_that_the_carrier_takes_for_a_start_confirms_all_the_same(
    town: Town, words: str
) -> None:
    reminded(town)
    form = {**incoming(), "MessageSid": "SM1", "From": PHONE, "Body": words}
    answer = town.product.post("/sms/incoming", {**form, "OptOutType": "START"})
    assert "thank you. We expect you" in answer.text
    assert status_of(town) == ["confirmed"]


def test_a_start_alone_is_the_carriers_to_answer(town: Town) -> None:
    reminded(town)
    form = {**incoming(), "MessageSid": "SM1", "From": PHONE, "OptOutType": "START"}
    for sid, words in (("SM1", "START"), ("SM2", "UNSTOP")):
        answer = town.product.post("/sms/incoming", {**form, "MessageSid": sid, "Body": words})
        assert "<Message>" not in answer.text
    assert (status_of(town), tasks(town)) == (["booked"], [])
