"""A visit put into another column of the board: a room's or a provider's, by mouse and by keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import pytest
from playwright.sync_api import expect

from scheduling import directory
from tests.frontdesk.browser import Desk, scripts_have_begun
from tests.frontdesk.office import OURS, TODAY_AT_ELEVEN, ZONE, Office
from tests.frontdesk.reception import Reception, with_refills, words

TOMORROW = TODAY_AT_ELEVEN.replace(day=24)


@pytest.fixture
def reception(office: Office) -> Reception:
    """A clinic that fills pumps, and Rosa at its desk."""
    return Reception.open(office)


def ids(reception: Reception, table: str) -> dict[str, UUID]:
    """Key -> id of our clinic's providers or rooms."""
    rows = reception.office.rows(f"SELECT key, id FROM {table} WHERE clinic_id = 'demo'")  # noqa: S608  # the test's own words
    return {row["key"]: UUID(str(row["id"])) for row in rows}


def place(local: datetime, provider: UUID | str = "", room: UUID | str = "") -> str:
    """What a cell of the board says."""
    return f"{local.replace(tzinfo=ZONE).isoformat()}|{provider}|{room}"


def room_of(reception: Reception, visit_id: UUID) -> UUID:
    return UUID(str(reception.visit(visit_id)["room_id"]))


def test_a_confirmed_visit_goes_to_another_room_at_its_own_time_without_notice(
    reception: Reception,
) -> None:
    visit, rooms = reception.book(reception.patient(), TODAY_AT_ELEVEN), ids(reception, "room")
    page = f"/frontdesk/visits/{visit.id}"
    reception.done(f"{page}/confirm", {"version": 1})
    plain = with_refills(OURS, "+15125550100")
    a_day = [replace(one, notice_minutes=1440) for one in plain.visit_types]
    reception.office.database.write(
        lambda s: directory.load_clinic(s, replace(plain, visit_types=tuple(a_day)))
    )
    form = {"version": 2, "slot": place(TODAY_AT_ELEVEN, room=rooms["two"])}
    said = reception.done(f"{page}/move", form)
    assert "Status Confirmed" in said
    assert "Doctor Fura · Room 2" in said
    assert "Moved from Doctor Fura, Room 1 to Doctor Fura, Room 2" in said
    assert "Move back to Doctor Fura, Room 1" in said
    later = {"version": 3, "slot": place(TODAY_AT_ELEVEN.replace(hour=12), room=rooms["two"])}
    answer = reception.send(f"{page}/move", later)
    assert "sooner than this kind of visit may be booked" in words(answer.text)


def test_a_room_that_is_taken_or_not_fit_is_refused_and_the_visit_stands(
    reception: Reception,
) -> None:
    visit = reception.book(reception.patient(), TOMORROW)
    other = reception.book(reception.patient("Zoe Quill", born=date(1980, 7, 9)), TOMORROW)
    taken = room_of(reception, other.id)
    form = {"version": 1, "slot": place(TOMORROW, room=taken)}
    answer = reception.send(f"/frontdesk/visits/{visit.id}/move", form)
    assert answer.status_code == 409
    assert "This time has just been taken there: choose another place" in words(answer.text)
    nobody = {"version": 1, "slot": place(TOMORROW, room=UUID(int=7))}
    answer = reception.send(f"/frontdesk/visits/{visit.id}/move", nobody)
    assert "the provider or the room does not do it" in words(answer.text)
    assert reception.visit(visit.id)["version"] == 1


def test_a_visit_moved_in_a_rooms_column_keeps_its_provider(reception: Reception) -> None:
    visit, rooms = reception.book(reception.patient(), TOMORROW), ids(reception, "room")
    at_one = TOMORROW.replace(hour=13)
    form = {"version": 1, "slot": place(at_one, room=rooms["two"])}
    said = reception.done(f"/frontdesk/visits/{visit.id}/move", form)
    assert "1:00 PM to 1:30 PM" in said
    assert "Doctor Fura · Room 2" in said


def test_another_provider_at_the_same_time_takes_over_in_the_same_room(
    reception: Reception,
) -> None:
    visit, providers = reception.book(reception.patient(), TOMORROW), ids(reception, "provider")
    form = {"version": 1, "slot": place(TOMORROW, provider=providers["lane"])}
    said = reception.done(f"/frontdesk/visits/{visit.id}/move", form)
    assert "Doctor Lane · Room 1" in said
    back = {"version": 2, "slot": place(TOMORROW, providers["fura"], ids(reception, "room")["one"])}
    assert "Doctor Fura · Room 1" in reception.done(f"/frontdesk/visits/{visit.id}/move", back)


def test_the_day_is_shown_by_room_and_stays_so_from_day_to_day(reception: Reception) -> None:
    reception.book(reception.patient(), TODAY_AT_ELEVEN)
    there = reception.browser.get("/frontdesk/go?on=2026-11-23&view=rooms&provider=").location
    assert there == "/frontdesk/day?on=2026-11-23&by=room"
    page = reception.browser.get(there).text
    assert "Time Room 1 1 to come Room 2" in words(page)
    assert "Consultation · Doctor Fura" in words(page)
    assert "on=2026-11-24&amp;by=room" in page
    assert "/frontdesk/day/live?on=2026-11-23&amp;by=room" in page


def test_a_visit_goes_to_another_room_by_drag_and_on_by_keyboard(
    desk: Desk, sqlite_office: Office
) -> None:
    reception = Reception.open(sqlite_office)
    visit, rooms = reception.book(reception.patient(), TODAY_AT_ELEVEN), ids(reception, "room")
    desk.page.set_viewport_size({"width": 1440, "height": 1000})
    desk.sign_in()
    page, panel = desk.page, desk.page.locator("#panel")
    page.goto(f"{desk.address}/frontdesk/day?by=room")
    scripts_have_begun(page)
    block = page.locator(f"#visit-{visit.id}")
    two = f"2026-11-23T17:00:00+00:00||{rooms['two']}"
    block.drag_to(page.locator(f'td.free[data-slot="{two}"]'))
    expect(panel.get_by_role("status")).to_have_text("The visit is moved.")
    expect(page.locator('td[data-column="1"]', has=block)).to_be_visible()
    # M lifts it, arrows carry it, Escape would leave it, Enter puts it down.
    link = block.locator("a")
    link.press("m")
    carry = page.locator("#carry")
    expect(carry).to_contain_text("Moving Ana María Jiménez: 10:45 AM, Room 2.")
    page.keyboard.press("Escape")
    expect(carry).to_have_text("Left where it is.")
    link.press("m")
    page.keyboard.press("ArrowLeft")
    expect(carry).to_contain_text("10:45 AM, Room 1.")
    reception.patient("Zoe Quill", born=date(1980, 7, 9))
    page.keyboard.press("ArrowDown")
    expect(carry).to_contain_text("11:00 AM, Room 1.")
    page.keyboard.press("Enter")
    expect(panel).to_contain_text("Doctor Fura · Room 1")
    expect(page.locator('td[data-column="0"]', has=block)).to_be_visible()
    expect(carry).to_be_empty()
