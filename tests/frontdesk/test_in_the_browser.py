"""The desk in a real Chromium: what arrives, what stays, and what is never lost."""

from __future__ import annotations

import re
from datetime import date

from playwright.sync_api import expect

from tests.frontdesk.browser import Desk
from tests.frontdesk.office import PASSWORD, TODAY_AT_ELEVEN, csrf_token

LIVE_WITHIN_MS = 2000


def test_a_visit_stored_meanwhile_appears_within_two_seconds_without_a_reload(
    desk_on_any_database: Desk,
) -> None:
    desk = desk_on_any_database
    desk.sign_in()
    page = desk.page
    page.evaluate("window.notReloaded = true")
    expect(page.get_by_text("Nobody is booked for today.")).to_be_visible()
    visit = desk.office.book("Ana Newcomer", TODAY_AT_ELEVEN)
    row = page.locator(f"#visit-{visit.id}")
    expect(row).to_contain_text("Ana Newcomer", timeout=LIVE_WITHIN_MS)
    expect(row).to_have_class(re.compile("arrived"))
    expect(page.locator("#announcer")).to_have_text(
        "New visit: Ana Newcomer, Monday, November 23 at 11:00 AM, "
        "consultation with Doctor Fura, booked by phone."
    )
    assert page.evaluate("window.notReloaded") is True


def test_news_move_neither_the_focus_nor_the_page_nor_a_selection(desk: Desk) -> None:
    desk.fill()
    desk.page.set_viewport_size({"width": 390, "height": 500})
    desk.sign_in()
    page = desk.page
    done = page.get_by_role("button", name=re.compile("^Done"))
    done.focus()
    page.evaluate(
        """() => {
             const name = [...document.querySelectorAll(".name")].at(-1);
             name.scrollIntoView();
             getSelection().selectAllChildren(name);
             window.nameBefore = name;
             window.topBefore = name.getBoundingClientRect().top;
           }"""
    )
    late = desk.office.book("Zoe Late", TODAY_AT_ELEVEN.replace(hour=17), born=date(1999, 9, 9))
    desk.office.open_ticket("CA-second")
    expect(page.locator(f"#visit-{late.id}")).to_be_attached(timeout=LIVE_WITHIN_MS)
    expect(page.locator(".ticket")).to_have_count(2)
    expect(done).to_be_focused()
    after = page.evaluate(
        """() => ({
             selected: getSelection().toString(),
             same: window.nameBefore.isConnected,
             moved: Math.abs(window.nameBefore.getBoundingClientRect().top - window.topBefore),
           })"""
    )
    assert after["selected"] == "Patient 4"
    assert after["same"] is True
    assert after["moved"] < 3


def test_an_urgent_call_appears_and_is_counted_in_the_title(desk: Desk) -> None:
    desk.sign_in()
    expect(desk.page.get_by_text("No urgent call is open")).to_be_visible()
    desk.office.open_ticket()
    expect(desk.page.get_by_role("region", name="Urgent calls")).to_contain_text(
        "Nobody has it yet", timeout=LIVE_WITHIN_MS
    )
    expect(desk.page).to_have_title("(1 urgent) Front desk · The demo clinic")


def test_a_task_is_done_by_keyboard_alone_and_the_focus_goes_on_from_its_list(desk: Desk) -> None:
    desk.add_task()
    desk.add_task("CA-2")
    desk.sign_in()
    page = desk.page
    buttons = page.get_by_role("button", name=re.compile("^Done"))
    expect(buttons).to_have_count(2)
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id").startswith("done-"):
            break
    page.keyboard.press("Enter")
    expect(buttons).to_have_count(1)
    expect(page.get_by_role("heading", name="To do")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing is waiting for the desk.")).to_be_visible()


def test_a_board_whose_twelve_hours_are_over_shows_itself_out_and_says_why(desk: Desk) -> None:
    desk.office.book("Ana Private", TODAY_AT_ELEVEN)
    desk.sign_in()
    desk.office.clock.advance(hours=12)
    expect(desk.page.get_by_text("because 12 hours had passed")).to_be_visible()
    assert "Ana Private" not in desk.page.content()


def test_a_person_who_uses_the_page_stays_signed_in(desk: Desk) -> None:
    desk.sign_in()
    for minutes in (10, 20):
        with desk.page.expect_request(re.compile("active=1")) as asked:
            desk.page.keyboard.press("ArrowDown")
        assert asked.value.response() is not None
        desk.office.clock.advance(minutes=10)
        (stored,) = desk.office.rows("SELECT created_at, last_seen_at FROM staff_session")
        assert (stored["last_seen_at"] == stored["created_at"]) is (minutes == 10)
    expect(desk.page.locator("#live")).to_have_text("Live")
    assert desk.page.url.endswith("/frontdesk")


def test_a_board_that_is_no_longer_live_says_so_and_recovers(desk: Desk) -> None:
    desk.page.clock.install(time=desk.office.clock())
    desk.sign_in()
    live = desk.page.locator("#live")
    expect(live).to_have_text("Live")
    desk.page.route("**/frontdesk/board*", lambda route: route.fulfill(status=503))
    desk.page.clock.run_for(9000)
    expect(live).to_contain_text("Not updated since 10:00 AM. Trying again")
    desk.page.unroute("**/frontdesk/board*")
    desk.page.clock.run_for(2000)
    expect(live).to_have_text("Live")


def test_ages_grow_while_the_page_stays_open(desk: Desk) -> None:
    desk.office.open_ticket()
    desk.page.clock.install(time=desk.office.clock())
    desk.sign_in()
    age = desk.page.locator(".ticket time")
    expect(age).to_have_text("just now")
    desk.page.clock.fast_forward("07:00")
    expect(age).to_have_text("7 min")


def test_after_logging_out_the_back_button_shows_no_patient(desk: Desk) -> None:
    desk.office.book("Ana Private", TODAY_AT_ELEVEN)
    desk.sign_in()
    desk.page.get_by_text("Rosa Diaz").click()
    desk.page.get_by_role("button", name="Log out").click()
    expect(desk.page.get_by_text("You are logged out.")).to_be_visible()
    desk.page.go_back()
    expect(desk.page.get_by_label("Password")).to_be_visible()
    assert "Ana Private" not in desk.page.content()


def test_the_link_in_an_on_call_text_leads_through_the_log_in_to_its_ticket(desk: Desk) -> None:
    number = desk.office.open_ticket()
    desk.page.goto(f"{desk.address}/frontdesk/tickets/{number}")
    desk.page.get_by_label("Login").fill("rosa")
    desk.page.get_by_label("Password").fill(PASSWORD)
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("heading", name=f"Urgent call {number}")).to_be_visible()


def test_an_urgent_call_is_closed_by_keyboard_alone_and_the_focus_goes_on(desk: Desk) -> None:
    desk.office.open_ticket("CA-1")
    desk.office.open_ticket("CA-2")
    desk.sign_in()
    page = desk.page
    choice = page.get_by_label("What became of urgent call 1")
    choice.focus()
    page.keyboard.press("ArrowDown")
    expect(choice).to_have_value("helped")
    # News in between leave alone what was chosen and not yet sent.
    desk.office.open_ticket("CA-3")
    expect(page.locator(".ticket")).to_have_count(3, timeout=LIVE_WITHIN_MS)
    page.keyboard.press("Tab")
    expect(choice).to_have_value("helped")
    page.keyboard.press("Enter")
    expect(page.locator(".ticket")).to_have_count(2)
    expect(page.get_by_text("Urgent call 1 is closed.")).to_be_visible()
    expect(page.get_by_role("heading", name="Urgent calls")).to_be_focused()


def test_a_call_that_somebody_else_closed_a_moment_ago_says_so_on_the_board(desk: Desk) -> None:
    desk.office.open_ticket()
    desk.sign_in()
    page = desk.page
    page.route("**/frontdesk/board*", lambda route: route.abort())
    page.get_by_label("What became of urgent call 1").select_option("helped")
    colleague = desk.office.signed_in("rosa")
    form = {"disposition": "no_need", "csrf_token": csrf_token(colleague, "/frontdesk")}
    assert colleague.post("/frontdesk/tickets/1/close", data=form).status_code == 303
    page.get_by_role("button", name="Close urgent call 1").click()
    expect(page.get_by_text("Rosa Diaz closed urgent call 1 before you")).to_be_visible()
    page.unroute("**/frontdesk/board*")
