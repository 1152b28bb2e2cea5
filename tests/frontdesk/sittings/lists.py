"""What waits for somebody: recalls, the waitlist, messages, urgent calls."""

from __future__ import annotations

import re
from datetime import date, timedelta

from playwright.sync_api import expect

from scheduling import visits
from tests.frontdesk.browser import scripts_have_begun
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
from tests.frontdesk.sittings.sitting import Sitting

TOMORROW = TODAY + timedelta(days=1)


def lists(at: Sitting) -> None:
    """Recalls, waitlist, messages, urgent calls, and the file that leaves the house."""
    office = at.office
    refill_pumps(office)
    pump(office, register(office, "Bob Late"), -2)
    yearly_check(office, register(office, "Ann Lee"), TODAY + timedelta(days=10))
    waits_in_line(office, register(office, "Cat Waits", phone="+15125550144"))
    waits_in_line(office, register(office, "Eve Waits", phone="+15125550145"))
    booked = office.book("Zoe", on(TOMORROW), born=date(1955, 5, 5))
    office.database.write(
        lambda session: visits.cancel(
            session, clinic_id=OURS, visit_id=booked.id, reason="ill", request=asked(office)
        )
    )
    desk, page = at.desk, at.desk.page
    desk.add_task()
    desk.add_task("CA-2")
    office.open_ticket()
    at.open("/recalls")
    at.hand.choose(at.field("What came of calling Bob Late"), "No answer")
    at.press(r"Note\s+the call to Bob Late")
    at.reads("Noted: no answer.")
    until = at.field("Put off until (recall of Ann Lee)")
    at.hand.set_day(until, TODAY + timedelta(days=3))
    at.press(r"Put off\s+the recall of Ann Lee")
    at.press(r"Back on the list\s*: Ann Lee")
    at.hand.choose(at.field("How the recall of Ann Lee ended"), "It has been done")
    at.press(r"Close\s+the recall of Ann Lee")
    expect(page.locator(".row", has_text="Ann Lee")).to_have_count(0)
    at.open("/waitlist")
    at.press(r"Decline\s+for Cat Waits")
    at.press(r"Accept\s+for Eve Waits")
    at.reads("Booked for Tue, Nov 24, 11:00 AM")
    at.press(r"Take off the list\s*: Cat Waits")
    expect(page.locator(".row", has_text="Cat Waits")).to_have_count(0)
    at.open("/tasks")
    at.press(r"Done\s*: Call back")
    at.press(r"Not done yet\s*: Call back")
    at.reads("It waits again.")
    at.open("")
    scripts_have_begun(page)
    at.press(r"Done\s*: Call back")
    expect(page.get_by_role("button", name=re.compile(r"^Done\s*: Call back"))).to_have_count(1)
    became = at.field("What became of urgent call 1")
    at.hand.choose(became, "Helped: somebody spoke with the patient")
    at.press("Close urgent call 1")
    expect(page.get_by_role("button", name="Close urgent call 1")).to_have_count(0)
    at.open("/export")
    with page.expect_download() as saved:
        at.press("Save as CSV")
    assert saved.value.suggested_filename.endswith(".csv")
