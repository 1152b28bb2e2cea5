"""A patient's record, and a visit of theirs."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import expect

from tests.frontdesk.reception import Reception
from tests.frontdesk.sittings.sitting import Sitting


def patient(at: Sitting) -> None:
    """A record: found, registered, corrected, with a pump, merged with its twin."""
    reception = Reception.open(at.office)
    twin = reception.patient("Ana Jimenez")
    at.open("/patients/new")
    at.hand.write(at.field("Name"), "Ana María Jiménez")
    at.hand.set_day(at.field("Date of birth"), date(1961, 3, 4))
    at.hand.write(at.field("Phone"), "512 555 0166")
    at.press("Register")
    at.press("Register all the same")
    heading = at.desk.page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Ana María Jiménez")
    at.hand.write(at.field("A new note"), "Comes with her daughter.")
    at.press("Add the note")
    expect(at.desk.page.locator("article.note")).to_contain_text("Comes with her daughter.")
    at.unfold("Put a pump on file")
    at.hand.set_day(at.field("Low-reservoir alarm date, as printed"), date(2026, 12, 20))
    at.press("Put on file")
    at.unfold("Correct or retire")
    at.hand.set_day(at.field("Low-reservoir alarm date, as printed"), date(2026, 12, 22))
    at.press("Correct the dates")
    expect(at.desk.page.locator(".pump")).to_contain_text("Dec 22")
    at.unfold("Correct or retire")
    at.press("Retire the pump")
    expect(at.desk.page.get_by_text("Correct or retire")).to_have_count(0)
    at.unfold("Correct the record")
    at.hand.write(at.field("Likes to be called"), "Anita")
    at.press("Store the corrections")
    expect(heading).to_contain_text("Anita")
    at.unfold("Numbers and consent")
    at.hand.write(at.field("Another number"), "512 555 0177")
    at.press("Add$")
    expect(at.desk.page.locator("header .phone")).to_have_count(2)
    at.unfold("Numbers and consent")
    at.press(r"Remove\s*\(512\) 555-0177")
    expect(at.desk.page.locator("header .phone")).to_have_count(1)
    at.unfold("Numbers and consent")
    at.press("The patient agrees to texts")
    at.unfold("Numbers and consent")
    expect(at.button("No more texts")).to_be_visible()
    at.hand.write(at.desk.page.locator("#find-text"), "ana jimenez")
    at.hand.press(at.desk.page.locator(f'#found a.hit[href$="{twin}"]'))
    expect(heading).to_have_text("Ana Jimenez")
    at.hand.press(at.desk.page.get_by_role("link", name="Compare and merge"))
    at.press("Merge into")
    at.reads("one")


def visit(at: Sitting) -> None:
    """A visit: booked, moved, and each of its steps, taken back where it can be."""
    reception = Reception.open(at.office)
    at.open(f"/patients/{reception.patient()}/book")
    at.press("Book Mon, Nov 23, 10:00 AM")
    at.reads("The visit is booked.")
    at.hand.press(at.desk.page.get_by_role("button", name="Move", exact=True))
    at.press("Move to Mon, Nov 23, 11:00 AM")
    at.reads("The visit is moved.")
    at.press("Move back to Mon, Nov 23, 10:00 AM")
    at.reads("The visit is moved.")
    at.press("Confirm")
    at.reads("confirmed")
    at.hand.write(at.field("Reason, for the history"), "the wrong one")
    at.press("Cancel the visit")
    at.press("Undo the cancellation")
    at.reads("The cancellation is undone")
    at.press("Check in")
    at.press("Undo the check-in")
    at.reads("undone")
    at.press("Check in")
    at.press("Complete")
    at.press("Undo the completion")
    at.reads("The completion is undone")
    at.press("Undo the check-in")
    expect(at.button("Confirm")).to_be_visible()
    at.office.clock.advance(minutes=5)
    at.desk.page.reload()
    at.press("Did not come")
    at.press("Undo that nobody came")
    at.reads("undone")
