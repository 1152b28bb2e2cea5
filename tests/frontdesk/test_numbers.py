"""The manager's numbers: counted by the database, put together by rule, shown as pictures too."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from ivr.call.call_log import Ending
from ivr.call.flow import FLOW
from ivr.frontdesk import bars, figure_rules
from ivr.frontdesk.bars import Bar
from ivr.oncall import board, journal
from ivr.oncall.escalation import EventKind
from tests.frontdesk.lists import TODAY, on, text_of
from tests.frontdesk.office import OTHERS, OURS, Office
from tests.frontdesk.test_call_log import call

CHICAGO = ZoneInfo("America/Chicago")


def read(office: Office, query: str = "") -> str:
    """What a person reads of the page."""
    return text_of(office.signed_in().get(f"/frontdesk/numbers{query}").text)


def event(office: Office, number: int, kind: EventKind, after: timedelta) -> None:
    """Something happens to an urgent call so long from now."""

    def work(session: Session) -> None:
        ticket = board.ticket_of_number(session, OURS, number)
        assert ticket is not None
        journal.record(session, OURS, ticket.id, kind, office.clock() + after)

    office.database.write(work)


def test_calls_are_counted_by_hour_end_and_place_where_callers_give_up(office: Office) -> None:
    for number, nodes in enumerate([("main",), ("main", "appointments"), ("main",), ()]):
        call(office, *nodes, sid=f"CA-{number}")
    office.clock.advance(hours=3)
    call(office, "main", "callback_promised", sid="CA-late")
    call(office, "main", sid="CA-other", clinic_id=OTHERS)
    page = read(office)
    assert "Calls 5 Answered by the line, of 5 that are over 4 (80 %)" in page
    assert "Given up on the way, of 4 answered 3 (75 %)" in page
    assert "Hour from Calls 10 AM 4 1 PM 1" in page
    assert "The line had asked Calls Main 2 Appointments 1" in page
    assert "Came to a goodbye 1 20 %" in page


def test_a_call_that_is_not_over_yet_is_counted_as_such(office: Office) -> None:
    call(office, "main", sid="CA-over")
    call(office, "main", sid="CA-now", seconds=None)
    page = read(office)
    assert "Calls 2 Not over yet 1 Answered by the line, of 1 that is over 1 (100 %)" in page


def test_calls_outside_of_the_chosen_days_do_not_count(office: Office) -> None:
    call(office, "main")
    office.clock.advance(days=10)
    assert "Calls 1 Answered" in read(office)
    assert "Calls 0 Answered" in read(office, "?days=7")


def test_time_until_acceptance_is_told_by_its_middle_and_its_worst(office: Office) -> None:
    for seconds in (20, 40, 600):
        number = office.open_ticket(f"CA-{seconds}")
        event(office, number, EventKind.ACCEPTED, timedelta(seconds=seconds))
        # It was put back and accepted again: the first time counts.
        event(office, number, EventKind.ACCEPTED, timedelta(hours=1))
    event(office, office.open_ticket("CA-gone"), EventKind.CALLER_LEFT, timedelta(seconds=5))
    page = read(office)
    assert "Urgent calls 4 Accepted 3 (75 %) Caller gone before anybody accepted 1" in page
    assert "half of them within 40 s" in page
    assert "the longest 10 min 00 s" in page


def test_missed_visits_are_counted_by_month(office: Office) -> None:
    for hour, status in ((11, "completed"), (12, "no_show"), (13, "completed"), (14, "booked")):
        visit = office.book(f"P{hour}", on(TODAY, hour), born=date(1950, 1, hour))
        with office.database.engine.begin() as connection:
            connection.exec_driver_sql(
                f"UPDATE visit SET status = '{status}' "  # noqa: S608  # the test's own words
                f"WHERE CAST(id AS VARCHAR) IN ('{visit.id}', '{visit.id.hex}')"
            )
    assert "Month Kept Did not come Share November 2026 2 1 33 %" in read(office)
    office.clock.advance(days=30)
    assert "November 2026 2 1 33 %" in read(office)


def test_every_number_has_its_picture_and_the_picture_says_what_it_shows(office: Office) -> None:
    call(office, "main")
    page = office.signed_in().get("/frontdesk/numbers").text
    assert 'aria-label="Calls by hour of the day: most calls begin in the hour from 10 AM"' in page
    assert 'aria-label="Where callers give up: most at Main"' in page
    assert page.count("<svg") == page.count("<table") == 3


def test_without_anything_to_count_the_page_says_so(office: Office) -> None:
    page = read(office)
    assert page.count("Nothing to show yet.") == 4
    assert "half of them within –" in page


def test_hours_are_those_of_the_clinics_clock_on_both_sides_of_a_clock_change() -> None:
    began = [datetime(2026, 10, 31, 15, tzinfo=UTC), datetime(2026, 11, 2, 15, tzinfo=UTC)]
    counts = figure_rules.by_hour(began, CHICAGO)
    assert (counts[10], counts[9]) == (1, 1)
    assert sum(counts) == 2


def test_the_middle_of_an_even_number_lies_between_its_two_middles() -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    waits = [(at, at + timedelta(seconds=one)) for one in (60, 10, 30, 20)]
    found = figure_rules.acceptance([*waits, (at, None)], left=0)
    assert found.middle == timedelta(seconds=25)
    assert found.worst == timedelta(seconds=60)
    assert (found.opened, found.accepted) == (5, 4)


def test_endings_are_summed_over_the_nodes() -> None:
    counted = figure_rules.by_ending([("main", 2), ("appointments", 1), (None, 4)], FLOW)
    assert counted[Ending.ON_THE_WAY] == 3
    assert counted[Ending.UNANSWERED] == 4
    assert counted[Ending.FINISHED] == 0


def test_the_last_twelve_months_end_with_this_one() -> None:
    months = figure_rules.months_until(date(2026, 3, 31), 12)
    assert months[0] == date(2025, 4, 1)
    assert months[-2:] == [date(2026, 3, 1), date(2026, 4, 1)]


@pytest.mark.parametrize(
    ("seconds", "words"), [(5, "5 s"), (125, "2 min 05 s"), (4200, "1 h 10 min")]
)
def test_lengths_are_said_short(seconds: int, words: str) -> None:
    assert figure_rules.length(timedelta(seconds=seconds)) == words


def test_bars_are_as_long_as_their_values_and_stay_in_the_picture() -> None:
    chart = bars.columns([Bar("a", 10), Bar("b", 5), Bar("c", 0)], title="x")
    tall, half, none, _line = chart.boxes
    assert tall.height == 2 * half.height
    assert none.height == 0
    assert all(0 <= box.x <= box.x + box.width <= chart.width for box in chart.boxes)
    assert all(0 <= box.y <= box.y + box.height <= chart.height for box in chart.boxes)
    named = bars.columns([Bar("12 AM", 1), *[Bar("", 1)] * 23], title="x")
    assert [(one.x, one.anchor) for one in named.words if one.text == "12 AM"] == [(0, "start")]
    lying = bars.rows([Bar("a", 3), Bar("b", 0)], title="x")
    assert lying.boxes[0].width > lying.boxes[1].width == 0
    assert all(box.x + box.width < chart.width for box in lying.boxes)
    assert bars.columns([], title="x").words == ()
