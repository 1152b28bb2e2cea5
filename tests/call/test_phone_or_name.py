"""An entry that takes a phone number, keyed or said, or a name, said."""

from __future__ import annotations

from datetime import date

import pytest

from ivr.call import understanding
from ivr.call.nodes import Entry

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("five one two five five five zero one six zero", "+15125550160"),
        ("512 555 0160", "+15125550160"),
        ("cinco uno dos cinco cinco cinco cero uno seis cero", "+15125550160"),
        ("my name is Maria Gonzalez", "Maria Gonzalez"),
        ("me llamo José Ñáñez", "José Ñáñez"),
        # A number that is no phone number is asked for again, and is nobody's name.
        ("five one two five five five", None),
        ("512 555", None),
    ],
)
def test_what_is_said_is_a_number_or_a_name(words: str, value: str | None) -> None:
    assert understanding.spoken(Entry.PHONE_OR_NAME, words, 0.9, TODAY) == value


@pytest.mark.parametrize(
    ("digits", "value"), [("5125550160", "+15125550160"), ("512555", None), ("0000000000", None)]
)
def test_what_is_keyed_is_a_number(digits: str, value: str | None) -> None:
    assert understanding.keyed(Entry.PHONE_OR_NAME, digits, TODAY) == value


def test_in_this_entry_zero_is_a_digit() -> None:
    assert Entry.PHONE_OR_NAME.is_number
