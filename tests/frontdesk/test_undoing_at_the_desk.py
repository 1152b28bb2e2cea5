"""A slip at the desk: what undoing says, and that one button takes it back."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from tests.frontdesk.browser import Desk, scripts_have_begun
from tests.frontdesk.office import TODAY_AT_ELEVEN, Office
from tests.frontdesk.reception import Reception, on_call_login, words

TOMORROW = TODAY_AT_ELEVEN.replace(day=24)


@pytest.fixture
def reception(office: Office) -> Reception:
    """A clinic that fills pumps, and Rosa at its desk."""
    return Reception.open(office)


def test_a_cancellation_is_undone_and_the_history_says_so(reception: Reception) -> None:
    visit = reception.book(reception.patient(), TOMORROW)
    page = f"/frontdesk/visits/{visit.id}"
    reception.done(f"{page}/confirm", {"version": 1})
    said = reception.done(f"{page}/cancel", {"version": 2, "reason": "a slip"})
    assert "Undo the cancellation" in said
    said = reception.done(f"{page}/undo-cancel", {"version": 3})
    assert "The cancellation is undone: the visit stands again, at its own time." in said
    assert "Status Confirmed" in said
    assert "Undo the cancellation" not in said
    assert "Cancellation undone Rosa Diaz, at the desk" in said
    assert len(reception.audited("visit.undo-cancel")) == 1


def test_a_time_that_is_gone_is_said_to_be_and_what_to_do(reception: Reception) -> None:
    visit = reception.book(reception.patient(), TOMORROW)
    page = f"/frontdesk/visits/{visit.id}"
    reception.done(f"{page}/cancel", {"version": 1, "reason": "a slip"})
    reception.book(reception.patient("Zoe Quill", born=date(1980, 7, 9)), TOMORROW)
    answer = reception.send(f"{page}/undo-cancel", {"version": 2})
    said = words(answer.text)
    assert answer.status_code == 409
    assert "the time of this visit is somebody else's by now. Book the patient another" in said
    assert f"/frontdesk/patients/{visit.patient_id}/book" in answer.text
    assert reception.visit(visit.id)["status"] == "cancelled"


def test_an_undone_refill_shows_the_dates_that_were_on_file(reception: Reception) -> None:
    patient = reception.patient()
    reception.pump(patient)
    visit = reception.book(patient, TODAY_AT_ELEVEN, kind="refill")
    page = f"/frontdesk/visits/{visit.id}"
    reception.done(f"{page}/check-in", {"version": 1})
    said = reception.done(f"{page}/complete", {"version": 2, "alarm_on": "2027-02-01"})
    assert "the pump's dates go back to what they were" in said
    said = reception.done(f"{page}/undo-complete", {"version": 3})
    assert "Status Checked in" in said
    record = reception.read(f"/frontdesk/patients/{patient}")
    assert "Refill due by Dec 13, 2026" in record
    assert "Pump's refill undone" in record


def test_whoever_is_on_call_undoes_nothing(reception: Reception) -> None:
    visit = reception.book(reception.patient(), TOMORROW)
    page = f"/frontdesk/visits/{visit.id}"
    reception.done(f"{page}/cancel", {"version": 1, "reason": "a slip"})
    nurse = Reception(reception.office, reception.office.signed_in(on_call_login(reception.office)))
    assert "Undo" not in nurse.read(page)
    assert nurse.send(f"{page}/undo-cancel", {"version": 2}).status_code == 403


def test_a_slip_is_taken_back_by_mouse_and_by_keyboard_while_the_board_follows(
    desk: Desk, sqlite_office: Office
) -> None:
    reception = Reception.open(sqlite_office)
    visit = reception.book(reception.patient(), TODAY_AT_ELEVEN)
    desk.page.set_viewport_size({"width": 1440, "height": 1000})
    desk.sign_in()
    page, panel = desk.page, desk.page.locator("#panel")
    page.goto(f"{desk.address}/frontdesk/day")
    scripts_have_begun(page)
    page.locator(f"#visit-{visit.id} a").click()
    panel.get_by_label("Reason, for the history").fill("the wrong one")
    panel.get_by_role("button", name="Cancel the visit").click()
    panel.get_by_role("button", name="Undo the cancellation").click()
    expect(panel.get_by_role("status")).to_contain_text("The cancellation is undone")
    expect(page.locator(f"#visit-{visit.id}")).to_have_attribute("data-status", "booked")
    for button, said in (
        ("Check in", "The patient is checked in."),
        ("Complete", "The visit is completed."),
        ("Undo the completion", "The completion is undone"),
    ):
        panel.get_by_role("button", name=button, exact=True).press("Enter")
        expect(panel.get_by_role("status")).to_contain_text(said)
        # The panel's focus has settled.
        expect(panel.get_by_role("heading", level=1)).to_be_focused()
    expect(page.locator(f"#visit-{visit.id}")).to_have_attribute("data-status", "checked_in")
