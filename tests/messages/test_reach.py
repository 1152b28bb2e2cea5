"""By which way a patient may be told something: consent, an opted-out number, what they prefer."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from ivr.messages.patients.reach import OnFile, Reach, Unreached, choose, may_use
from scheduling.contact import ConsentKind

AUSTIN, HONOLULU = ZoneInfo("America/Chicago"), ZoneInfo("Pacific/Honolulu")
HOME, MOBILE = "+15125550141", "+15125550142"
SMS, CALL = ConsentKind.SMS, ConsentKind.CALL

MARIA = OnFile(
    patient_id=UUID(int=1),
    language="es",
    deceased=False,
    numbers=(HOME, MOBILE),
    opted_out=frozenset(),
    texts=True,
    calls=True,
    preferred=None,
    zone=None,
)


def way(person: OnFile, given: str | None = None) -> tuple[ConsentKind, str] | Unreached:
    found = choose(person, given, AUSTIN)
    return (found.channel, found.number) if isinstance(found, Reach) else found


def test_a_text_comes_first_and_the_number_given_for_the_visit_before_those_on_file() -> None:
    assert way(MARIA) == (SMS, HOME)
    assert way(MARIA, MOBILE) == (SMS, MOBILE)


def test_a_consent_that_names_a_number_is_for_that_number_alone() -> None:
    person = replace(MARIA, texts_to=MOBILE, calls=False)
    assert way(person) == way(person, HOME) == (SMS, MOBILE)
    assert not may_use(person, None, SMS, HOME)
    assert way(replace(person, numbers=(HOME,))) is Unreached.NO_CONSENT
    assert way(replace(person, opted_out={MOBILE})) is Unreached.OPTED_OUT


def test_what_they_prefer_counts_where_they_agreed_to_it() -> None:
    assert way(replace(MARIA, preferred=CALL)) == (CALL, HOME)
    assert way(replace(MARIA, preferred=CALL, calls=False)) == (SMS, HOME)
    assert way(replace(MARIA, texts=False)) == (CALL, HOME)


@pytest.mark.parametrize(
    ("person", "why"),
    [
        (replace(MARIA, deceased=True), Unreached.DECEASED),
        (replace(MARIA, numbers=()), Unreached.NO_NUMBER),
        (replace(MARIA, texts=False, calls=False), Unreached.NO_CONSENT),
        (replace(MARIA, opted_out={HOME, MOBILE}), Unreached.OPTED_OUT),
    ],
)
def test_nobody_is_told_who_cannot_or_may_not_be(person: OnFile, why: Unreached) -> None:
    assert way(person) is why


def test_a_phone_that_opted_out_is_neither_texted_nor_called_and_another_is() -> None:
    stopped = replace(MARIA, opted_out={MOBILE})
    assert way(stopped, MOBILE) == (SMS, HOME)
    assert way(replace(stopped, preferred=CALL), MOBILE) == (CALL, HOME)


def test_hours_are_those_of_where_they_live_else_of_the_clinic() -> None:
    here, there = choose(MARIA, None, AUSTIN), choose(replace(MARIA, zone=HONOLULU), None, AUSTIN)
    assert isinstance(here, Reach)
    assert isinstance(there, Reach)
    assert (here.zone, there.zone, here.language) == (AUSTIN, HONOLULU, "es")


def test_what_was_to_be_sent_may_be_sent_only_while_all_of_it_still_holds() -> None:
    assert may_use(MARIA, None, SMS, HOME)
    assert may_use(replace(MARIA, numbers=()), HOME, SMS, HOME)
    for changed in (
        replace(MARIA, texts=False),
        replace(MARIA, deceased=True),
        replace(MARIA, opted_out={HOME}),
        replace(MARIA, numbers=(MOBILE,)),
    ):
        assert not may_use(changed, None, SMS, HOME)
