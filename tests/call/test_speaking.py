"""What the voice says, by hand-written expectation in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from ivr.call.speak import birth_date, day_and_time, phone_number


@pytest.mark.parametrize(
    ("moment", "english", "spanish"),
    [
        (
            datetime(2026, 11, 30, 9, 30, tzinfo=UTC),
            "Monday, November 30, at 9:30 in the morning",
            "lunes 30 de noviembre a las 9:30 de la mañana",
        ),
        (
            datetime(2026, 12, 1, 13, 0, tzinfo=UTC),
            "Tuesday, December 1, at 1 in the afternoon",
            "martes primero de diciembre a la 1 de la tarde",
        ),
        (
            datetime(2026, 12, 2, 12, 0, tzinfo=UTC),
            "Wednesday, December 2, at noon",
            "miércoles 2 de diciembre a las 12 del mediodía",
        ),
        (
            datetime(2026, 12, 3, 12, 15, tzinfo=UTC),
            "Thursday, December 3, at 12:15 in the afternoon",
            "jueves 3 de diciembre a las 12:15 de la tarde",
        ),
        (
            datetime(2026, 12, 4, 17, 45, tzinfo=UTC),
            "Friday, December 4, at 5:45 in the evening",
            "viernes 4 de diciembre a las 5:45 de la tarde",
        ),
    ],
)
def test_a_slot_is_said_with_weekday_date_and_time(
    moment: datetime, english: str, spanish: str
) -> None:
    assert day_and_time(moment, "en") == english
    assert day_and_time(moment, "es") == spanish


def test_a_date_of_birth_is_said_with_its_year() -> None:
    assert birth_date(date(1940, 3, 4), "en") == "March 4, 1940"
    assert birth_date(date(1940, 3, 1), "es") == "primero de marzo de 1940"


def test_a_phone_number_is_said_digit_by_digit_in_its_groups() -> None:
    assert phone_number("+15125550142") == "5 1 2, 5 5 5, 0 1 4 2"
