"""The day by provider and the week of one: what stands where, live, and for whom."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from ivr.frontdesk import board_view, grid
from ivr.frontdesk.grid import By
from scheduling.agenda import AgendaVisit
from tests.frontdesk.office import OTHERS, TODAY_AT_ELEVEN, ZONE, Office, version_of
from tests.frontdesk.reception import Reception, words

FURA, LANE = uuid4(), uuid4()
ROOM, OTHER_ROOM = uuid4(), uuid4()
MONDAY = date(2026, 11, 23)
NAMES = {FURA: "Doctor Fura", LANE: "Doctor Lane"}
NINE_TO_FIVE = {
    one: [
        (
            datetime(2026, 11, 23, 9, tzinfo=ZONE),
            datetime(2026, 11, 23, 17, tzinfo=ZONE),
        )
    ]
    for one in NAMES
}
AT_TEN = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)


@pytest.fixture
def reception(office: Office) -> Reception:
    """Signed in, on SQLite and on PostgreSQL."""
    return Reception.open(office)


@pytest.fixture
def quick(sqlite_office: Office) -> Reception:
    """The same on SQLite alone, where the database makes no difference."""
    return Reception.open(sqlite_office)


def _visit(
    starts: tuple[int, int],
    minutes: int = 30,
    *,
    provider: UUID = FURA,
    status: str = "booked",
    on: date = MONDAY,
    name: str = "Ana",
    room: bool = True,
) -> AgendaVisit:
    start = datetime(on.year, on.month, on.day, *starts, tzinfo=ZONE)
    return AgendaVisit(
        id=uuid4(),
        patient_id=uuid4(),
        patient_name=name,
        date_of_birth=date(1961, 3, 4),
        phone=None,
        visit_type_key="consultation",
        pump_id=None,
        provider_id=provider,
        provider_name=NAMES.get(provider, "Doctor Gone"),
        room_id=ROOM if room else None,
        room_name="Room 1" if room else None,
        starts_at=start,
        ends_at=start + timedelta(minutes=minutes),
        status=status,
        version=1,
        booked_channel="phone",
        created_at=AT_TEN,
    )


def _day(*visits: AgendaVisit, on: date = MONDAY) -> grid.Grid:
    return grid.build(visits, [on], NAMES, NINE_TO_FIVE, zone=ZONE, now=AT_TEN, by=By.PROVIDER)


def _cells(table: grid.Grid, column: int) -> list[tuple[str, grid.Cell]]:
    return [(row.label, cell) for row in table.rows if (cell := row.cells[column]) is not None]


def test_a_visit_covers_the_quarters_that_it_lasts() -> None:
    ((label, cell),) = [one for one in _cells(_day(_visit((11, 15), 45)), 0) if one[1].visits]
    assert (label, cell.rows) == ("11:15 AM", 3)
    assert cell.visits[0].times == "11:15 AM – 12:00 PM"


@pytest.mark.parametrize("minutes", [1, 10, 15, 16, 45, 600])
def test_every_column_fills_every_row_exactly_once(minutes: int) -> None:
    table = _day(
        _visit((9, 0), minutes), _visit((9, 5), 20, provider=LANE), _visit((9, 10), provider=LANE)
    )
    for column in range(2):
        assert sum(cell.rows for _, cell in _cells(table, column)) == len(table.rows)
    assert sum(len(cell.visits) for _, cell in _cells(table, 0)) == 1
    assert sum(len(cell.visits) for _, cell in _cells(table, 1)) == 2


def test_visits_of_an_old_book_that_share_a_quarter_stand_together() -> None:
    table = _day(_visit((9, 0), 20, name="Ana"), _visit((9, 20), 20, name="Bob"))
    ((_, cell),) = [one for one in _cells(table, 0) if one[1].visits]
    assert [visit.name for visit in cell.visits] == ["Ana", "Bob"]
    assert cell.rows == 3


def test_a_time_that_was_given_back_is_free_again_and_who_had_it_is_named() -> None:
    table = _day(_visit((11, 0), status="cancelled"), _visit((12, 0), status="no_show"))
    assert [visit.status_words for visit in table.columns[0].given_up] == [
        "Cancelled",
        "Did not come",
    ]
    free = dict(_cells(table, 0))["11:00 AM"]
    assert free.slot == f"2026-11-23T17:00:00+00:00|{FURA}"


def test_a_visit_is_dropped_neither_on_a_closed_time_nor_into_the_past() -> None:
    cells = dict(_cells(_day(), 0))
    assert (cells["8:45 AM"].slot, cells["8:45 AM"].is_open) == (None, False)
    assert (cells["9:30 AM"].slot, cells["9:30 AM"].is_open) == (None, True)
    assert cells["10:15 AM"].slot is not None
    assert cells["4:45 PM"].slot is not None


def test_by_room_a_column_is_a_room_and_says_with_whom() -> None:
    table = grid.build(
        [_visit((11, 0)), _visit((12, 0), room=False)],
        [MONDAY],
        {ROOM: "Room 1", OTHER_ROOM: "Room 2"},
        {ROOM: NINE_TO_FIVE[FURA], OTHER_ROOM: NINE_TO_FIVE[FURA]},
        zone=ZONE,
        now=AT_TEN,
        by=By.ROOM,
    )
    titles = [column.title for column in table.columns]
    assert titles == ["Room 1", "Room 2", "Without a room"]
    taken, free, nowhere = (dict(_cells(table, column)) for column in range(3))
    assert taken["11:00 AM"].visits[0].detail == "Consultation · Doctor Fura"
    assert free["11:00 AM"].slot == f"2026-11-23T17:00:00+00:00||{OTHER_ROOM}"
    assert free["11:00 AM"].column == 1
    assert nowhere["11:00 AM"].slot is None
    assert len(nowhere["12:00 PM"].visits) == 1


def test_somebody_who_has_left_still_has_a_column_for_their_visits() -> None:
    table = _day(_visit((9, 0), provider=uuid4()))
    titles = [column.title for column in table.columns]
    assert titles == ["Doctor Fura", "Doctor Lane", "Doctor Gone"]
    assert table.columns[2].summary == "1 to come"


def test_early_and_late_visits_make_the_table_longer() -> None:
    table = _day(_visit((6, 30)), _visit((20, 0), 45, provider=LANE))
    assert (table.rows[0].label, table.rows[-1].label) == ("6:00 AM", "8:45 PM")


def test_a_visit_over_midnight_ends_with_its_day() -> None:
    table = _day(_visit((23, 30), 90))
    assert table.rows[-1].label == "11:45 PM"
    assert sum(cell.rows for _, cell in _cells(table, 0)) == len(table.rows)


@pytest.mark.parametrize("on", [date(2026, 3, 8), date(2026, 11, 1)])
def test_days_on_which_the_clocks_change_keep_their_walls_times(on: date) -> None:
    visit = _visit((9, 0), on=on)
    table = _day(visit, on=on)
    ((label, _),) = [one for one in _cells(table, 0) if one[1].visits]
    assert label == "9:00 AM"
    starts = [row.starts for row in table.rows]
    assert starts == sorted(starts)


def test_status_is_said_in_words_and_only_what_is_ahead_can_be_moved() -> None:
    statuses = ("booked", "confirmed", "checked_in", "completed")
    table = _day(*(_visit((9 + n, 0), status=one) for n, one in enumerate(statuses)))
    blocks = [visit for _, cell in _cells(table, 0) for visit in cell.visits]
    assert [(one.status_words, one.movable) for one in blocks] == [
        ("Booked", True),
        ("Confirmed", True),
        ("Checked in", False),
        ("Completed", False),
    ]


def test_the_day_has_a_column_for_each_provider(reception: Reception) -> None:
    reception.book(reception.patient(), TODAY_AT_ELEVEN)
    other = reception.patient("Zoe Quill", born=date(1980, 7, 9))
    reception.book(other, TODAY_AT_ELEVEN)
    page = reception.read("/frontdesk/day")
    assert "Monday, November 23 Previous Today Next" in page
    assert "Time Doctor Fura 1 to come Doctor Lane 1 to come" in page
    assert "Ana María Jiménez 11:00 AM – 11:30 AM Consultation · Room 1 Booked" in page
    assert "Zoe Quill 11:00 AM – 11:30 AM Consultation · Room 2 Booked" in page


def test_one_goes_from_day_to_day_and_to_any_date(reception: Reception) -> None:
    reception.book(reception.patient(), TODAY_AT_ELEVEN.replace(day=25))
    page = reception.browser.get("/frontdesk/day?on=2026-11-24").text
    assert "on=2026-11-23" in page
    assert "on=2026-11-25" in page
    assert "Ana" not in page
    there = reception.browser.get("/frontdesk/go?on=2026-11-25&view=day&provider=").location
    assert there == "/frontdesk/day?on=2026-11-25"
    assert "Ana María Jiménez" in reception.read(there)
    assert reception.browser.get("/frontdesk/day?on=soon").status_code == 404


def test_the_board_can_be_narrowed_to_one_provider(reception: Reception) -> None:
    visit = reception.book(reception.patient(), TODAY_AT_ELEVEN)
    other = reception.book(reception.patient("Zoe Quill", born=date(1980, 7, 9)), TODAY_AT_ELEVEN)
    page = reception.read(f"/frontdesk/day?provider={other.provider_id}")
    assert visit.provider_id != other.provider_id
    assert "Zoe Quill" in page
    assert "Ana" not in page


def test_the_week_shows_one_provider_from_monday_to_sunday(reception: Reception) -> None:
    visit = reception.book(reception.patient(), TODAY_AT_ELEVEN.replace(day=27))
    page = reception.read(f"/frontdesk/week?on=2026-11-25&provider={visit.provider_id}")
    assert "Mon, Nov 23 to Sun, Nov 29 Previous This week Next" in page
    assert "Time Mon, Nov 23 Today Tue, Nov 24 Tomorrow Wed, Nov 25 Thu, Nov 26" in page
    assert "Fri, Nov 27 1 to come" in page
    assert "Ana María Jiménez" in page
    next_week = reception.read(f"/frontdesk/week?on=2026-11-30&provider={visit.provider_id}")
    assert "Ana" not in next_week


def test_what_is_urgent_stays_pinned_above_every_view(reception: Reception) -> None:
    reception.office.open_ticket()
    for path in ("/frontdesk/day?on=2026-12-24", "/frontdesk/week"):
        page = reception.read(path)
        assert "Urgent calls 1" in page
        assert "Nobody has it yet" in page


@pytest.mark.parametrize("view", ["day", "week"])
def test_the_open_page_is_told_of_changes_and_of_nothing_else(
    reception: Reception, view: str
) -> None:
    seen = version_of(reception.browser.get(f"/frontdesk/{view}").text)
    quiet = reception.browser.get(f"/frontdesk/{view}/live?seen={seen}")
    assert (quiet.status_code, quiet.data) == (204, b"")
    reception.book(reception.patient(), TODAY_AT_ELEVEN)
    news = reception.browser.get(f"/frontdesk/{view}/live?seen={seen}")
    assert "Ana María Jiménez" in words(news.text)
    assert "<html" not in news.text


def test_polling_alone_keeps_nobody_signed_in(quick: Reception) -> None:
    quick.office.clock.advance(minutes=14)
    quick.browser.get("/frontdesk/day/live")
    quick.office.clock.advance(minutes=2)
    assert quick.browser.get("/frontdesk/day").status_code == 303


@pytest.mark.parametrize("path", ["/frontdesk/day", "/frontdesk/week", "/frontdesk/day/live"])
def test_another_clinics_visits_are_on_no_view(quick: Reception, path: str) -> None:
    other = quick.patient("Vera Foreign", clinic_id=OTHERS)
    visit = quick.book(other, TODAY_AT_ELEVEN, clinic_id=OTHERS)
    for query in ("", f"?provider={visit.provider_id}"):
        assert "Vera" not in quick.browser.get(path + query).text


def test_pages_have_no_inline_script_or_style(quick: Reception) -> None:
    patient = quick.patient()
    quick.pump(patient)
    visit = quick.book(patient, TODAY_AT_ELEVEN, kind="refill")
    for path in (
        "day",
        "week",
        "patients",
        "patients/new",
        f"patients/{patient}",
        f"patients/{patient}/book",
        f"visits/{visit.id}",
        f"visits/{visit.id}/move",
    ):
        page = quick.browser.get(f"/frontdesk/{path}").text
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]* src=)", page), path
        assert not re.search(r"(src|href|action)=\"(https?:)?//", page), path


def test_a_very_full_book_shows_fewer_days_on_the_first_page_but_whole_ones() -> None:
    many = [_visit((9, 0), on=MONDAY + timedelta(days=1 + n // 300)) for n in range(401)]
    shown, until = board_view.whole_days(many, AT_TEN, ZONE)
    assert (len(shown), until) == (300, MONDAY + timedelta(days=1))
    shown, until = board_view.whole_days(many[:400], AT_TEN, ZONE)
    assert (len(shown), until) == (400, MONDAY + timedelta(days=14))
