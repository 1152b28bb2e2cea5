"""Whether everybody can use the desk: axe, both themes, every width."""

from __future__ import annotations

from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.frontdesk.browser import Desk
from tests.frontdesk.office import TODAY_AT_ELEVEN
from tests.frontdesk.reception import Reception


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
    page.goto(f"{desk.address}/frontdesk/tickets/1")
    examine("the page of an urgent call")
    page.goto(f"{desk.address}/frontdesk/rota")
    examine("the rota's page")
    for path, what in _receptions_pages(desk):
        page.goto(f"{desk.address}/frontdesk/{path}")
        examine(what)
    page.goto(f"{desk.address}/frontdesk/day")
    page.locator("#grid tbody .visit a").first.click()
    expect(page.locator("#panel h1")).to_be_focused()
    examine("the day with a visit in the panel")
    page.locator("#find-text").fill("ana")
    page.locator("#found a.hit").first.wait_for()
    examine("the day with what a search found")
    page.goto(f"{desk.address}/frontdesk/nothing")
    examine("a problem page")


def _receptions_pages(desk: Desk) -> list[tuple[str, str]]:
    """Addresses of pages about a patient who has a pump, a visit and a twin; and what they are."""
    reception = Reception.open(desk.office)
    ana = reception.patient()
    twin = reception.patient("Ana Jimenez")
    reception.pump(ana)
    visit = reception.book(ana, TODAY_AT_ELEVEN.replace(hour=18), kind="refill").id
    return [
        ("day", "the day by provider"),
        ("week", "the week"),
        ("patients", "the search for patients"),
        ("patients/new", "the form for newcomers"),
        (f"patients/{ana}", "a patient's page"),
        (f"patients/{ana}/book", "free times to book"),
        (f"patients/{ana}/merge/{twin}", "two records side by side"),
        (f"visits/{visit}", "a visit's page"),
        (f"visits/{visit}/move", "free times to move to"),
    ]


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
