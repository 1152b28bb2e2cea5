"""Dates of birth as people write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.birth_dates import readings

TODAY = date(2026, 11, 23)
_BORN = st.dates(min_value=date(1900, 1, 1), max_value=TODAY)


@given(_BORN)
def test_every_birth_date_is_read_in_every_usual_way(born: date) -> None:
    for written in (
        f"{born.month}/{born.day}/{born.year}",
        f"{born:%m-%d-%Y}",
        f"{born:%m%d%Y}",
        f"{born:%Y-%m-%d}",
        f"{born:%B} {born.day}, {born.year}",
        f"{born.day} {born:%b} {born.year}",
    ):
        assert readings(written, TODAY)[0] == born


@given(_BORN)
def test_the_day_may_come_first_and_is_then_the_second_guess_where_both_can_be(born: date) -> None:
    assert born in readings(f"{born.day}/{born.month}/{born.year}", TODAY)


@given(st.text(max_size=40))
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    for born in readings(text, TODAY):
        assert born <= TODAY


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("3/4/61", [date(1961, 3, 4), date(1961, 4, 3)]),
        ("3/4/26", [date(2026, 3, 4), date(2026, 4, 3)]),
        ("12/24/26", [date(1926, 12, 24)]),
        ("4 de marzo de 1961", [date(1961, 3, 4)]),
        ("5/5/1950", [date(1950, 5, 5)]),
        ("2/30/1950", []),
        ("1/1/2031", []),
        ("1/1/1850", []),
        ("ana", []),
        ("0142", []),
    ],
)
def test_what_could_be_meant(written: str, meant: list[date]) -> None:
    assert readings(written, TODAY) == meant
