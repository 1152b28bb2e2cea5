"""The rota rule: somebody is always on call, on the nights when the clock jumps too."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.oncall.escalation import Person
from ivr.oncall.rota_gaps import Gap, gaps, sentences
from ivr.oncall.rota_rules import LEVELS, Override, Rota, Shift, TimeOff, swap, who_is_on_call
from scheduling.errors import InvalidDefinition, InvalidInput
from scheduling.hours import WeeklySession

ANA = Person("ana", "Ana Ruiz", "+15125550111")
SAM = Person("sam", "Sam Lee", "+15125550112")
EVA = Person("eva", "Eva Paz", "+15125550113")
PEOPLE = (ANA, SAM, EVA)
AUSTIN = ZoneInfo("America/Chicago")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NIGHTS = {
    "America/Chicago": (date(2026, 11, 1), date(2027, 3, 14)),
    "Australia/Lord_Howe": (date(2026, 10, 4), date(2027, 4, 4)),
    "Asia/Kolkata": (date(2026, 11, 1), date(2027, 3, 14)),
}


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]  # year to minute


def daily(level: str, key: str, opens: int, closes: int) -> tuple[Shift, ...]:
    """The same shift on all days of the week, from hour to hour."""
    hours = [WeeklySession(day, time(opens), time(closes)) for day in range(7)]
    return tuple(Shift(level, key, one) for one in hours)  # type: ignore[arg-type]  # a level


def on_duty(rota: Rota, at: datetime, level: str = "primary") -> list[str]:
    return [
        person.key for name, who in who_is_on_call(rota, at).duty if name == level for person in who
    ]


NIGHT_AND_DAY = Rota(
    AUSTIN, PEOPLE, daily("primary", "ana", 19, 7) + daily("primary", "sam", 7, 19)
)


@pytest.mark.parametrize(
    ("begins", "ends", "hours"),
    [
        # 19:00 CDT (UTC-5) on 31 October to 07:00 CST (UTC-6) on 1 November 2026.
        (utc(2026, 11, 1, 0, 0), utc(2026, 11, 1, 13, 0), 13),
        # 19:00 CST (UTC-6) on 13 March to 07:00 CDT (UTC-5) on 14 March 2027.
        (utc(2027, 3, 14, 1, 0), utc(2027, 3, 14, 12, 0), 11),
    ],
)
def test_a_night_shift_lasts_as_long_as_the_night(
    begins: datetime, ends: datetime, hours: int
) -> None:
    assert ends - begins == hours * HOUR
    minutes = [begins - MINUTE + n * MINUTE for n in range(hours * 60 + 2)]
    seen = [on_duty(NIGHT_AND_DAY, at) for at in minutes]
    assert seen == [["sam"], *[["ana"]] * (hours * 60), ["sam"]]


def test_people_take_turns_by_weeks() -> None:
    monday = WeeklySession(0, time(0), time(0), effective_from=date(2026, 11, 25))
    shifts = (Shift("primary", "ana", monday, 2, 0), Shift("primary", "sam", monday, 2, 1))
    rota = Rota(AUSTIN, PEOPLE, shifts)
    assert on_duty(rota, utc(2026, 11, 23, 18, 0)) == []
    assert on_duty(rota, utc(2026, 11, 30, 18, 0)) == ["sam"]
    assert on_duty(rota, utc(2026, 12, 7, 18, 0)) == ["ana"]


def test_a_rotation_that_cannot_be_counted_is_refused() -> None:
    with pytest.raises(InvalidDefinition, match="effective_from"):
        Shift("primary", "ana", WeeklySession(0, time(0), time(0)), 2)
    with pytest.raises(InvalidDefinition, match="count from 0"):
        Shift("primary", "ana", WeeklySession(0, time(0), time(0)), 2, 2)


def test_time_off_wins_over_overrides_over_holidays_over_weeks() -> None:
    thanksgiving, noon = date(2026, 11, 26), utc(2026, 11, 26, 18, 0)
    special = tuple(replace(one, on_holidays=True) for one in daily("primary", "sam", 0, 0))
    rota = Rota(AUSTIN, PEOPLE, daily("primary", "ana", 0, 0) + special)
    assert on_duty(rota, noon) == ["ana"]
    rota = replace(rota, holidays=frozenset({thanksgiving}))
    assert on_duty(rota, noon) == ["sam"]
    rota = replace(rota, overrides=(Override("primary", "eva", noon, noon + HOUR),))
    assert on_duty(rota, noon) == ["eva"]
    rota = replace(rota, time_off=(TimeOff("eva", noon, noon + HOUR),))
    assert on_duty(rota, noon) == []
    assert who_is_on_call(rota, noon).ring_order() == (ANA, SAM, EVA)


def test_gaps_and_numbers_not_to_be_rung_are_told_ahead() -> None:
    start = utc(2026, 11, 24, 6, 0)
    people = (ANA, replace(SAM, number="+1512"), replace(EVA, number="+15125550100"))
    shifts = daily("primary", "ana", 19, 7) + daily("backup", "sam", 0, 0)
    rota = Rota(AUSTIN, people, shifts)
    gap = Gap("primary", utc(2026, 11, 24, 13, 0), utc(2026, 11, 25, 1, 0))
    assert gaps(rota, start, start + 24 * HOUR) == [gap]
    assert sentences(rota, start, start + 24 * HOUR, line="+15125550100") == [
        (
            "Nobody is primary from 2026-11-24 07:00 CST to 2026-11-24 19:00 CST, "
            "so the fallback is rung: add a shift or an override."
        ),
        "The number of sam cannot be dialled: correct it.",
        "The number of eva is the line itself: give their own telephone.",
    ]


def test_a_shift_that_is_not_theirs_cannot_be_swapped() -> None:
    at = utc(2026, 11, 24, 6, 0)
    with pytest.raises(InvalidInput, match="sam does not have all"):
        swap(
            NIGHT_AND_DAY,
            Override("primary", "sam", at, at + HOUR),
            Override("primary", "ana", at + HOUR, at + 2 * HOUR),
        )


def test_a_swap_is_its_own_inverse() -> None:
    night, morning = utc(2026, 11, 1, 0, 0), utc(2026, 11, 1, 13, 0)
    mine = Override("primary", "ana", night, morning)
    yours = Override("primary", "sam", morning, morning + 12 * HOUR)
    once = swap(NIGHT_AND_DAY, mine, yours)
    swapped = replace(NIGHT_AND_DAY, overrides=once)
    twice = replace(swapped, overrides=(*once, *swap(swapped, *once)))
    for n in range(-2 * 60, 30 * 60, 7):
        at = night + n * MINUTE
        before = on_duty(NIGHT_AND_DAY, at)
        assert on_duty(twice, at) == before
        inside = night <= at < yours.ends_at
        assert (on_duty(swapped, at) != before) is inside


@lru_cache(maxsize=4)
def walls(zone: str, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """Each minute of three days around `day`: the instant, and what the clock shows."""
    first = datetime.combine(day - 2 * timedelta(days=1), time(), tzinfo=UTC)
    instants = (first + n * MINUTE for n in range(4 * 24 * 60))
    return tuple((at, at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)) for at in instants)


def takes_place(shift: Shift, day: date) -> bool:
    """Whether its weekday and its turn have come, told by walking there week by week."""
    first = shift.hours.effective_from
    if day.weekday() != shift.hours.weekday or (first is not None and day < first):
        return False
    if first is None:
        return True
    monday, turn = first - timedelta(days=first.weekday()), 0
    while monday + timedelta(days=7) <= day:
        monday, turn = monday + timedelta(days=7), (turn + 1) % shift.every_weeks
    return turn == shift.week


def standing(some: list[Shift], day: date, holidays: frozenset[date]) -> list[Shift]:
    """Those that begin on the day: of a level's, on a holiday that has its own, these alone."""
    begun = [one for one in some if takes_place(one, day)]
    special = {one.level for one in begun if one.on_holidays} if day in holidays else set()
    return [one for one in begun if one.on_holidays is (one.level in special)]


def covered(
    some: list[Shift], holidays: frozenset[date], zone: str, night: date
) -> dict[tuple[str, datetime], set[str]]:
    """Level and minute → whose it is, found by looking at the clock minute by minute."""
    found: dict[tuple[str, datetime], set[str]] = defaultdict(set)
    for day in (night + n * timedelta(days=1) for n in range(-3, 3)):
        for shift in standing(some, day, holidays):
            ending = day
            if shift.hours.closes <= shift.hours.opens:
                ending += timedelta(days=1)
            began = ended = False
            for at, wall in walls(zone, night):
                began = began or wall >= datetime.combine(day, shift.hours.opens)
                ended = ended or wall >= datetime.combine(ending, shift.hours.closes)
                if began and not ended:
                    found[shift.level, at].add(shift.person_key)
    return found


times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
keys = st.sampled_from([one.key for one in PEOPLE])


@st.composite
def shifts(draw: st.DrawFn) -> Shift:
    every = draw(st.integers(1, 3))
    since = draw(st.dates(date(2026, 9, 1), date(2026, 11, 2)))
    hours = WeeklySession(
        draw(st.integers(0, 6)),
        draw(times),
        draw(times),
        effective_from=since if every > 1 else draw(st.sampled_from([None, since])),
    )
    week = draw(st.integers(0, every - 1))
    return Shift(draw(st.sampled_from(LEVELS)), draw(keys), hours, every, week, draw(st.booleans()))


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([(zone, night) for zone, nights in NIGHTS.items() for night in nights]),
    st.lists(shifts(), max_size=8),
    st.frozensets(st.integers(-3, 3), max_size=3),
    st.lists(st.tuples(keys, st.integers(0, 1440), st.integers(1, 1440)), max_size=2),
    st.integers(0, 1440),
    st.integers(1, 900),
)
def test_somebody_is_always_on_call_and_it_is_whom_the_clock_says(
    place: tuple[str, date],
    some: list[Shift],
    free_days: frozenset[int],
    absences: list[tuple[str, int, int]],
    begins: int,
    lasts: int,
) -> None:
    zone, night = place
    holidays = frozenset(night + timedelta(days=n) for n in free_days)
    minutes = [at for at, _ in walls(zone, night)[1440:4320]]
    time_off = tuple(
        TimeOff(key, minutes[first], minutes[first] + length * MINUTE)
        for key, first, length in absences
    )
    rota = Rota(ZoneInfo(zone), PEOPLE, tuple(some), time_off=time_off, holidays=holidays)
    starts = minutes[begins]
    override = Override("primary", "eva", starts, starts + lasts * MINUTE)
    changed = replace(rota, overrides=(override,))
    expected = covered(some, holidays, zone, night)
    for at in minutes[::5]:
        away = {one.person_key for one in time_off if one.starts_at <= at < one.ends_at}
        now, then = who_is_on_call(rota, at), who_is_on_call(changed, at)
        assert set(now.ring_order()) == set(then.ring_order()) == set(PEOPLE)
        for level, people in now.duty:
            assert {person.key for person in people} == expected.get((level, at), set()) - away
        rested = [person.key for person in now.fallback]
        assert rested == sorted(rested, key=lambda key: key in away)
        if override.starts_at <= at < override.ends_at:
            assert on_duty(changed, at) == [key for key in ["eva"] if key not in away]
            assert then.duty[1] == now.duty[1]
        else:
            assert then == now
