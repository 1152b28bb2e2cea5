"""The lock after 15 minutes: what it shows, what it keeps, and how it opens."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from playwright.sync_api import expect
from werkzeug.test import TestResponse

from ivr.frontdesk import throttle
from tests.frontdesk import people
from tests.frontdesk.browser import Desk
from tests.frontdesk.office import PASSWORD, TODAY_AT_ELEVEN, Office, csrf_token
from tests.frontdesk.people import code_of, enrol


def locked(office: Office) -> FlaskClient:
    """A browser in which nobody did anything for 15 minutes."""
    client = office.signed_in()
    office.clock.advance(minutes=15)
    return client


def unlock(client: FlaskClient, password: str = PASSWORD, **form: str) -> TestResponse:
    """Fill in the lock."""
    token = csrf_token(client, "/frontdesk/lock")
    return client.post(
        "/frontdesk/lock/open", data={"csrf_token": token, "password": password, **form}
    )


def test_a_locked_desk_tells_how_many_urgent_calls_are_open_and_nothing_else(
    office: Office,
) -> None:
    client = office.signed_in()
    office.book("Ana Private", TODAY_AT_ELEVEN)
    office.open_ticket("CA-1")
    office.open_ticket("CA-2")
    office.clock.advance(minutes=15)
    page = client.get("/frontdesk", follow_redirects=True).text
    assert "2 urgent calls are open, 2 wait for somebody to accept them" in page
    for secret in ("Ana Private", "Rosa", "555", "Ticket"):
        assert secret not in page
    state = client.get("/frontdesk/lock/state").json
    assert state == {
        "locked": True,
        "urgent": "2 urgent calls are open, 2 wait for somebody to accept them",
    }


def test_the_password_opens_it_where_one_was(office: Office) -> None:
    office.open_ticket()
    client = locked(office)
    wanted = client.get("/frontdesk/tickets/1")
    assert wanted.location == "/frontdesk/lock?next=/frontdesk/tickets/1"
    opened = unlock(client, next="/frontdesk/tickets/1")
    assert (opened.status_code, opened.location) == (303, "/frontdesk/tickets/1")
    assert client.get("/frontdesk").status_code == 200


def test_a_wrong_password_does_not_open_it(office: Office) -> None:
    client = locked(office)
    answer = unlock(client, "not the password")
    assert answer.status_code == 401
    assert "That is not your password" in answer.text
    assert client.get("/frontdesk").status_code == 303


def test_a_code_of_the_app_opens_it_once(office: Office) -> None:
    client = office.signed_in()
    enrol(office, client)
    office.clock.advance(minutes=15)
    code = code_of(office, "rosa")
    assert unlock(client, code).status_code == 303
    office.clock.advance(minutes=15)
    assert unlock(client, code).status_code == 401
    assert unlock(client, code_of(office, "rosa")).status_code == 303


def test_six_digits_open_nothing_where_there_is_no_second_factor(office: Office) -> None:
    assert unlock(locked(office), "123456").status_code == 401


def test_guessing_at_the_lock_is_stopped(office: Office) -> None:
    client = locked(office)
    tried = [unlock(client, "a wrong guess").status_code for _ in range(9)]
    assert tried == [401] * throttle.PER_LOGIN_AND_SOURCE + [429]


def test_twelve_hours_end_a_locked_session_too(office: Office) -> None:
    client = locked(office)
    office.clock.advance(hours=12)
    assert client.get("/frontdesk").location == "/frontdesk/login?ended=absolute"
    assert client.post("/frontdesk/lock/open").location == "/frontdesk/login?ended=absolute"


def test_a_form_that_was_sent_while_locked_is_kept_and_sent_after_unlocking(
    office: Office,
) -> None:
    office.open_ticket()
    client = office.signed_in()
    token = csrf_token(client, "/frontdesk")
    office.clock.advance(minutes=15)
    close = "/frontdesk/tickets/1/close"
    kept = client.post(close, data={"csrf_token": token, "disposition": "helped"})
    assert kept.status_code == 401
    assert "What you sent is kept until you unlock" in kept.text
    fields = dict(re.findall(r'name="(kept[^"]*)" value="([^"]*)"', kept.text))
    assert fields == {"kept_for": close, "kept.disposition": "helped"}
    # A slip on the way loses nothing.
    wrong = unlock(client, "not the password", **fields)
    assert dict(re.findall(r'name="(kept[^"]*)" value="([^"]*)"', wrong.text)) == fields
    opened = unlock(client, **fields)
    assert "Nothing is sent yet" in opened.text
    assert f'action="{close}"' in opened.text
    assert 'name="disposition" value="helped"' in opened.text
    assert office.rows("SELECT status FROM ticket") == [{"status": "open"}]


def test_no_password_is_kept_in_a_page(office: Office) -> None:
    client = office.signed_in()
    token = csrf_token(client, "/frontdesk")
    office.clock.advance(minutes=15)
    form = {"csrf_token": token, "password": PASSWORD, "new_password": "new", "code": "123456"}
    kept = client.post("/frontdesk/account/password", data=form)
    assert re.findall(r'name="kept\.[^"]*"', kept.text) == []


def test_a_kept_form_goes_nowhere_but_to_the_desk(office: Office) -> None:
    opened = unlock(locked(office), kept_for="https://evil.example/", **{"kept.a": "b"})
    assert (opened.status_code, opened.location) == (303, "/frontdesk")


def test_it_is_locked_by_hand_at_once(office: Office) -> None:
    client = office.signed_in()
    token = csrf_token(client, "/frontdesk")
    assert client.post("/frontdesk/lock", data={"csrf_token": token}).status_code == 303
    assert client.get("/frontdesk").location == "/frontdesk/lock"
    assert unlock(client).status_code == 303


def test_logging_in_elsewhere_leaves_a_locked_desk_as_it_is(office: Office) -> None:
    client = locked(office)
    office.signed_in()
    assert unlock(client).status_code == 303


def test_one_can_log_out_of_a_locked_desk(office: Office) -> None:
    client = locked(office)
    token = csrf_token(client, "/frontdesk/lock")
    out = client.post("/frontdesk/logout", data={"csrf_token": token})
    assert out.location == "/frontdesk/login?ended=logout"
    assert office.rows("SELECT id FROM staff_session") == []


def test_unlocking_is_in_the_audit(office: Office) -> None:
    unlock(locked(office))
    rows = office.rows("SELECT id FROM staff_audit WHERE action = 'staff.unlocked'")
    assert len(rows) == 1


def test_typing_keeps_a_page_without_polling_open(office: Office) -> None:
    client = office.signed_in()
    for _ in range(5):
        office.clock.advance(minutes=10)
        state = client.get("/frontdesk/lock/state?active=1").json
        assert state == {"locked": False, "urgent": ""}
    office.clock.advance(minutes=10)
    client.get("/frontdesk/lock/state")
    office.clock.advance(minutes=5)
    assert 'locked":true' in client.get("/frontdesk/lock/state").text


def test_the_open_page_is_covered_and_after_unlocking_what_was_typed_is_there(desk: Desk) -> None:
    desk.office.book("Ana Private", TODAY_AT_ELEVEN)
    desk.office.open_ticket()
    desk.sign_in()
    page = desk.page
    choice = page.get_by_label("What became of urgent call 1")
    choice.select_option("helped")
    desk.office.clock.advance(minutes=15)
    expect(page.get_by_role("heading", name="The desk is locked")).to_be_visible()
    expect(page.get_by_text("Ana Private")).not_to_be_visible()
    expect(page.get_by_text("1 urgent call is open")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Ana Private")).not_to_be_visible()
    expect(page.get_by_label("Your password")).to_be_focused()
    page.keyboard.type("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("That is not your password. Try again.")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Ana Private")).to_be_visible()
    expect(choice).to_have_value("helped")
    # And the board is live again.
    desk.add_task()
    expect(page.locator(".task")).to_have_count(1)


def test_a_half_filled_form_survives_the_lock(desk: Desk) -> None:
    people.add(desk.office, "ada", "admin")
    page = desk.page
    desk.sign_in("ada")
    page.goto(f"{desk.address}/frontdesk/users")
    page.get_by_label("Name, as colleagues know it").fill("Nina half typed")
    page.get_by_role("button", name="Lock").click()
    expect(page.get_by_role("heading", name="The desk is locked")).to_be_visible()
    desk.office.open_ticket()
    expect(page.get_by_text("1 urgent call is open")).to_be_visible(timeout=8000)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    expect(page.get_by_label("Name, as colleagues know it")).to_have_value("Nina half typed")
