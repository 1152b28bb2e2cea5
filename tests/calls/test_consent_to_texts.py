"""Whether reminders may be texted: asked once, of whom it is to be asked, and kept as answered."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ivr.call.actions import Context, consent
from ivr.call.session import Session
from ivr.messages import text_consent
from scheduling import contact
from scheduling.contact import ConsentKind
from tests.calls.on_file import CLINIC, HEAR, MYSELF, PHONE, File, austin, by_desk
from tests.calls.test_booking_by_phone import TO_THE_SLOTS
from tests.calls.town import Town
from tests.corpus.scoring import wording
from tests.product import PATIENT, demo_clinic

THURSDAY = date(2026, 12, 3)
QUESTION = "May we text reminders to the number ending in "
TO_THE_BOOKING = (*TO_THE_SLOTS, "1", "1")
JOIN_THE_WAITLIST = (*HEAR, *MYSELF, "4", "2", "1")


def answers(town: Town) -> list[tuple[bool, str | None, str]]:
    """Each answer that is kept: whether it was a yes, the number, and who gave it."""
    rows = town.product.rows(
        "SELECT granted, number, actor FROM patient_consent WHERE kind = 'sms' ORDER BY at, id"
    )
    return [(bool(row["granted"]), row["number"], row["actor"]) for row in rows]


def record(file: File, *, granted: bool) -> None:
    """The desk notes a yes or a no, for whichever number they have."""
    file.town.product.database.write(
        lambda session: contact.record_consent(
            session,
            clinic_id=CLINIC,
            patient_id=file.patient_id,
            kind=ConsentKind.SMS,
            granted=granted,
            source="desk",
            request=by_desk(file.town, "consent"),
        )
    )


@pytest.mark.parametrize(("key", "granted"), [("1", True), ("2", False)])
def test_a_newcomer_who_has_booked_is_asked_and_the_answer_is_kept_with_its_words(
    town: Town, key: str, *, granted: bool
) -> None:
    call = town.call(*TO_THE_BOOKING)
    assert call.heard.startswith(f"Your visit is booked. {QUESTION}0 1 4 2? Message rates may")
    call.press(key)
    assert call.heard.startswith("You are booked: ")
    (row,) = town.product.rows("SELECT * FROM patient_consent")
    assert (bool(row["granted"]), row["number"], row["source"]) == (granted, PATIENT, call.sid)
    assert row["wording"].startswith("ask_to_text.en.")
    assert len(row["wording"]) == len("ask_to_text.en.") + 8
    assert str(row["at"]).startswith("2026-11-23 16:00")


def test_in_spanish_by_voice(town: Town) -> None:
    call = town.call("9", *TO_THE_BOOKING)
    assert call.heard.startswith("Su cita está reservada. ¿Podemos enviar recordatorios por")
    call.say("sí, claro")
    assert call.heard.startswith("Cita reservada: el ")
    (row,) = town.product.rows("SELECT granted, wording FROM patient_consent")
    assert bool(row["granted"])
    assert row["wording"].startswith("ask_to_text.es.")


def test_silence_is_no_answer_and_is_asked_about_in_the_next_call(town: Town) -> None:
    File.of(town).visit(austin(THURSDAY, 9))
    call = town.call(*JOIN_THE_WAITLIST)
    assert QUESTION in call.heard
    call.stay_silent()
    assert call.heard.startswith("You are on the waitlist")
    call.hang_up()
    assert answers(town) == []
    assert QUESTION in town.call(*JOIN_THE_WAITLIST).heard


def test_what_is_no_answer_is_asked_about_three_times_and_then_left(town: Town) -> None:
    File.of(town).visit(austin(THURSDAY, 9))
    call = town.call(*JOIN_THE_WAITLIST)
    for _ in range(3):
        call.say("fluffernutter")
    assert "You are on the waitlist until your visit" in call.heard
    assert answers(town) == []


@pytest.mark.parametrize("granted", [True, False])
def test_who_has_answered_is_not_asked_again(town: Town, *, granted: bool) -> None:
    File.of(town).visit(austin(THURSDAY, 9))
    town.call(*JOIN_THE_WAITLIST, "1" if granted else "2").hang_up()
    call = town.call(*JOIN_THE_WAITLIST)
    assert call.heard.startswith("You are on the waitlist")
    assert answers(town) == [(granted, PHONE, "caller")]


@pytest.mark.parametrize("granted", [True, False])
def test_what_the_desk_has_noted_counts_for_every_number(town: Town, *, granted: bool) -> None:
    file = File.of(town)
    file.visit(austin(THURSDAY, 9))
    record(file, granted=granted)
    assert town.call(*JOIN_THE_WAITLIST).heard.startswith("You are on the waitlist")


def test_a_number_that_texted_stop_is_not_asked_about(town: Town) -> None:
    File.of(town).visit(austin(THURSDAY, 9))
    town.product.database.write(
        lambda session: text_consent.record(
            session, clinic_id=CLINIC, number=PHONE, granted=False, source="SM1",
            now=town.product.clock(),
        )
    )  # fmt: skip
    assert town.call(*JOIN_THE_WAITLIST).heard.startswith("You are on the waitlist")


def test_an_answer_for_one_number_says_nothing_of_another(town: Town) -> None:
    file = File.of(town)
    file.visit(austin(THURSDAY, 9))
    town.call(*JOIN_THE_WAITLIST, "2").hang_up()
    town.product.database.write(
        lambda session: contact.add_phone(
            session, clinic_id=CLINIC, patient_id=file.patient_id, number=PATIENT,
            request=by_desk(town, "a second phone"),
        )
    )  # fmt: skip
    call = town.call(*JOIN_THE_WAITLIST)
    assert f"{QUESTION}0 1 4 2?" in call.heard
    call.press("1")
    assert answers(town) == [(False, PHONE, "caller"), (True, PATIENT, "caller")]


def test_nobody_is_asked_twice_in_a_call(town: Town) -> None:
    File.of(town).visit(austin(THURSDAY, 9))
    call = town.call(*JOIN_THE_WAITLIST)
    assert QUESTION in call.heard
    call.stay_silent()
    call.press("2", "2", "3", "4", "2", "3")
    assert call.heard.startswith("You are on the waitlist")


def test_going_back_does_not_lead_to_the_question_again(town: Town) -> None:
    call = town.call(*TO_THE_BOOKING, "2")
    assert call.heard.startswith("You are booked: ")
    call.press("*", "*")
    assert QUESTION not in call.heard


@pytest.mark.parametrize(("ticket", "outcome"), [({}, "ask"), ({"ticket_id": "one"}, "waitlist")])
def test_nobody_is_asked_in_a_call_in_which_they_needed_urgent_help(
    town: Town, ticket: dict[str, str], outcome: str
) -> None:
    facts = {"text_about": "waitlist", "patient_id": str(File.of(town).patient_id), **ticket}
    session = Session(CLINIC, "CA1", PATIENT, facts=facts)
    done = town.product.database.write(
        lambda transaction: consent.may_ask_to_text(
            Context(transaction, demo_clinic(), wording(), "", timedelta(), town.product.clock()),
            session,
        )
    )
    assert done.outcome == outcome


def test_moving_a_visit_asks_and_names_the_caregiver_who_answers(town: Town) -> None:
    File.of(town).visit(austin(THURSDAY, 9))
    call = town.call(*HEAR, "2", *MYSELF[1:], "2", "1", "1")
    assert call.heard.startswith(f"Your visit is moved. {QUESTION}0 1 6 0?")
    call.press("1")
    assert call.heard.startswith("Moved: your consultation is now on ")
    assert answers(town) == [(True, PHONE, "caller, for the patient")]


def test_somebody_else_who_is_booked_in_the_same_call_is_asked_about_themselves(
    town: Town,
) -> None:
    maria = File.of(town)
    maria.visit(austin(THURSDAY, 9))
    call = town.call(*HEAR, *MYSELF, "4", "3", "2", "1", "1", "05061950", "1", "1", "1", "1")
    assert call.heard.startswith(f"Your visit is booked. {QUESTION}0 1 4 2?")
    call.press("1")
    (row,) = town.product.rows("SELECT patient_id FROM patient_consent")
    assert str(row["patient_id"]).replace("-", "") != maria.patient_id.hex
