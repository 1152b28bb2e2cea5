"""Two identifiers before anything of a patient's is heard; nobody learns who is on file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from ivr.call import attempts
from ivr.call.attempts import Claim
from ivr.call.verification import TriesBefore
from ivr.housekeeping import tidy
from scheduling.database import Database
from tests.calls.on_file import (
    BIRTH_KEYS,
    BORN,
    CLINIC,
    HEAR,
    MYSELF,
    PHONE,
    PHONE_KEYS,
    File,
    austin,
    tasks,
)
from tests.calls.town import Town
from tests.product import LINE, PATIENT

WRONG_BIRTH = "05061950"
WRONG_PHONE = "5125550199"
AGAIN = "That does not match what we have on file. Please key your date of birth again:"
TO_A_PERSON = "I cannot match that with what we have on file, so the front desk will help you."
CONSULTATION = "A consultation with Doctor Fura, on Wednesday, December 2,"


@pytest.fixture
def file(town: Town) -> File:
    """Maria Gonzalez, who has a visit ahead."""
    file = File.of(town)
    file.visit(austin(date(2026, 12, 2), 9))
    return file


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What is run against the database meanwhile."""
    run: list[str] = []

    def note(*given: object) -> None:
        run.append(str(given[2]))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield run
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def a_try(town: Town, birth: str, contact: str, *, number: str = PATIENT) -> str:
    """One call with one try: what was heard after it."""
    call = town.company.phone(number).call(LINE)
    call.press(*HEAR, "1", birth, contact)
    heard = call.heard
    call.hang_up()
    return heard


@pytest.mark.usefixtures("file")
def test_date_of_birth_and_phone_open_the_record(town: Town) -> None:
    assert town.call(*HEAR, *MYSELF).heard.startswith(CONSULTATION)


@pytest.mark.usefixtures("file")
@pytest.mark.parametrize("name", ["Maria Gonzalez", "it's maría gonzález", "Gonzales, Maria"])
def test_date_of_birth_and_name_open_the_record(town: Town, name: str) -> None:
    call = town.call(*HEAR, "1", BIRTH_KEYS)
    call.say(name)
    assert call.heard.startswith(CONSULTATION)


@pytest.mark.usefixtures("file")
def test_a_spoken_phone_number_opens_the_record(town: Town) -> None:
    call = town.call(*HEAR, "1", BIRTH_KEYS)
    call.say("five one two five five five zero one six zero")
    assert call.heard.startswith(CONSULTATION)


@pytest.mark.usefixtures("file")
@pytest.mark.parametrize("name", ["Maria", "Gonzalez", "Maria Hernandez", "Ana Gonzalez"])
def test_part_of_a_name_or_another_one_opens_nothing(town: Town, name: str) -> None:
    call = town.call(*HEAR, "1", BIRTH_KEYS)
    call.say(name)
    assert call.heard.startswith(AGAIN)


def test_caller_id_is_no_identifier(town: Town) -> None:
    File.of(town, phone=PATIENT).visit(austin(date(2026, 12, 2), 9))
    call = town.call(*HEAR, "1", BIRTH_KEYS)
    assert call.heard.startswith("Now key the ten-digit phone number that we have on file,")
    call.press(WRONG_PHONE)
    assert call.heard.startswith(AGAIN)


@pytest.mark.usefixtures("file")
def test_whatever_was_wrong_the_same_statements_run_and_the_same_words_are_said(
    town: Town,
) -> None:
    wrong = {
        "no such patient": (WRONG_BIRTH, WRONG_PHONE),
        "wrong date": (WRONG_BIRTH, PHONE_KEYS),
        "wrong phone": (BIRTH_KEYS, WRONG_PHONE),
    }
    ran, answered = {}, {}
    for position, (what, (birth, contact)) in enumerate(wrong.items()):
        call = town.company.phone(f"+1512555012{position}").call(LINE)
        call.press(*HEAR, "1", birth)
        with statements(town.product.database) as run:
            call.press(contact)
        ran[what] = run
        answered[what] = town.company.webhooks[-1].body.decode()
        call.hang_up()
    assert ran["wrong date"] == ran["no such patient"] == ran["wrong phone"]
    assert len(ran["wrong date"]) > 4
    assert AGAIN in re.sub(r"<[^>]+>", "", answered["wrong date"])
    assert len(set(answered.values())) == 1


@pytest.mark.usefixtures("file")
def test_a_repeated_webhook_counts_once_and_is_answered_alike(town: Town) -> None:
    a_try(town, BIRTH_KEYS, WRONG_PHONE)
    (checked,) = [one for one in town.company.webhooks if WRONG_PHONE in str(one.form)]
    again = town.company.replay(checked)
    assert again.content == checked.body
    assert town.product.count("identity_attempt") == 1


@pytest.mark.usefixtures("file")
def test_the_third_failed_try_of_a_call_leads_to_a_person(town: Town) -> None:
    call = town.call(*HEAR, "1")
    for _ in range(2):
        call.press(BIRTH_KEYS, WRONG_PHONE)
        assert call.heard.startswith(AGAIN)
    call.press(BIRTH_KEYS, WRONG_PHONE)
    assert call.heard.startswith(TO_A_PERSON)
    call.press("2")
    assert town.desk.ringing


@pytest.mark.usefixtures("file")
def test_who_failed_three_times_is_not_asked_again_in_that_call(town: Town) -> None:
    call = town.call(*HEAR, "1", *(BIRTH_KEYS, WRONG_PHONE) * 3)
    call.say("emergency")
    assert town.product.count("ticket") == 1
    assert town.product.count("identity_attempt") == 3


@pytest.mark.usefixtures("file")
def test_five_failures_lock_a_record_for_a_day_and_then_no_longer(town: Town) -> None:
    for position in range(5):
        number = f"+1512555012{position}"
        assert a_try(town, BIRTH_KEYS, f"512555017{position}", number=number).startswith(AGAIN)
    assert a_try(town, BIRTH_KEYS, PHONE_KEYS).startswith(TO_A_PERSON)
    town.product.clock.advance(hours=24, seconds=1)
    assert a_try(town, BIRTH_KEYS, PHONE_KEYS).startswith(CONSULTATION)


def test_who_is_not_on_file_is_locked_as_a_record_is(town: Town) -> None:
    for position in range(5):
        a_try(town, BIRTH_KEYS, f"512555017{position}", number=f"+1512555012{position}")
    assert a_try(town, BIRTH_KEYS, PHONE_KEYS).startswith(TO_A_PERSON)


@pytest.mark.usefixtures("file")
def test_guessing_dates_for_one_phone_locks_it_too(town: Town) -> None:
    for position in range(5):
        number = f"+1512555012{position}"
        assert a_try(town, f"0101195{position}", PHONE_KEYS, number=number).startswith(AGAIN)
    assert a_try(town, BIRTH_KEYS, PHONE_KEYS).startswith(TO_A_PERSON)


@pytest.mark.usefixtures("file")
def test_a_locked_out_caller_still_reaches_urgent_help_and_a_person(town: Town) -> None:
    for position in range(5):
        a_try(town, BIRTH_KEYS, f"512555017{position}", number=f"+1512555012{position}")
    call = town.call(*HEAR, *MYSELF)
    assert call.heard.startswith(TO_A_PERSON)
    call.press("0")
    assert town.desk.ringing
    call.hang_up()
    urgent = town.call(*HEAR, *MYSELF, "1")
    assert "dial 9 1 1" in urgent.heard
    urgent.press("2")
    assert town.nurse.ringing
    assert town.product.count("ticket") == 1


@pytest.mark.usefixtures("file")
def test_ten_patients_an_hour_are_asked_for_from_one_number(town: Town) -> None:
    for position in range(10):
        born = f"0{position % 9 + 1}0{position // 9 + 1}1951"
        assert a_try(town, born, f"512555010{position}").startswith(AGAIN)
    assert a_try(town, BIRTH_KEYS, PHONE_KEYS).startswith(TO_A_PERSON)
    assert a_try(town, BIRTH_KEYS, PHONE_KEYS, number="+15125550143").startswith(CONSULTATION)
    town.product.clock.advance(hours=1, seconds=1)
    assert a_try(town, BIRTH_KEYS, PHONE_KEYS).startswith(CONSULTATION)


@pytest.mark.usefixtures("file")
def test_many_failures_of_a_clinic_are_told_to_its_desk_once(town: Town) -> None:
    for position in range(21):
        number = f"+1512555{1200 + position}"
        born = f"{position % 12 + 1:02}{position + 1:02}1952"
        a_try(town, born, f"512555{1300 + position}", number=number)
        assert tasks(town) == (["identity_alarm"] if position >= 19 else [])
    # Nobody else is kept out by it.
    assert a_try(town, BIRTH_KEYS, PHONE_KEYS, number="+15125550144").startswith(CONSULTATION)


def test_two_records_that_both_fit_are_for_the_desk_to_tell_apart(town: Town) -> None:
    File.of(town, "Maria Gonzalez")
    File.of(town, "Mario Gonzalez", phone="+15125550161")
    with town.product.database.engine.begin() as connection:
        connection.execute(
            text("UPDATE patient_phone SET number = :phone WHERE number = '+15125550161'"),
            {"phone": PHONE},
        )
    assert town.call(*HEAR, *MYSELF).heard.startswith(TO_A_PERSON)


def test_nobody_is_known_as_a_patient_who_has_died(town: Town) -> None:
    File.of(town)
    with town.product.database.engine.begin() as connection:
        connection.execute(text("UPDATE patient SET deceased_on = '2026-11-01'"))
    assert town.call(*HEAR, *MYSELF).heard.startswith(AGAIN)


def test_guesses_made_at_once_are_each_counted(town: Town) -> None:
    def guess(position: int) -> bool:
        claim = Claim.of(
            secret=b"a secret",
            clinic_id=CLINIC,
            number=f"+1512555012{position}",
            birth=BORN.isoformat(),
            phone_or_name=f"+1512555017{position}",
        )
        now = town.product.clock()

        def work(session: Session) -> bool:
            locked = attempts.tries_before(session, CLINIC, claim, now).locked
            attempts.keep(
                session,
                clinic_id=CLINIC,
                call_sid=f"CA{position}",
                claim=claim,
                outcome="locked" if locked else "failed",
                now=now,
            )
            return locked

        return town.product.database.write(work)

    with ThreadPoolExecutor(8) as callers:
        locked = list(callers.map(guess, range(8)))
    assert locked.count(False) == 5


@pytest.mark.usefixtures("file")
def test_nothing_that_was_given_stands_in_the_attempts_and_a_day_later_they_are_gone(
    town: Town,
) -> None:
    a_try(town, BIRTH_KEYS, WRONG_PHONE)
    (row,) = town.product.rows("SELECT * FROM identity_attempt")
    stored = " ".join(str(value) for value in row.values())
    assert not any(given in stored for given in (BORN.isoformat(), BIRTH_KEYS, WRONG_PHONE))
    assert PATIENT.removeprefix("+1") not in stored
    later = town.product.clock() + timedelta(days=1)
    town.product.database.write(lambda session: tidy(session, later - timedelta(minutes=1)))
    assert town.product.count("identity_attempt") == 1
    town.product.database.write(lambda session: tidy(session, later))
    assert town.product.count("identity_attempt") == 0


@pytest.mark.usefixtures("file")
def test_verification_in_spanish(town: Town) -> None:
    call = town.call("9", *HEAR)
    assert call.heard.startswith("Primero, dos preguntas para encontrar el expediente.")
    call.say("por mi mamá")
    assert call.heard.startswith("Marque la fecha de nacimiento de esa persona:")
    call.say("4 de marzo de 1940")
    call.press(WRONG_PHONE)
    assert call.heard.startswith("Eso no coincide con lo que tenemos registrado.")
    call.press(BIRTH_KEYS, PHONE_KEYS)
    assert call.heard.startswith("Una consulta con Doctor Fura, el miércoles 2 de diciembre")


@pytest.mark.parametrize(
    ("before", "locked"),
    [
        (TriesBefore(0, 0, 0, 0), False),
        (TriesBefore(4, 4, 9, 500), False),
        (TriesBefore(5, 0, 0, 0), True),
        (TriesBefore(0, 5, 0, 0), True),
        (TriesBefore(0, 0, 10, 0), True),
    ],
)
def test_what_locks_a_caller_out(before: TriesBefore, locked: bool) -> None:
    assert before.locked is locked


@pytest.mark.parametrize(("failed", "alarming"), [(18, False), (19, True), (40, True)])
def test_the_twentieth_failure_of_an_hour_is_alarming(failed: int, alarming: bool) -> None:
    assert TriesBefore(0, 0, 0, failed).alarming is alarming
