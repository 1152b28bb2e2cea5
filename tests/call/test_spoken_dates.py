"""Days as callers say and key them, worked out by hand with a calendar."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from ivr.call.understanding import dates
from ivr.call.understanding.date_spans import Span
from ivr.call.understanding.dates import Wish
from scheduling.preferences import ANY_PART, DayPart, Unwanted

TODAY = date(2026, 11, 24)
"""A Tuesday."""
MORNING, AFTERNOON = DayPart.MORNING, DayPart.AFTERNOON


def days(wish: Wish | None) -> str:
    """The readings of a wish as the table below writes them."""
    if wish is None:
        return "none"
    return " | ".join(
        str(span.first)
        if span.first == span.last and span.first
        else f"{span.first or ''}..{span.last or ''}"
        for span in wish.readings
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("today", "2026-11-24"),
        ("tomorrow", "2026-11-25"),
        ("the day after tomorrow", "2026-11-26"),
        ("friday", "2026-11-27"),
        ("tuesday", "2026-12-01"),
        ("this coming friday", "2026-11-27"),
        ("next friday", "2026-11-27 | 2026-12-04"),
        ("next monday", "2026-11-30"),
        ("a week from friday", "2026-12-04"),
        ("friday the eleventh", "2026-12-11"),
        ("friday the twelfth", "2027-02-12"),
        ("friday december twelfth", "none"),
        ("december the third", "2026-12-03"),
        ("the third", "2026-12-03"),
        ("the thirty first", "2026-12-31"),
        ("november twenty fourth", "2027-11-24"),
        ("february thirtieth", "none"),
        ("november third two thousand twenty six", "none"),
        ("12/4", "2026-12-04"),
        ("in two weeks", "2026-12-08"),
        ("next week", "2026-11-30..2026-12-06"),
        ("the week after next", "2026-12-07..2026-12-13"),
        ("the week of thanksgiving", "2026-11-23..2026-11-29"),
        ("december", "2026-12-01..2026-12-31"),
        ("the end of december", "2026-12-21..2026-12-31"),
        ("the first week of december", "2026-12-01..2026-12-07"),
        ("the first monday in december", "2026-12-07"),
        ("the monday after thanksgiving", "2026-11-30"),
        ("not before thanksgiving", "2026-11-26.."),
        ("after the fifth", "2026-12-06.."),
        ("from the fifth on", "2026-12-05.."),
        ("by friday", "..2026-11-27"),
        ("between the first and the tenth", "2026-12-01..2026-12-10"),
        ("monday or thursday", "2026-11-30 | 2026-11-26"),
        ("friday no not friday monday", "2026-11-30"),
        ("any day", ".."),
        ("el lunes", "2026-11-30"),
        ("el próximo viernes", "2026-11-27"),
        ("el viernes que viene", "2026-11-27"),
        ("mañana", "2026-11-25"),
        ("pasado mañana", "2026-11-26"),
        ("de hoy en ocho", "2026-12-01"),
        ("en quince días", "2026-12-08"),
        ("el martes en ocho", "2026-12-08"),
        ("la semana que entra", "2026-11-30..2026-12-06"),
        ("el quince de diciembre", "2026-12-15"),
        ("el martes primero de diciembre", "2026-12-01"),
        ("después del diez", "2026-12-11.."),
        ("antes de navidad", "..2026-12-24"),
        ("a partir del cinco de enero", "2027-01-05.."),
        ("hasta el lunes", "..2026-11-30"),
        ("el día después de acción de gracias", "2026-11-27"),
        ("treinta y uno de junio", "none"),
        ("i have to ask my daughter", "none"),
        ("déjeme ver", "none"),
        ("wait a second", "none"),
        ("may i ask who is calling", "none"),
        ("", "none"),
    ],
)
def test_a_spoken_day_is_the_day_on_the_calendar_or_none(words: str, expected: str) -> None:
    assert days(dates.spoken(words, TODAY)) == expected


@pytest.mark.parametrize(
    ("words", "day", "part"),
    [
        ("friday afternoon", "2026-11-27", AFTERNOON),
        ("friday at two", "2026-11-27", AFTERNOON),
        ("friday at nine thirty", "2026-11-27", MORNING),
        ("friday before noon", "2026-11-27", MORNING),
        ("mornings", "..", MORNING),
        ("mañana en la mañana", "2026-11-25", MORNING),
        ("mañana a las dos", "2026-11-25", AFTERNOON),
        ("el martes por la tarde", "2026-12-01", AFTERNOON),
        ("por las mañanas", "..", MORNING),
        ("morning or afternoon", "..", ANY_PART),
        ("friday", "2026-11-27", ANY_PART),
    ],
)
def test_the_part_of_the_day_is_taken_with_the_day(words: str, day: str, part: DayPart) -> None:
    wish = dates.spoken(words, TODAY)
    assert wish is not None
    assert (days(wish), wish.part) == (day, part)


@pytest.mark.parametrize(
    ("digits", "day"),
    [
        ("1204", "2026-12-04"),
        ("1124", "2027-11-24"),
        ("0230", "none"),
        ("12", "none"),
        ("12٠4", "none"),
    ],
)
def test_a_day_is_keyed_as_month_and_day(digits: str, day: str) -> None:
    assert days(dates.keyed(digits, TODAY)) == day


UP_TO_TWENTY = """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth
    thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"""
ORDINALS = [
    *UP_TO_TWENTY.split(),
    *(f"twenty {unit}" for unit in UP_TO_TWENTY.split()[:9]),
    "thirtieth",
    "thirty first",
]
HASTA_TREINTA = """primero dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce
    quince dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés
    veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve treinta"""
CARDINALS = [*HASTA_TREINTA.split(), "treinta y uno"]


@st.composite
def days_to_come(draw: st.DrawFn) -> date:
    """A day within the year that follows TODAY."""
    return TODAY + timedelta(draw(st.integers(1, 364)))


def ways_of_saying(day: date) -> list[str]:
    """One day in several ways, in both languages."""
    english, spanish = (format_date(day, "EEEE", locale=locale) for locale in ("en_US", "es_US"))
    month, mes = (format_date(day, "MMMM", locale=locale) for locale in ("en_US", "es_US"))
    ordinal = ORDINALS[day.day - 1]
    number = CARDINALS[day.day - 1]
    return [
        f"{month} {ordinal}",
        f"the {ordinal} of {month}",
        f"{month} {day.day}",
        f"{english} {month} the {ordinal}",
        f"{month} {ordinal} {day.year}",
        f"{day.month}/{day.day}",
        f"how about {english} {month} {ordinal} please",
        f"el {number} de {mes}",
        f"el {spanish} {number} de {mes}",
        f"{day.day} de {mes}",
        f"{number} de {mes} del {day.year}",
        f"{mes} {number} por favor",
    ]


@given(days_to_come())
def test_a_day_said_in_any_of_our_ways_is_understood_as_that_day(day: date) -> None:
    for words in ways_of_saying(day):
        wish = dates.spoken(words, TODAY)
        assert wish == Wish((Span(day, day),)), words


@given(days_to_come(), st.sampled_from([ANY_PART, MORNING, AFTERNOON]))
def test_a_wish_survives_as_a_fact(day: date, part: DayPart) -> None:
    wish = Wish((Span(day, None), Span(None, day)), part)
    assert Wish.from_fact(wish.to_fact()) == wish
    wish = Wish((Span(None, None),), part, Unwanted(spans=((day, day),), before=time(10, 30)))
    assert Wish.from_fact(wish.to_fact()) == wish
