"""A receptionist's tasks in a real Chromium, by mouse and by keyboard, while news arrive."""

from __future__ import annotations

import re
from datetime import date
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.frontdesk.browser import Desk, scripts_have_begun
from tests.frontdesk.office import TODAY_AT_ELEVEN, Office
from tests.frontdesk.reception import Reception

LIVE_WITHIN_MS = 2000
TOMORROW = TODAY_AT_ELEVEN.replace(day=24)


@pytest.fixture
def reception(sqlite_office: Office) -> Reception:
    """What is done meanwhile at another desk."""
    return Reception.open(sqlite_office)


@pytest.fixture
def page(desk: Desk, reception: Reception) -> Page:
    """Signed in, in front of the board."""
    assert reception.office is desk.office
    desk.page.set_viewport_size({"width": 1440, "height": 1000})
    desk.sign_in()
    return desk.page


def _panel(page: Page) -> Locator:
    return page.locator("#panel")


def _tab_to(page: Page, wanted: Locator) -> None:
    for _ in range(40):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reached {wanted}")


def _open_day(page: Page) -> None:
    page.get_by_role("link", name="Day", exact=True).click()
    expect(page.get_by_role("heading", name="Monday, November 23")).to_be_visible()
    scripts_have_begun(page)


def _cell(page: Page, local: str, provider_id: UUID) -> Locator:
    return page.locator(f'td.free[data-slot="{local}|{provider_id}"]')


def test_a_patient_is_found_and_a_visit_booked_by_keyboard_alone(
    page: Page, reception: Reception
) -> None:
    reception.patient()
    reception.patient("Ana Jimeno", born=date(1980, 7, 9), phone="+15125550177")
    page.keyboard.press("/")
    page.keyboard.type("ana gimenes")
    expect(page.locator("#found a.hit")).to_have_count(3)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana María Jiménez")
    _tab_to(page, page.get_by_role("button", name="Book a visit"))
    page.keyboard.press("Enter")
    _tab_to(page, page.get_by_role("button", name="Book Mon, Nov 23, 10:00 AM"))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="The visit is booked.")).to_be_visible()
    expect(page.locator("dl")).to_contain_text("10:30 AM to 11:00 AM")


def test_escape_leads_back_from_what_was_found(page: Page, reception: Reception) -> None:
    reception.patient()
    page.keyboard.press("/")
    page.keyboard.type("jim")
    page.locator("#found a.hit").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.locator("#found")).to_be_empty()
    expect(page.locator("#find-text")).to_be_focused()
    expect(page.locator("#find-text")).to_have_value("jim")


def test_a_visit_is_moved_with_the_mouse_to_another_time_and_provider(
    page: Page, reception: Reception
) -> None:
    visit = reception.book(reception.patient(), TODAY_AT_ELEVEN)
    others = {UUID(str(row["id"])) for row in reception.office.rows("SELECT id FROM provider")} - {
        visit.provider_id
    }
    _open_day(page)
    block = page.locator(f"#visit-{visit.id}")
    cell = page.locator("td.free[data-slot^='2026-11-23T20:15:00']").nth(1)
    wanted = str(cell.get_attribute("data-slot"))
    assert UUID(wanted.split("|")[1]) in others
    block.drag_to(cell)
    panel = _panel(page)
    expect(panel.get_by_role("status")).to_have_text("The visit is moved.")
    expect(panel).to_contain_text("2:15 PM to 2:45 PM")
    expect(block).to_contain_text("2:15 PM – 2:45 PM", timeout=LIVE_WITHIN_MS)
    panel.get_by_role("button", name="Move back to Mon, Nov 23, 11:00 AM").click()
    expect(block).to_contain_text("11:00 AM – 11:30 AM", timeout=LIVE_WITHIN_MS)


def test_a_refused_drag_says_why_and_offers_the_next_free_times(
    page: Page, reception: Reception
) -> None:
    visit = reception.book(reception.patient(), TODAY_AT_ELEVEN)
    _open_day(page)
    slot = f"2026-11-23T20:15:00+00:00|{visit.provider_id}"
    cell = page.locator(f'td.free[data-slot="{slot}"]')
    expect(cell).to_have_count(1)
    # Between the look and the drop a colleague takes the time; the board has not heard of it yet.
    page.route("**/frontdesk/day/live*", lambda route: route.fulfill(status=204))
    other = reception.patient("Zoe Quill", born=date(1980, 7, 9))
    form = {"type": "consultation", "slot": slot, "from": "2026-11-23"}
    reception.done(f"/frontdesk/patients/{other}/book", form)
    page.locator(f"#visit-{visit.id}").drag_to(cell)
    panel = _panel(page)
    expect(panel.get_by_role("alert")).to_contain_text("This time has just been taken.")
    panel.get_by_role("button", name="Move to Mon, Nov 23, 2:45 PM").click()
    expect(panel.get_by_role("status")).to_have_text("The visit is moved.")
    page.unroute("**/frontdesk/day/live*")
    expect(page.locator(f"#visit-{visit.id}")).to_contain_text("2:45 PM – 3:15 PM")


def test_a_visit_is_dragged_to_another_day_in_the_week(page: Page, reception: Reception) -> None:
    visit = reception.book(reception.patient(), TODAY_AT_ELEVEN)
    page.goto(f"{page.url}/week?provider={visit.provider_id}")
    block = page.locator(f"#visit-{visit.id}")
    block.drag_to(_cell(page, "2026-11-26T17:00:00+00:00", visit.provider_id))
    expect(_panel(page)).to_contain_text("Thursday, November 26, 11:00 AM to 11:30 AM")


def test_the_same_move_takes_a_few_keys(page: Page, reception: Reception) -> None:
    visit = reception.book(reception.patient(), TODAY_AT_ELEVEN)
    _open_day(page)
    page.locator(f"#visit-{visit.id} a").focus()
    page.keyboard.press("Enter")
    panel = _panel(page)
    expect(panel.get_by_role("heading", name="Ana María Jiménez")).to_be_focused()
    _tab_to(page, panel.get_by_role("button", name="Move"))
    page.keyboard.press("Enter")
    expect(panel.get_by_role("heading", name="Move Ana María Jiménez")).to_be_focused()
    _tab_to(page, panel.get_by_role("button", name="Move to Mon, Nov 23, 10:00 AM"))
    page.keyboard.press("Enter")
    expect(panel.get_by_role("status")).to_have_text("The visit is moved.")
    expect(page.locator(f"#visit-{visit.id}")).to_contain_text("10:00 AM", timeout=LIVE_WITHIN_MS)
    page.keyboard.press("Escape")
    expect(panel).to_be_empty()
    expect(page.locator(f"#visit-{visit.id} a")).to_be_focused()


def test_a_visit_is_checked_in_and_undone_and_cancelled_in_the_panel(
    page: Page, reception: Reception
) -> None:
    visit = reception.book(reception.patient(), TODAY_AT_ELEVEN)
    row = page.locator(f"#visit-{visit.id}")
    row.get_by_role("link", name="Ana María Jiménez").click()
    panel = _panel(page)
    panel.get_by_role("button", name="Check in").click()
    expect(row.locator(".chip")).to_have_text("Checked in", timeout=LIVE_WITHIN_MS)
    panel.get_by_role("button", name="Undo the check-in").click()
    expect(row.locator(".chip")).to_have_text("Booked", timeout=LIVE_WITHIN_MS)
    panel.get_by_label("Reason, for the history").fill("is travelling")
    panel.get_by_role("button", name="Cancel the visit").click()
    expect(panel).to_contain_text("Cancelled: is travelling")
    expect(row.locator(".chip")).to_have_text("Cancelled", timeout=LIVE_WITHIN_MS)


def test_a_refill_is_completed_by_keyboard_with_the_next_alarm_date(
    page: Page, reception: Reception
) -> None:
    patient = reception.patient()
    reception.pump(patient)
    visit = reception.book(patient, TODAY_AT_ELEVEN, kind="refill")
    page.locator(f"#visit-{visit.id} a").first.focus()
    page.keyboard.press("Enter")
    panel = _panel(page)
    _tab_to(page, panel.get_by_role("button", name="Check in"))
    page.keyboard.press("Enter")
    alarm = panel.get_by_label("Next low-reservoir alarm date, as printed")
    alarm.wait_for()
    _tab_to(page, alarm)
    page.keyboard.type("02012027")
    _tab_to(page, panel.get_by_role("button", name="Complete the refill"))
    page.keyboard.press("Enter")
    expect(panel.get_by_role("status")).to_have_text("The visit is completed.")
    (pump,) = reception.office.rows("SELECT * FROM pump")
    assert str(pump["alarm_on"]) == "2027-02-01"


def test_a_booking_made_meanwhile_appears_while_half_filled_forms_survive(
    page: Page, reception: Reception
) -> None:
    patient = reception.patient()
    visit = reception.book(patient, TODAY_AT_ELEVEN)
    _open_day(page)
    page.locator(f"#visit-{visit.id} a").click()
    reason = _panel(page).get_by_label("Reason, for the history")
    page.locator("#find-text").fill("zo")
    page.locator("#found .hits").wait_for()
    reason.fill("is trave")
    reason.evaluate("one => { window.before = one; one.setSelectionRange(3, 3); }")
    late = reception.office.book(
        "Bob Newcomer",
        TODAY_AT_ELEVEN.replace(hour=14),
        born=date(1950, 5, 5),
        phone="+15125550166",
    )
    expect(page.locator(f"#visit-{late.id}")).to_contain_text(
        "Bob Newcomer", timeout=LIVE_WITHIN_MS
    )
    expect(reason).to_have_value("is trave")
    expect(reason).to_be_focused()
    assert reason.evaluate("one => one === window.before && one.selectionStart === 3")
    expect(page.locator("#find-text")).to_have_value("zo")


def test_what_another_desk_did_meanwhile_is_read_and_nothing_typed_is_lost(
    page: Page, reception: Reception
) -> None:
    visit = reception.book(reception.patient(), TODAY_AT_ELEVEN)
    _open_day(page)
    page.locator(f"#visit-{visit.id} a").click()
    panel = _panel(page)
    panel.get_by_label("Reason, for the history").fill("is travelling")
    reception.done(f"/frontdesk/visits/{visit.id}/confirm", {"version": 1})
    panel.get_by_role("button", name="Cancel the visit").click()
    expect(panel.get_by_role("alert")).to_contain_text("Somebody was faster. Confirmed,")
    expect(panel.get_by_label("Reason, for the history")).to_have_value("is travelling")
    panel.get_by_role("button", name="Cancel the visit").click()
    expect(panel.get_by_role("status")).to_have_text(re.compile("The visit is cancelled"))


def test_a_newcomer_is_registered_and_a_pump_put_on_file_with_the_mouse(page: Page) -> None:
    page.get_by_role("link", name="Patients").click()
    page.get_by_role("button", name="Register a new patient").click()
    page.get_by_label("Name", exact=True).fill("Bea Nuñez")
    page.get_by_label("Date of birth", exact=True).fill("1950-01-02")
    page.get_by_label("Phone").fill("512 555 0163")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bea Nuñez")
    page.get_by_text("Put a pump on file").click()
    page.get_by_label("Low-reservoir alarm date, as printed").fill("2027-02-01")
    page.get_by_role("button", name="Put on file").click()
    expect(page.locator(".pump")).to_contain_text("Jan 25, 2027")


@pytest.mark.parametrize("width", [1440, 820, 390])
def test_pages_do_not_scroll_sideways(page: Page, reception: Reception, width: int) -> None:
    patient = reception.patient("Hubertus Wolfeschlegelsteinhausenbergerdorff")
    reception.pump(patient)
    visit = reception.book(patient, TODAY_AT_ELEVEN, kind="refill")
    board = page.url
    page.set_viewport_size({"width": width, "height": 900})
    for path in (
        "/day",
        "/week",
        "/patients",
        f"/patients/{patient}",
        f"/patients/{patient}/book",
        f"/visits/{visit.id}",
    ):
        page.goto(board + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
