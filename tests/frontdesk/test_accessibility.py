"""Whether everybody can use the desk: axe, both themes, every width."""

from __future__ import annotations

from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.frontdesk.browser import Desk
from tests.frontdesk.office import TODAY_AT_ELEVEN


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
