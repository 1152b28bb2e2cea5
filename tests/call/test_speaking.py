"""What the voice says, by hand-written expectation in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from ivr.call.prompts import Prompts
from ivr.call.speak import spoken_text
from ivr.call.spoken_values import ago, birth_date, day_and_time, phone_number


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


@pytest.mark.parametrize(
    ("minutes", "english", "spanish"),
    [
        (0, "just now", "hace un momento"),
        (1, "one minute ago", "hace un minuto"),
        (12, "12 minutes ago", "hace 12 minutos"),
        (60, "one hour ago", "hace una hora"),
        (125, "2 hours and 5 minutes ago", "hace 2 horas y 5 minutos"),
        (1440, "one day ago", "hace un día"),
        (3000, "2 days ago", "hace 2 días"),
    ],
)
def test_how_long_ago_is_said_as_people_say_it(minutes: int, english: str, spanish: str) -> None:
    assert ago(minutes, "en") == english
    assert ago(minutes, "es") == spanish


@pytest.mark.parametrize(
    ("own", "waiting", "english", "spanish"),
    [
        ("0", "0", "You have no ticket; none waits.", "Casos suyos: ninguno; ninguno espera."),
        ("1", "2", "You have one ticket; 2 wait.", "Casos suyos: uno; 2 esperan."),
        ("3", "1", "You have 3 tickets; one waits.", "Casos suyos: 3; uno espera."),
    ],
)
def test_how_many_tickets_there_are_is_said_in_the_right_number(
    own: str, waiting: str, english: str, spanish: str, prompts: Prompts
) -> None:
    facts = {"staff_own": own, "staff_waiting": waiting}
    for language, said in (("en", english), ("es", spanish)):
        text = prompts.text("staff_tickets", language)
        assert spoken_text(text, language, prompts, facts) == said


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (
            {"staff_category": "alarm", "staff_phone": "+15125550142"},
            "Ticket 1 2. Pump alarm. Opened just now. Callback ending 0 1 4 2.",
        ),
        ({}, "Ticket 1 2. Urgent call. Opened just now. There is no callback number."),
        (
            {"staff_category": "of a later version"},
            "Ticket 1 2. Urgent call. Opened just now. There is no callback number.",
        ),
    ],
)
def test_a_ticket_is_spoken_of_by_its_number_its_category_and_where_to_call(
    facts: dict[str, str], said: str, prompts: Prompts
) -> None:
    known = {"staff_ticket": "12", "staff_age": "0", **facts}
    assert spoken_text(prompts.text("staff_about", "en"), "en", prompts, known) == said
