"""The desk in a real Chromium: what arrives, what stays, and whether everybody can use it."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import date, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from ivr.messages import desk_tasks
from tests.frontdesk.office import OURS, PASSWORD, TASK_CALLER, Office

LIVE_WITHIN_MS = 2000
TODAY_AT_ELEVEN = datetime(2026, 11, 23, 11, 0)  # noqa: DTZ001  # wall clock; Office.book adds the zone


class Desk:
    """The desk as one person's browser shows it."""

    def __init__(self, page: Page, office: Office, address: str) -> None:
        self.page = page
        self.office = office
        self.address = address

    def sign_in(self) -> None:
        """Fill in the form and land on the board."""
        self.page.goto(f"{self.address}/frontdesk")
        self.page.get_by_label("Login").fill("rosa")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Log in").click()
        expect(self.page.get_by_role("heading", name="Today Monday, November 23")).to_be_visible()

    def add_task(self, source: str = "CA-1") -> None:
        """Somebody asks to be called back."""
        self.office.database.write(
            lambda s: (
                desk_tasks.open_task(
                    s,
                    clinic_id=OURS,
                    kind="callback",
                    callback_number=TASK_CALLER,
                    language="es",
                    note="after five",
                    source=source,
                    now=self.office.clock(),
                ).id
            )
        )

    def fill(self) -> None:
        """A day with a little of everything."""
        for number, status in enumerate(
            ("booked", "checked_in", "completed", "cancelled", "no_show")
        ):
            visit = self.office.book(
                f"Patient {number}" if number else None,
                TODAY_AT_ELEVEN.replace(hour=11 + number),
                born=date(1950, 1, 1 + number),
            )
            with self.office.database.engine.begin() as connection:
                connection.exec_driver_sql(
                    "UPDATE visit SET status = ? WHERE id = ?", (status, visit.id.hex)
                )
        self.office.open_ticket()
        self.add_task()


@pytest.fixture
def desk(office: Office, page: Page) -> Iterator[Desk]:
    """A browser at the log-in page; at the end, nothing may have been logged as an error."""
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type == "error" else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    server = make_server("127.0.0.1", 0, office.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Desk(page, office, f"http://127.0.0.1:{server.server_port}")
    page.close()
    server.shutdown()
    thread.join()
    server.server_close()
    # A poll that the server refuses on purpose is logged by the browser and by htmx.
    refused = re.compile("Failed to load resource|Response Status Error Code 503")
    assert [text for text in complaints if not refused.search(text)] == []


@pytest.fixture
def office(request: pytest.FixtureRequest) -> Office:
    """On SQLite, unless a test asks for both kinds of database."""
    wanted = "any_office" if "any_office" in request.fixturenames else "sqlite_office"
    office: Office = request.getfixturevalue(wanted)
    return office


@pytest.fixture
def any_office(database_url: str) -> Iterator[Office]:
    """On each kind of database."""
    opened = Office.open(database_url)
    yield opened
    opened.database.dispose()


def test_a_visit_stored_meanwhile_appears_within_two_seconds_without_a_reload(
    any_office: Office, desk: Desk
) -> None:
    desk.sign_in()
    page = desk.page
    page.evaluate("window.notReloaded = true")
    expect(page.get_by_text("Nobody is booked for today.")).to_be_visible()
    visit = any_office.book("Ana Newcomer", TODAY_AT_ELEVEN)
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
    for _ in range(12):
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


def test_an_idle_board_shows_itself_out_and_says_why(desk: Desk) -> None:
    desk.office.book("Ana Private", TODAY_AT_ELEVEN)
    desk.sign_in()
    desk.office.clock.advance(minutes=15)
    expect(desk.page.get_by_text("after 15 minutes without activity")).to_be_visible()
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
    expect(desk.page.locator(".ticket:target")).to_contain_text(f"Ticket {number}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_object_to(desk: Desk, scheme: str) -> None:
    # Without animations, colours are what they stay: nothing is measured in mid-fade.
    desk.page.emulate_media(
        color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce"
    )
    page = desk.page

    def examine(what: str) -> None:
        found = Axe().run(page)
        assert found.violations_count == 0, f"{what}: {found.generate_report()}"

    page.goto(f"{desk.address}/frontdesk/login")
    examine("the log-in page")
    page.get_by_label("Login").fill("rosa")
    page.get_by_label("Password").fill("not this one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    examine("the log-in page after a mistake")
    desk.sign_in()
    examine("an empty board")
    desk.fill()
    expect(page.locator(".visit.arrived")).to_have_count(5)
    for width in (1440, 820, 390):
        page.set_viewport_size({"width": width, "height": 900})
        examine(f"a full board {width} pixels wide")
    page.goto(f"{desk.address}/frontdesk/nothing")
    examine("a problem page")


@pytest.mark.parametrize("width", [1440, 820, 390, 320])
def test_nothing_is_cut_off_or_scrolls_sideways(desk: Desk, width: int) -> None:
    desk.page.set_viewport_size({"width": width, "height": 900})
    desk.fill()
    desk.office.book(
        "Wolfeschlegelsteinhausenbergerdorff, Hubertus Maximilian",
        TODAY_AT_ELEVEN.replace(hour=17),
        born=date(1952, 10, 3),
    )
    desk.sign_in()
    spilling = desk.page.evaluate(
        """() => {
             const wide = document.documentElement.scrollWidth > innerWidth;
             const boxes = [...document.querySelectorAll(".visit > *, .ticket > *, .task > *")];
             const overlap = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
                                    && a.top < b.bottom - 1 && b.top < a.bottom - 1;
             const hits = [];
             for (const box of boxes) {
               const range = document.createRange();
               range.selectNodeContents(box);
               box.ink = [...range.getClientRects()].filter((r) => r.width > 1 && r.height > 1);
             }
             for (const a of boxes) for (const b of boxes)
               if (a !== b && a.parentNode === b.parentNode
                   && a.ink.some((x) => b.ink.some((y) => overlap(x, y))))
                 hits.push(a.className + " over " + b.className);
             return { wide, hits };
           }"""
    )
    assert spilling == {"wide": False, "hits": []}
