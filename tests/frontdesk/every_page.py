"""Every page of the desk in one state worth looking at: for axe and for the screenshots.

A new page gets a line in PAGES.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.frontdesk import people
from tests.frontdesk.browser import Desk
from tests.frontdesk.office import PASSWORD

ADMINISTRATOR = "ada"


@dataclass(frozen=True)
class Shown:
    """A page, and what is done on it before it is looked at. name: of its picture's file."""

    name: str
    path: str
    then: Callable[[Page], object] = lambda page: None


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


def _lock(page: Page) -> None:
    page.locator("#lock-now button").click()
    expect(page.locator("#desk-lock-title")).to_be_visible()
    expect(page.locator("#desk-lock-urgent")).not_to_be_empty()


AT_THE_DOOR = (
    Shown("login", "/login"),
    Shown("login-refused", "/login", _wrong_password),
)
"""Before anybody has signed in."""

PAGES = (
    Shown("board", ""),
    Shown("ticket", "/tickets/1"),
    Shown("rota", "/rota"),
    Shown("account", "/account"),
    Shown("second-factor", "/account/second-factor"),
    Shown("people", "/users"),
    Shown("people-added", "/users", _add_somebody),
    Shown("audit", "/audit"),
    Shown("problem", "/nothing"),
    Shown("locked", "", _lock),
)
"""What a signed-in administrator sees. The last one locks the desk."""


def visit(desk: Desk, language: str) -> Iterator[Shown]:
    """Open one page after the other, on a day with a little of everything."""
    people.add(desk.office, ADMINISTRATOR, "admin")
    desk.fill()
    page = desk.page
    for shown in AT_THE_DOOR:
        page.goto(f"{desk.address}/frontdesk{shown.path}?language={language}")
        shown.then(page)
        yield shown
    page.goto(f"{desk.address}/frontdesk/login?language={language}")
    page.locator("#login").fill(ADMINISTRATOR)
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#clock")).not_to_be_empty()
    for shown in PAGES:
        page.goto(f"{desk.address}/frontdesk{shown.path}")
        shown.then(page)
        yield shown
