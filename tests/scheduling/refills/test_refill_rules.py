"""When a refill is due, when it can be booked, and what the desk's list shows. Dates by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling import refill_rules
from scheduling.errors import InvalidDefinition, InvalidInput, Refusal
from scheduling.hours import local_day
from scheduling.refill_rules import LONGEST_REFILL_DAYS, RefillPolicy, Standing

CHICAGO = ZoneInfo("America/Chicago")
DUE = date(2027, 1, 13)
OPENS_DAYS = 21
"""The window opens on 23 December: 13 days back is 31 December, 8 more are the 23rd."""

days = st.dates(date(2020, 1, 1), date(2040, 12, 31))
counts = st.integers(0, LONGEST_REFILL_DAYS)


def refusal(day: date, *, today: date, by_staff: bool = False) -> Refusal | None:
    """Why a refill due on 13 January is refused on `day`; its drug takes 3 days."""
    return refill_rules.refusal_of_day(
        day, today=today, due=DUE, preparation_days=3, opens_days=OPENS_DAYS, by_staff=by_staff
    )


def shown(
    *, today: date, visit_on: date | None = None, snoozed_until: date | None = None
) -> Standing | None:
    """How the list shows a recall that is due on 13 January; None where it does not."""
    stands = refill_rules.standing_as_booked(DUE, today, OPENS_DAYS, visit_on)
    is_on_list = refill_rules.is_on_list(
        stands, today=today, visit_on=visit_on, snoozed_until=snoozed_until
    )
    return stands if is_on_list else None


def test_a_refill_is_due_the_margin_before_the_alarm() -> None:
    # Alarm 20 January, margin 7: 13 January.
    assert refill_rules.due_on(date(2027, 1, 20), None, 7) == date(2027, 1, 13)


def test_a_drug_that_is_stable_for_less_long_than_the_alarm_is_due_on_its_last_stable_day() -> None:
    # Alarm 20 January, margin 7: 13 January; the drug is good until 8 January.
    assert refill_rules.due_on(date(2027, 1, 20), date(2027, 1, 8), 7) == date(2027, 1, 8)


def test_stability_takes_no_margin_off() -> None:
    # Both limits are 20 January: the margin applies to the alarm alone, so 13 January.
    assert refill_rules.due_on(date(2027, 1, 20), date(2027, 1, 20), 7) == date(2027, 1, 13)


def test_a_drug_that_outlasts_the_alarm_does_not_move_the_due_date() -> None:
    assert refill_rules.due_on(date(2027, 1, 20), date(2027, 3, 1), 7) == date(2027, 1, 13)


def test_without_a_margin_a_refill_is_due_on_the_alarm_date() -> None:
    assert refill_rules.due_on(date(2027, 1, 20), None, 0) == date(2027, 1, 20)


@pytest.mark.parametrize(
    ("alarm_on", "due_on"),
    [
        # 6 days before 6 May is 30 April, one more is the 29th.
        (date(2027, 5, 6), date(2027, 4, 29)),
        # 5 days before 5 January is 31 December, two more are the 29th.
        (date(2027, 1, 5), date(2026, 12, 29)),
        # 2027 has no 29 February: 7 days before 7 March is the 28th.
        (date(2027, 3, 7), date(2027, 2, 28)),
        # 2028 has one: 7 days before 7 March is the 29th.
        (date(2028, 3, 7), date(2028, 2, 29)),
        # An alarm on the leap day itself: 29 - 7 = 22.
        (date(2028, 2, 29), date(2028, 2, 22)),
    ],
)
def test_the_margin_counts_days_across_the_ends_of_months_and_years(
    alarm_on: date, due_on: date
) -> None:
    assert refill_rules.due_on(alarm_on, None, 7) == due_on


def test_a_refill_due_today_is_not_overdue() -> None:
    assert refill_rules.standing(DUE, date(2027, 1, 13), OPENS_DAYS) is Standing.DUE_SOON


def test_a_refill_is_overdue_the_day_after_its_due_date() -> None:
    assert refill_rules.standing(DUE, date(2027, 1, 14), OPENS_DAYS) is Standing.OVERDUE


def test_a_refill_is_due_soon_from_the_day_its_window_opens() -> None:
    # 13 January less 21 days is 23 December.
    assert refill_rules.standing(DUE, date(2026, 12, 22), OPENS_DAYS) is Standing.AHEAD
    assert refill_rules.standing(DUE, date(2026, 12, 23), OPENS_DAYS) is Standing.DUE_SOON


@pytest.mark.parametrize(
    ("now", "standing"),
    [
        # Clocks back on 1 November 2026, so that day has 25 hours: it ends on the 2nd, 6:00 UTC.
        (datetime(2026, 11, 2, 5, 59, tzinfo=UTC), Standing.DUE_SOON),
        (datetime(2026, 11, 2, 6, 0, tzinfo=UTC), Standing.OVERDUE),
    ],
)
def test_a_refill_due_on_the_day_of_25_hours_is_overdue_when_that_day_is_over(
    now: datetime, standing: Standing
) -> None:
    today = local_day(now, CHICAGO)
    assert refill_rules.standing(date(2026, 11, 1), today, OPENS_DAYS) is standing


@pytest.mark.parametrize(
    ("now", "standing"),
    [
        # Clocks forward on 14 March 2027, so that day has 23 hours: it ends on the 15th, 5:00 UTC.
        (datetime(2027, 3, 15, 4, 59, tzinfo=UTC), Standing.DUE_SOON),
        (datetime(2027, 3, 15, 5, 0, tzinfo=UTC), Standing.OVERDUE),
    ],
)
def test_a_refill_due_on_the_day_of_23_hours_is_overdue_when_that_day_is_over(
    now: datetime, standing: Standing
) -> None:
    today = local_day(now, CHICAGO)
    assert refill_rules.standing(date(2027, 3, 14), today, OPENS_DAYS) is standing


def test_the_margin_counts_calendar_days_over_a_change_of_clocks() -> None:
    # Alarm 18 March 2027, margin 7: 11 March, though the 14th lacks an hour.
    assert refill_rules.due_on(date(2027, 3, 18), None, 7) == date(2027, 3, 11)


def test_a_window_opens_its_days_before_the_due_date_and_ends_on_it() -> None:
    # Today + 3 is 3 December; 13 January - 21 is 23 December: the later one.
    assert refill_rules.window(date(2026, 11, 30), DUE, 3, OPENS_DAYS) == (date(2026, 12, 23), DUE)


def test_a_window_does_not_open_before_the_drug_can_be_prepared() -> None:
    # Today + 3 is 2 January; 13 January - 21 is 23 December: the later one.
    assert refill_rules.window(date(2026, 12, 30), DUE, 3, OPENS_DAYS) == (date(2027, 1, 2), DUE)


def test_no_day_is_left_when_the_drug_would_be_ready_only_after_the_due_date() -> None:
    # Today + 3 is 15 January, two days after the 13th.
    first, last = refill_rules.window(date(2027, 1, 12), DUE, 3, OPENS_DAYS)
    assert (first, last) == (date(2027, 1, 15), date(2027, 1, 13))


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 12, 22), Refusal.REFILL_TOO_EARLY),
        (date(2026, 12, 23), None),
        (date(2027, 1, 13), None),
        (date(2027, 1, 14), Refusal.REFILL_TOO_LATE),
    ],
)
def test_a_patient_may_book_a_refill_from_the_first_day_of_its_window_to_the_due_date(
    day: date, reason: Refusal | None
) -> None:
    assert refusal(day, today=date(2026, 11, 30)) is reason


def test_a_patient_may_not_book_a_refill_before_its_drug_is_ready() -> None:
    # Today + 3 is 4 January.
    assert refusal(date(2027, 1, 3), today=date(2027, 1, 1)) is Refusal.REFILL_TOO_EARLY
    assert refusal(date(2027, 1, 4), today=date(2027, 1, 1)) is None


def test_a_patient_may_not_book_an_overdue_refill_for_it_is_urgent() -> None:
    assert refusal(date(2027, 1, 20), today=date(2027, 1, 14)) is Refusal.REFILL_OVERDUE


def test_a_refill_due_today_is_not_refused_as_overdue() -> None:
    # Without preparation it could be today; with 3 days it is too early, which is for staff too.
    assert refusal(date(2027, 1, 13), today=date(2027, 1, 13)) is Refusal.REFILL_TOO_EARLY


@pytest.mark.parametrize("day", [date(2026, 12, 1), date(2027, 1, 14), date(2027, 2, 1)])
def test_staff_may_book_a_refill_on_any_day(day: date) -> None:
    assert refusal(day, today=date(2026, 11, 30), by_staff=True) is None
    assert refusal(day, today=date(2027, 1, 14), by_staff=True) is None


def test_a_recall_is_listed_once_its_window_is_open() -> None:
    assert shown(today=date(2026, 12, 22)) is None
    assert shown(today=date(2026, 12, 23)) is Standing.DUE_SOON


def test_a_recall_that_is_booked_in_time_is_not_listed() -> None:
    assert shown(today=date(2027, 1, 5), visit_on=date(2027, 1, 12)) is None


def test_a_visit_on_the_due_date_is_in_time() -> None:
    assert shown(today=date(2027, 1, 5), visit_on=date(2027, 1, 13)) is None
    assert shown(today=date(2027, 1, 13), visit_on=date(2027, 1, 13)) is None


def test_a_visit_booked_for_after_the_due_date_is_overdue_long_before() -> None:
    assert shown(today=date(2026, 11, 30), visit_on=date(2027, 1, 14)) is Standing.OVERDUE


def test_a_visit_that_was_in_time_hides_nothing_once_the_due_date_has_passed() -> None:
    assert shown(today=date(2027, 1, 14), visit_on=date(2027, 1, 13)) is Standing.OVERDUE


def test_a_visit_that_nobody_closed_is_a_booking_no_more_the_day_after() -> None:
    assert shown(today=date(2027, 1, 5), visit_on=date(2027, 1, 4)) is Standing.DUE_SOON


def test_a_snoozed_recall_comes_back_on_its_day() -> None:
    assert shown(today=date(2027, 1, 7), snoozed_until=date(2027, 1, 8)) is None
    assert shown(today=date(2027, 1, 8), snoozed_until=date(2027, 1, 8)) is Standing.DUE_SOON


def test_a_snooze_hides_no_visit_that_comes_too_late() -> None:
    assert (
        shown(today=date(2027, 1, 5), visit_on=date(2027, 1, 20), snoozed_until=date(2027, 1, 8))
        is Standing.OVERDUE
    )


def test_the_alarm_date_comes_after_the_refill_and_within_400_days() -> None:
    filled_on = date(2026, 12, 1)
    # 400 days after 1 December 2026: 365 are 1 December 2027, 30 more the 31st, 5 more 5 January.
    for alarm_on in (date(2026, 12, 2), date(2028, 1, 5)):
        refill_rules.check_alarm_date(alarm_on, filled_on=filled_on, today=filled_on)
    for alarm_on in (date(2026, 12, 1), date(2026, 11, 30), date(2028, 1, 6)):
        with pytest.raises(InvalidInput):
            refill_rules.check_alarm_date(alarm_on, filled_on=filled_on, today=filled_on)


def test_where_nobody_knows_the_last_refill_the_alarm_may_have_sounded_already() -> None:
    today = date(2026, 12, 1)
    # 400 days before 1 December 2026: 365 are 1 December 2025, 30 more 1 November, 5 more the
    # 27th of October.
    for alarm_on in (date(2025, 10, 28), date(2026, 11, 20), date(2028, 1, 5)):
        refill_rules.check_alarm_date(alarm_on, filled_on=None, today=today)
    for alarm_on in (date(2025, 10, 27), date(2028, 1, 6)):
        with pytest.raises(InvalidInput):
            refill_rules.check_alarm_date(alarm_on, filled_on=None, today=today)


def test_the_last_refill_lies_in_the_last_400_days() -> None:
    today = date(2026, 12, 1)
    for filled_on in (today, date(2025, 10, 27)):
        refill_rules.check_filled_on(filled_on, today=today)
    for filled_on in (date(2026, 12, 2), date(2025, 10, 26)):
        with pytest.raises(InvalidInput):
            refill_rules.check_filled_on(filled_on, today=today)


def test_a_drug_is_stable_at_least_on_the_day_it_goes_in() -> None:
    filled_on = date(2026, 12, 1)
    for stable_until in (filled_on, date(2027, 6, 1), None):
        refill_rules.check_stability(stable_until, filled_on=filled_on, today=filled_on)
    with pytest.raises(InvalidInput):
        refill_rules.check_stability(date(2026, 11, 30), filled_on=filled_on, today=filled_on)


def test_where_nobody_knows_the_last_refill_the_drug_may_be_stable_no_more() -> None:
    today = date(2026, 12, 1)
    # 400 days before today is 27 October 2025, as above.
    refill_rules.check_stability(date(2025, 10, 27), filled_on=None, today=today)
    with pytest.raises(InvalidInput):
        refill_rules.check_stability(date(2025, 10, 26), filled_on=None, today=today)


@pytest.mark.parametrize("name", ["margin_days", "preparation_days", "opens_days"])
@pytest.mark.parametrize("value", [-1, LONGEST_REFILL_DAYS + 1])
def test_a_policy_of_impossible_days_is_refused(name: str, value: int) -> None:
    given = {"margin_days": 7, "preparation_days": 3, "opens_days": 21, name: value}
    with pytest.raises(InvalidDefinition):
        RefillPolicy(**given)


def test_a_window_is_at_least_as_long_as_the_drug_takes_to_prepare() -> None:
    RefillPolicy(margin_days=7, preparation_days=3, opens_days=3)
    with pytest.raises(InvalidDefinition):
        RefillPolicy(margin_days=7, preparation_days=4, opens_days=3)


@given(alarm_on=days, stable_until=st.none() | days, margin=counts)
def test_due_is_never_after_the_margin_nor_after_stability(
    alarm_on: date, stable_until: date | None, margin: int
) -> None:
    due = refill_rules.due_on(alarm_on, stable_until, margin)
    limits = {alarm_on - timedelta(days=margin), stable_until or date.max}
    assert due in limits
    assert all(due <= limit for limit in limits)


@given(today=days, offset=st.integers(-60, 60), due=days, preparation=counts, opens=counts)
def test_a_patient_gets_a_day_exactly_where_the_window_has_it(
    today: date, offset: int, due: date, preparation: int, opens: int
) -> None:
    day = due + timedelta(days=offset)
    refused = refill_rules.refusal_of_day(
        day, today=today, due=due, preparation_days=preparation, opens_days=opens, by_staff=False
    )
    allowed = (
        today <= due
        and day <= due
        and (day - today).days >= preparation
        and (due - day).days <= opens
    )
    assert (refused is None) == allowed


@given(
    due=days,
    ahead=st.integers(-500, 500),
    opens=counts,
    visit_after=st.none() | st.integers(-60, 60),
    snooze=st.none() | st.integers(-400, 0),
)
def test_nothing_overdue_is_ever_hidden_and_nothing_ahead_is_ever_shown(
    due: date, ahead: int, opens: int, visit_after: int | None, snooze: int | None
) -> None:
    today = due - timedelta(days=ahead)
    visit_on = None if visit_after is None else due + timedelta(days=visit_after)
    stands = refill_rules.standing_as_booked(due, today, opens, visit_on)
    is_on_list = refill_rules.is_on_list(
        stands,
        today=today,
        visit_on=visit_on,
        snoozed_until=None if snooze is None else due + timedelta(days=snooze),
    )
    comes_too_late = visit_after is not None and visit_after > 0
    if ahead < 0 or comes_too_late:
        assert is_on_list
        assert stands is Standing.OVERDUE
    elif ahead > opens:
        assert not is_on_list
