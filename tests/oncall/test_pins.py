"""A PIN lets its owner in, and few guesses are answered, however many are made at once."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from ivr.oncall import pins, rota
from ivr.oncall.escalation import Person
from ivr.oncall.pins import PinRefused, Standing, Try
from ivr.oncall.rota import UnknownPerson
from ivr.oncall.supervisor import load_supervisor
from scheduling.database import Database
from tests.clock import MONDAY_NIGHT
from tests.oncall.clinic import ANA, CLINIC, SAM
from tests.oncall.racing import race

TODAY = date(2026, 11, 23)
TOMORROW = date(2026, 11, 24)
HASH = "not one that is compared here"


def set_pin(database: Database, key: str = "ana", pin_hash: str = HASH) -> None:
    database.write(
        lambda session: pins.set_pin(
            session, clinic_id=CLINIC, person_key=key, pin_hash=pin_hash, now=MONDAY_NIGHT
        )
    )


def tried(database: Database, *, right: bool = False, today: date = TODAY) -> Try:
    return database.write(
        lambda session: pins.count_try(
            session, clinic_id=CLINIC, person_key="ana", right=right, today=today
        )
    )


def standing(database: Database, today: date = TODAY) -> Standing:
    return database.read(lambda session: pins.standing_of(session, CLINIC, "ana", today))


def of_number(database: Database, number: str) -> str | None:
    return database.read(lambda session: pins.staff_of_number(session, CLINIC, number))


@pytest.mark.parametrize(
    "pin",
    [
        *("123456", "654321", "012345", "567890", "000000", "777777", "121212", "123123"),
        *("", "1", "1234567", "12a456", "١٢٣٩٥٦", " 94617", "294617\n"),
    ],
)
def test_a_pin_that_is_easily_guessed_or_is_none_is_refused(pin: str) -> None:
    with pytest.raises(PinRefused, match="choose"):
        pins.hashed(pin)


def test_only_the_pin_itself_is_the_pin_and_its_hash_does_not_tell_it() -> None:
    stored = pins.hashed("294617")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "294617" not in stored
    assert pins.is_pin(stored, "294617")
    assert not pins.is_pin(stored, "294618")


@pytest.mark.parametrize("stored", ["", "x", "$argon2id$v=19$m=19456,t=2,p=1$", "294617"])
def test_nothing_else_that_is_stored_is_anybodys_pin(stored: str) -> None:
    assert not pins.is_pin(stored, "294617")


def test_without_a_pin_nobody_is_let_in(database: Database) -> None:
    assert standing(database) == Standing.NO_PIN
    assert tried(database, right=True) is Try.WRONG


def test_after_five_wrong_ones_the_right_one_opens_nothing_until_tomorrow(
    database: Database,
) -> None:
    set_pin(database)
    assert [tried(database) for _ in range(5)] == [Try.WRONG] * 4 + [Try.LOCKED]
    assert standing(database) == Standing.LOCKED
    assert tried(database, right=True) is Try.LOCKED
    assert standing(database, TOMORROW) == Standing.ASK
    assert tried(database, right=True, today=TOMORROW) is Try.RIGHT


def test_a_new_day_begins_with_no_wrong_ones(database: Database) -> None:
    set_pin(database)
    for _ in range(4):
        tried(database)
    assert tried(database, today=TOMORROW) is Try.WRONG
    assert tried(database, right=True, today=TOMORROW) is Try.RIGHT


def test_a_right_one_in_between_does_not_make_room_for_more_guesses(database: Database) -> None:
    set_pin(database)
    for _ in range(4):
        tried(database)
    assert tried(database, right=True) is Try.RIGHT
    assert tried(database) is Try.LOCKED


def test_a_new_pin_ends_the_lock(database: Database) -> None:
    set_pin(database)
    for _ in range(5):
        tried(database)
    set_pin(database)
    assert standing(database) == Standing.ASK


def test_of_eight_guesses_at_once_five_are_counted_and_no_more_answered(
    database: Database, database_url: str
) -> None:
    set_pin(database)
    outcomes = race(database_url, _guess)
    assert outcomes.count(Try.WRONG) == 4
    assert outcomes.count(Try.LOCKED) == 4


def test_a_pin_for_somebody_who_is_not_on_the_list_is_refused(database: Database) -> None:
    with pytest.raises(UnknownPerson, match=r"clinic\.toml"):
        set_pin(database, "mallory")


def test_a_phone_is_staffs_only_while_its_owner_is_on_the_list(database: Database) -> None:
    assert of_number(database, ANA.number) == "ana"
    assert of_number(database, "+15125550142") is None
    database.write(lambda session: rota.load_people(session, CLINIC, [SAM]))
    assert of_number(database, ANA.number) is None


def test_the_supervisor_is_staff_though_no_call_rings_them_in_turn(database: Database) -> None:
    database.write(lambda session: load_supervisor(session, CLINIC, "+15125550119"))
    assert of_number(database, "+15125550119") == "supervisor"
    listed = database.read(lambda session: pins.standings(session, CLINIC, TODAY))
    assert [key for key, _, _ in listed] == ["ana", "sam", "supervisor"]


def test_of_two_who_share_a_phone_it_is_the_one_with_a_pin(database: Database) -> None:
    joy = Person("joy", "Joy Lee", ANA.number)
    database.write(lambda session: rota.load_people(session, CLINIC, [ANA, joy]))
    assert of_number(database, ANA.number) == "ana"
    set_pin(database, "joy")
    assert of_number(database, ANA.number) == "joy"


def _guess(database: Database, _index: int) -> Try:
    def unit(session: Session) -> Try:
        return pins.count_try(session, clinic_id=CLINIC, person_key="ana", right=False, today=TODAY)

    return database.write(unit)
