"""What callers rule out, in both languages: worked out by hand for a Tuesday, November 24."""

from __future__ import annotations

from datetime import date, time

import pytest

from ivr.call.understanding import dates
from ivr.call.understanding.date_spans import Span
from scheduling.preferences import ALL_DAYS, ANY_PART, DayPart, Unwanted

TODAY = date(2026, 11, 24)
MON, TUE, WED, THU, FRI = range(5)
MORNING, AFTERNOON = DayPart.MORNING, DayPart.AFTERNOON
NO_DAYS = (Span(None, None),)
NEXT_WEEK = (Span(date(2026, 11, 30), date(2026, 12, 6)),)


def weekdays(*days: int) -> Unwanted:
    return Unwanted(frozenset((day, ANY_PART) for day in days))


def parts(*times: tuple[int, DayPart]) -> Unwanted:
    return Unwanted(frozenset(times))


def days(first: date, last: date | None = None) -> Unwanted:
    return Unwanted(spans=((first, last or first),))


NO_MORNINGS = parts(*((day, MORNING) for day in ALL_DAYS))


@pytest.mark.parametrize(
    ("words", "unwanted"),
    [
        ("any day but Monday", weekdays(MON)),
        ("anything but Monday", weekdays(MON)),
        ("any day except Mondays and Fridays", weekdays(MON, FRI)),
        ("not Tuesday", weekdays(TUE)),
        ("not on Tuesdays please", weekdays(TUE)),
        ("no Mondays", weekdays(MON)),
        ("not Monday or Tuesday", weekdays(MON, TUE)),
        ("I can't do Mondays", weekdays(MON)),
        ("I can't come on Wednesday", weekdays(WED)),
        ("Wednesdays don't work for me", weekdays(WED)),
        ("anything except Friday mornings", parts((FRI, MORNING))),
        ("any weekday other than Wednesday afternoon", parts((WED, AFTERNOON))),
        ("not in the morning", NO_MORNINGS),
        ("anything but mornings", NO_MORNINGS),
        ("not too early", NO_MORNINGS),
        ("not before ten", Unwanted(before=time(10))),
        ("nothing before nine thirty", Unwanted(before=time(9, 30))),
        ("not before one", Unwanted(before=time(13))),
        ("not after three", Unwanted(from_=time(15))),
        ("not on Thanksgiving", days(date(2026, 11, 26))),
        ("not the third", days(date(2026, 12, 3))),
        ("any day but the twenty fourth", days(date(2026, 12, 24))),
        ("not next week", days(date(2026, 11, 30), date(2026, 12, 6))),
        ("cualquier día menos el lunes", weekdays(MON)),
        ("cualquier día excepto los lunes y los viernes", weekdays(MON, FRI)),
        ("que no sea martes", weekdays(TUE)),
        ("cualquier día que no sea lunes ni viernes", weekdays(MON, FRI)),
        ("ni lunes ni martes", weekdays(MON, TUE)),
        ("los jueves no puedo", weekdays(THU)),
        ("el martes no", weekdays(TUE)),
        ("no puedo los martes", weekdays(TUE)),
        ("no los viernes por la mañana", parts((FRI, MORNING))),
        ("por la mañana no", NO_MORNINGS),
        ("no muy temprano", NO_MORNINGS),
        ("no antes de las diez", Unwanted(before=time(10))),
        ("nada antes de las nueve y media", Unwanted(before=time(9, 30))),
        ("a partir de las once", Unwanted(before=time(11))),
        ("no después de las tres", Unwanted(from_=time(15))),
        ("el 24 de diciembre no puedo", days(date(2026, 12, 24))),
        ("mañana no puedo", days(date(2026, 11, 25))),
    ],
)
def test_what_is_ruled_out_leaves_every_other_time(words: str, unwanted: Unwanted) -> None:
    wish = dates.spoken(words, TODAY)
    assert wish is not None
    assert (wish.readings, wish.part, wish.unwanted) == (NO_DAYS, ANY_PART, unwanted)
    assert wish.only_rules_out


@pytest.mark.parametrize(
    ("words", "readings", "part", "unwanted"),
    [
        ("next week but not Friday", NEXT_WEEK, ANY_PART, weekdays(FRI)),
        ("any day but Monday next week", NEXT_WEEK, ANY_PART, weekdays(MON)),
        ("la próxima semana menos el viernes", NEXT_WEEK, ANY_PART, weekdays(FRI)),
        ("mornings but not Friday", NO_DAYS, MORNING, weekdays(FRI)),
        ("no before Thanksgiving", (Span(date(2026, 11, 26), None),), ANY_PART, Unwanted()),
        ("not before Thanksgiving", (Span(date(2026, 11, 26), None),), ANY_PART, Unwanted()),
        (
            "después del día de acción de gracias",
            (Span(date(2026, 11, 27), None),),
            ANY_PART,
            Unwanted(),
        ),
        ("antes del día de navidad", (Span(None, date(2026, 12, 24)),), ANY_PART, Unwanted()),
    ],
)
def test_what_else_is_wished_for_stays(
    words: str, readings: tuple[Span, ...], part: DayPart, unwanted: Unwanted
) -> None:
    wish = dates.spoken(words, TODAY)
    assert wish is not None
    assert (wish.readings, wish.part, wish.unwanted) == (readings, part, unwanted)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("no, Monday", date(2026, 11, 30)),
        ("not Monday, Tuesday", date(2026, 12, 1)),
        ("Friday, no, not Friday, Monday", date(2026, 11, 30)),
        ("don't you have Friday", date(2026, 11, 27)),
        ("isn't there anything on Friday", date(2026, 11, 27)),
    ],
)
def test_a_day_that_is_corrected_or_asked_for_is_not_ruled_out(words: str, day: date) -> None:
    wish = dates.spoken(words, TODAY)
    assert wish is not None
    assert (wish.readings, wish.unwanted) == ((Span(day, day),), Unwanted())
