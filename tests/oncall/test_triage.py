"""TRIAGE, as tables: what a ticket becomes, and by when the desk calls back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.call.flow import FLOW
from ivr.call.nodes import Menu
from ivr.oncall.triage import TIERS, Tier, callback_by, raised

CATEGORIES = st.sampled_from(sorted(TIERS))


def at(hour: int, minute: int = 0, *, day: int = 1) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("known", "named", "becomes"),
    [
        ("unknown", "alarm", "alarm"),
        ("unknown", "question", "question"),
        ("question", "symptom", "symptom"),
        ("alarm", "danger", "danger"),
        ("alarm", "symptom", "symptom"),
        ("alarm", "question", "alarm"),
        ("danger", "alarm", "danger"),
        ("danger", "unknown", "danger"),
        ("question", "unknown", "question"),
    ],
)
def test_what_a_ticket_is_about_is_only_ever_raised(known: str, named: str, becomes: str) -> None:
    assert raised(known, named) == becomes


@given(st.lists(CATEGORIES, min_size=1))
def test_nothing_a_caller_says_later_lowers_the_tier(said: list[str]) -> None:
    category, tier = "unknown", Tier.SAME_DAY
    for named in said:
        category = raised(category, named)
        if category != "unknown":
            assert TIERS[category] >= tier
            tier = TIERS[category]
    tiers = [TIERS[one] for one in said if one != "unknown"]
    assert TIERS[category] >= max(tiers, default=Tier.ON_CALL)


def test_the_menu_names_every_category_that_callers_name_themselves() -> None:
    menu = FLOW["urgent_about"]
    assert isinstance(menu, Menu)
    named = {choice.facts["category"] for choice in menu.choices}
    assert named == set(TIERS) - {"unknown", "clinician"}
    assert [*FLOW.categories] == ["danger", "alarm", "symptom", "clinician"]


DAY = (at(14), at(23))
TOMORROW = (at(14, day=2), at(23, day=2))


@pytest.mark.parametrize(
    ("now", "by"),
    [
        (at(15), at(17)),
        (at(15, 1), at(17, 15)),
        (at(9), at(16)),
        (at(22), at(23)),
        (at(22, 30), at(23)),
        (at(22, 31), at(16, day=2)),
        (at(23, 30), at(16, day=2)),
    ],
)
def test_the_desk_has_two_of_its_hours_to_call_back(now: datetime, by: datetime) -> None:
    assert callback_by(now, [DAY, TOMORROW]) == by


def test_where_the_desk_is_away_for_days_nothing_is_left_to_it() -> None:
    assert callback_by(at(9), []) is None
    assert callback_by(at(9), [(at(14), at(14) + timedelta(minutes=29))]) is None
