"""Recalls, waitlist, messages, calls, numbers, settings in a real Chromium, by mouse and keys."""

from __future__ import annotations

import re
from datetime import date, timedelta

from playwright.sync_api import Page, expect

from scheduling import visits
from tests.frontdesk.browser import Desk
from tests.frontdesk.lists import (
    TODAY,
    asked,
    on,
    pump,
    refill_pumps,
    register,
    waits_in_line,
    yearly_check,
)
from tests.frontdesk.office import OURS
from tests.frontdesk.test_call_log import call

TOMORROW = TODAY + timedelta(days=1)


def fill(desk: Desk) -> None:
    """Something of everything, with an admin at the desk."""
    office = desk.office
    refill_pumps(office)
    pump(office, register(office, "Bob Late"), -2)
    yearly_check(office, register(office, "Ann Lee"), TODAY + timedelta(days=10))
    visit = office.book("Zoe", on(TOMORROW), born=date(1955, 5, 5))
    waits_in_line(office, register(office, "Cat Waits", phone="+15125550144"))
    office.database.write(
        lambda session: visits.cancel(
            session, clinic_id=OURS, visit_id=visit.id, reason="ill", request=asked(office)
        )
    )
    office.book("Dan Booked", on(TOMORROW, 14), born=date(1957, 5, 5))
    desk.add_task()
    call(office, "main", "appointments")
    call(office, "main", "callback_promised", sid="CA-2")
    office.open_ticket("CA-1")
    with office.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE staff_user SET role = 'admin' WHERE login = 'rosa'")


def press_key(page: Page, label: str, value: str) -> None:
    """Choose in a list by its label with the keyboard, and press Enter on the button after it."""
    page.get_by_label(label, exact=True).focus()
    page.keyboard.type(value)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def test_the_lists_are_worked_by_mouse(desk: Desk) -> None:
    fill(desk)
    desk.sign_in()
    page = desk.page
    page.get_by_role("link", name="Recalls").click()
    page.get_by_label("What came of calling Ann Lee").select_option("left_message")
    page.get_by_role("button", name="Note the call to Ann Lee").click()
    expect(page.get_by_role("status")).to_have_text("Noted: left a message.")
    expect(page.locator(".row", has_text="Ann Lee")).to_contain_text("Tried once")
    page.get_by_role("link", name="Waitlist").click()
    expect(page.locator(".row", has_text="Cat Waits")).to_contain_text("Held until 10:15 AM.")
    page.get_by_role("button", name="Accept for Cat Waits").click()
    expect(page.get_by_role("status")).to_contain_text("Booked for Tue, Nov 24, 11:00 AM")
    page.get_by_role("link", name="Messages").click()
    page.get_by_role("button", name=re.compile(r"^Done\s*: Call back")).click()
    expect(page.get_by_role("status")).to_have_text("Done.")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name="Calls", exact=True).click()
    page.get_by_text("The way it took (2 steps)").first.click()
    expect(page.get_by_role("listitem").filter(has_text="Appointments").last).to_be_visible()
    page.locator("summary", has_text="Calls").click()
    page.get_by_role("link", name="Numbers").click()
    expect(page.get_by_role("img", name=re.compile("Calls by hour"))).to_be_visible()


def test_the_lists_are_worked_by_keyboard_alone(desk: Desk) -> None:
    fill(desk)
    desk.sign_in()
    page = desk.page
    page.get_by_role("link", name="Recalls").focus()
    page.keyboard.press("Enter")
    press_key(page, "What came of calling Bob Late", "No answer")
    expect(page.get_by_role("status")).to_have_text("Noted: no answer.")
    page.get_by_role("link", name="Waitlist").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Decline for Cat Waits").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Declined for them")
    page.get_by_role("link", name="Messages").press("Enter")
    page.get_by_role("button", name=re.compile(r"^Done\s*: Call back")).press("Space")
    page.get_by_role("button", name=re.compile(r"^Not done yet\s*: Call back")).press("Enter")
    expect(page.get_by_role("status")).to_have_text("It waits again.")


def test_a_booked_day_is_closed_and_opened_again(desk: Desk) -> None:
    fill(desk)
    desk.sign_in()
    page = desk.page
    page.locator("nav summary").press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Reminders", exact=True)).to_be_focused()
    page.get_by_role("link", name="Settings").press("Enter")
    page.get_by_role("link", name="Closures").click()
    page.get_by_label("From").fill(f"{TOMORROW}T00:00")
    page.get_by_label("Until").fill(f"{TOMORROW + timedelta(days=1)}T00:00")
    page.get_by_label("Reason, for colleagues").fill("Snow")
    page.get_by_role("button", name="Close", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="1 visit is booked then")).to_be_visible()
    expect(page.locator(".row")).to_contain_text("Dan Booked")
    page.get_by_role("button", name="Change it, and plan these visits again").click()
    expect(page.get_by_role("status")).to_contain_text("1 visit is to be planned again")
    page.get_by_role("link", name="To the settings").click()
    page.get_by_role("button", name=re.compile("^Undo Closure")).click()
    expect(page.get_by_role("status")).to_contain_text("Undone.")
