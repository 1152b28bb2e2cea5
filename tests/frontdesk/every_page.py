"""Every page of the desk in one state worth looking at: for axe and for the screenshots.

A new page gets a line in PAGES or, where it is about a patient, in _about_a_patient().
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import time, timedelta

from playwright.sync_api import Page, expect

from ivr.digest import daily
from ivr.oncall import rota
from ivr.oncall.rota_rules import Shift
from scheduling.hours import WeeklySession
from tests.frontdesk import people
from tests.frontdesk.browser import Desk, scripts_have_begun
from tests.frontdesk.lists import (
    TODAY,
    pump,
    refill_pumps,
    register,
    waits_in_line,
    yearly_check,
)
from tests.frontdesk.office import OURS, PASSWORD, TODAY_AT_ELEVEN, Office
from tests.frontdesk.reception import Reception
from tests.frontdesk.test_call_log import call
from tests.frontdesk.told import a_little_of_everything

ADMINISTRATOR = "ada"


@dataclass(frozen=True)
class Shown:
    """A page, and what is done on it before it is looked at. name: of its picture's file."""

    name: str
    path: str
    then: Callable[[Page], object] = lambda page: None

    def do(self, page: Page) -> None:
        """What is done, and the page that it leads to with all its styles."""
        self.then(page)
        # What is looked for may be there before the last stylesheet is.
        page.wait_for_load_state("load")


def _wrong_password(page: Page) -> None:
    page.locator("#login").fill("rosa")
    page.locator("#password").fill("not this one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()


def _add_somebody(page: Page) -> None:
    page.locator("#name").fill("Nina Sol")
    page.locator("#login").fill("nina")
    page.locator(".grid-form button").click()
    expect(page.locator("#fresh-password")).to_be_visible()


def _make_a_calendar(page: Page) -> None:
    page.locator("#provider").select_option("fura")
    page.locator(".settings-form button").click()
    expect(page.locator("#fresh-address")).to_be_visible()


def _open_a_visit(page: Page) -> None:
    page.locator("#grid tbody .visit a").first.click()
    expect(page.locator("#panel h1")).to_be_focused()


def _lift_a_visit(page: Page) -> None:
    page.locator("#grid tbody .visit[draggable] a").first.press("m")
    expect(page.locator("#carry")).not_to_be_empty()


def _find_ana(page: Page) -> None:
    page.locator("#find-text").fill("ana")
    page.locator("#found a.hit").first.wait_for()


def _lock(page: Page) -> None:
    page.locator("#lock-now button").click()
    expect(page.locator("#desk-lock-title")).to_be_visible()
    expect(page.locator("#desk-lock-urgent")).not_to_be_empty()


def _reassure(page: Page) -> None:
    page.locator("#text-en").fill("Do not worry. Please say it again.")
    page.locator("button.keep").click()
    expect(page.get_by_role("alert")).to_be_visible()


def _ask_for_sign_off(page: Page) -> None:
    page.locator("#text-en").fill("I am calling all of them at once. Please stay on the line.")
    page.locator("button.keep").click()
    expect(page.locator("#waiting-title")).to_be_visible()


AT_THE_DOOR = (
    Shown("login", "/login"),
    Shown("login-refused", "/login", _wrong_password),
)
"""Before anybody has signed in."""

PAGES = (
    Shown("board", ""),
    Shown("ticket", "/tickets/1"),
    Shown("day", "/day"),
    Shown("day-visit", "/day", _open_a_visit),
    Shown("day-search", "/day", _find_ana),
    Shown("rooms", "/day?by=room", _lift_a_visit),
    Shown("week", "/week"),
    Shown("patients", "/patients"),
    Shown("patient-new", "/patients/new"),
    Shown("recalls", "/recalls"),
    Shown("reminders", "/reminders"),
    Shown("digests", "/digests"),
    Shown("waitlist", "/waitlist"),
    Shown("messages", "/tasks"),
    Shown("plan-again", "/plan-again"),
    Shown("calls", "/calls"),
    Shown("rota", "/rota"),
    Shown("numbers", "/numbers"),
    Shown("export", "/export"),
    Shown("settings", "/settings"),
    Shown("closures", "/settings/closures"),
    Shown("hours", "/settings/hours/desk"),
    Shown("provider", "/settings/hours/provider-fura"),
    Shown("visit-type", "/settings/visit-types/refill"),
    Shown("wording", "/settings/wording"),
    Shown("prompt", "/settings/wording/not_understood"),
    Shown("prompt-refused", "/settings/wording/not_understood", _reassure),
    Shown("prompt-waiting", "/settings/wording/still_waiting", _ask_for_sign_off),
    Shown("sign-off", "/sign-off"),
    Shown("add-provider", "/settings/add?kind=provider"),
    Shown("telephones", "/settings/numbers"),
    Shown("shifts", "/rota/shifts"),
    Shown("calendars", "/settings/calendars", _make_a_calendar),
    Shown("account", "/account"),
    Shown("second-factor", "/account/second-factor"),
    Shown("people", "/users"),
    Shown("people-added", "/users", _add_somebody),
    Shown("audit", "/audit"),
    Shown("problem", "/nothing"),
)
"""What a signed-in administrator sees."""

LOCKED = Shown("locked", "", _lock)
"""What is left of it in the end."""


def _about_a_patient(office: Office) -> tuple[Shown, ...]:
    """Pages about somebody who has a pump, a visit and a twin."""
    reception = Reception.open(office)
    ana = reception.patient()
    twin = reception.patient("Ana Jimenez")
    reception.pump(ana)
    visit = reception.book(ana, TODAY_AT_ELEVEN.replace(hour=18), kind="refill").id
    return (
        Shown("patient", f"/patients/{ana}"),
        Shown("book", f"/patients/{ana}/book"),
        Shown("merge", f"/patients/{ana}/merge/{twin}"),
        Shown("visit", f"/visits/{visit}"),
        Shown("move", f"/visits/{visit}/move"),
    )


def _fill_the_lists(office: Office) -> None:
    refill_pumps(office)
    pump(office, register(office, "Bob Late"), -2)
    yearly_check(office, register(office, "Ann Lee"), TODAY + timedelta(days=10))
    waits_in_line(office, register(office, "Cat Waits", phone="+15125550144"))
    call(office, "main", "appointments", sid="CA-of-the-log")
    a_little_of_everything(office)
    all_week = [WeeklySession(day, time(7), time(7)) for day in range(7)]
    shifts = [Shift("primary", "ana", one) for one in all_week]
    office.database.write(lambda session: rota.load_shifts(session, OURS, shifts))


def visit(desk: Desk, language: str) -> Iterator[Shown]:
    """Open one page after the other, on a day with a little of everything."""
    people.add(desk.office, ADMINISTRATOR, "admin")
    desk.fill()
    _fill_the_lists(desk.office)
    about_a_patient = _about_a_patient(desk.office)
    daily.make(desk.office.database, OURS, desk.office.clock())
    page = desk.page
    for shown in AT_THE_DOOR:
        page.goto(f"{desk.address}/frontdesk{shown.path}?language={language}")
        shown.do(page)
        yield shown
    page.goto(f"{desk.address}/frontdesk/login?language={language}")
    page.locator("#login").fill(ADMINISTRATOR)
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    scripts_have_begun(page)
    for shown in (*about_a_patient, *PAGES, LOCKED):
        page.goto(f"{desk.address}/frontdesk{shown.path}")
        shown.do(page)
        yield shown
